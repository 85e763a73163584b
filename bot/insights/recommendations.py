"""Which files to look at first: those that several snapshots point at. Pure."""

from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.domain.snapshots import Coupling, Hotspots, Ownership
from bot.text import code

_MOST = 5
_HOTTEST = 30


def recommendations(hotspots: Hotspots | None, ownership: Ownership | None, coupling: Coupling | None) -> list[Insight]:
    """Files with at least two reasons to look at them, those with most reasons first."""
    reasons: dict[str, list[str]] = {}
    for file in hotspots.files[:_HOTTEST] if hotspots else ():
        if file.score >= 0.3:
            reasons.setdefault(file.path, []).append(f"it changed {file.revisions:,} times within a year")
        if file.fixes >= 5:
            reasons.setdefault(file.path, []).append(f"{file.fixes:,} of these were fixes")
    for owned in ownership.files if ownership else ():
        if owned.inactive_share >= 0.5 and owned.lines >= 50:
            share = f"{owned.inactive_share:.0%} of its lines are by people who are no longer active"
            reasons.setdefault(owned.path, []).append(share)
    for pair in coupling.pairs if coupling else ():
        if pair.confidence >= 0.7:
            for path, other in ((pair.one, pair.other), (pair.other, pair.one)):
                if path in reasons:
                    reasons[path].append(f"it changes together with {code(other)}")
    ranked = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_recommendation(path, found) for path, found in ranked if len(found) >= 2][:_MOST]


def _recommendation(path: str, reasons: list[str]) -> Insight:
    shown = reasons[:4]
    sentence = "; ".join(shown)
    return Insight(
        type=InsightType.RECOMMENDATION,
        rule="repository/look-first",
        title=f"Look at {code(path)} first",
        description=f"{sentence[:1].upper()}{sentence[1:]}.",
        remedy="Improve its tests and its structure before those of other files.",
        severity=Severity.MEDIUM if len(reasons) >= 3 else Severity.LOW,
        confidence=Confidence(0.7, "several independent counts agree"),
        evidence={"reasons": shown},
        locations=(Location(path, 1, 1),),
        tags=("history",),
        fingerprint=fingerprint("repository/look-first", path),
    )
