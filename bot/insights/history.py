"""What the stored history of a whole repository is worth saying: from snapshots to insights. Pure.

Hotspots after Adam Tornhill ("Your Code as a Crime Scene": often changed and complex); the bus factor and owners by
docs/history.md. Every number stands in the evidence. Nothing here ranks people.
"""

from collections.abc import Mapping
from typing import Any

from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.text import code, count

Content = Mapping[str, Any]
_MOST = 10
_LEAST_REVISIONS = 10
_STRONG = 0.7
_OBSERVED = Confidence(0.9, "counted in the repository's own history")


def hotspots(content: Content) -> list[Insight]:
    """Files that changed most and are most complex, the hottest first."""
    files = [file for file in content.get("files", []) if file["revisions"] >= _LEAST_REVISIONS and file["score"] > 0]
    return [_hotspot(file, content) for file in files[:_MOST]]


def _hotspot(file: Content, content: Content) -> Insight:
    fixes = int(file["fixes"])
    return Insight(
        type=InsightType.HOTSPOT,
        rule="repository/hotspot",
        title=f"{code(file['path'])} is a hotspot: {count(file['revisions'], 'change')} in a year",
        description=f"It changed {file['revisions']:,} times within a year ({file['revisions_year_before']:,} in the "
        f"year before), {count(fixes, 'fix') if fixes == 1 else f'{fixes:,} fixes'} among them, and is among the most "
        "complex of the files that change often.",
        remedy="Look at what keeps changing in it: that part wants a place, and tests, of its own.",
        severity=Severity.MEDIUM if fixes >= 5 and file["score"] >= 0.5 else Severity.LOW,
        confidence=_OBSERVED,
        evidence={**file, "changes": content.get("changes")},
        locations=(Location(file["path"], 1, 1),),
        tags=("history",),
        fingerprint=fingerprint("repository/hotspot", file["path"]),
    )


def ownership(content: Content) -> list[Insight]:
    """Code that few people know, or whose authors are gone."""
    found = []
    factor, authors = content.get("bus_factor"), content.get("active_authors", 0)
    if factor is not None and factor <= 2 and authors > factor:
        found.append(_bus_factor(factor, content))
    orphans = [file for file in content.get("files", []) if file["inactive_share"] >= 0.75 and file["lines"] >= 50]
    return found + [_orphan(file, content) for file in orphans[:_MOST]]


def _bus_factor(factor: int, content: Content) -> Insight:
    people = "one person" if factor == 1 else f"{factor} people"
    return Insight(
        type=InsightType.OWNERSHIP,
        rule="repository/bus-factor",
        title=f"More than half of the code is known by {people}",
        description=f"The bus factor is {factor}, of {count(content['active_authors'], 'active author')}: without "
        f"{'that person' if factor == 1 else 'them'} nobody knows more than half of the files well.",
        remedy="Let others review and change what only they know.",
        severity=Severity.MEDIUM if factor == 1 else Severity.LOW,
        confidence=Confidence(0.7, "by degree of authorship, which sees commits and not conversations"),
        evidence={name: content.get(name) for name in ("bus_factor", "authors", "active_authors")},
        tags=("history",),
        fingerprint=fingerprint("repository/bus-factor"),
    )


def _orphan(file: Content, content: Content) -> Insight:
    return Insight(
        type=InsightType.OWNERSHIP,
        rule="repository/authors-gone",
        title=f"Most lines of {code(file['path'])} are by people who are gone",
        description=f"{file['inactive_share']:.0%} of its lines are by people without a change anywhere in the last "
        f"{content.get('inactive_after_days')} days, and it changes often.",
        remedy="Whoever changes it next should plan time to read it, and write down what was learned.",
        severity=Severity.LOW,
        confidence=_OBSERVED,
        evidence=dict(file),
        locations=(Location(file["path"], 1, 1),),
        tags=("history",),
        fingerprint=fingerprint("repository/authors-gone", file["path"]),
    )


def coupling(content: Content) -> list[Insight]:
    """Pairs that nearly always change together."""
    pairs = [pair for pair in content.get("pairs", []) if pair["confidence"] >= _STRONG and pair["together"] >= 5]
    return [_pair(pair) for pair in pairs[:_MOST]]


def _pair(pair: Content) -> Insight:
    one, other = code(pair["one"]), code(pair["other"])
    return Insight(
        type=InsightType.COUPLING,
        rule="repository/coupling",
        title=f"{one} and {other} change together",
        description=f"{other} changed in {pair['together']:,} of the {pair['changes']:,} changes of {one} "
        f"({pair['confidence']:.0%}), {pair['lift']:.0f} times more often than by chance.",
        remedy="If one knows something of the other that it should not, move that to one place.",
        severity=Severity.INFO,
        confidence=_OBSERVED,
        evidence=dict(pair),
        locations=(Location(pair["one"], 1, 1), Location(pair["other"], 1, 1)),
        tags=("history",),
        fingerprint=fingerprint("repository/coupling", pair["one"], pair["other"]),
    )


def trends(content: Content) -> list[Insight]:
    """Files that change much more, or much less, than in the year before."""
    found = []
    for file in content.get("files", []):
        now, before = int(file["revisions"]), int(file["revisions_year_before"])
        if now >= _LEAST_REVISIONS and before >= 5 and now >= 2 * before:
            found.append((now - before, _trend(file, now, before)))
    return [insight for _, insight in sorted(found, key=lambda item: -item[0])[:_MOST]]


def _trend(file: Content, now: int, before: int) -> Insight:
    return Insight(
        type=InsightType.TREND,
        rule="repository/changes-more",
        title=f"{code(file['path'])} changes {now / before:.1f} times as often as a year ago",
        description=f"{now:,} changes within a year, {before:,} in the year before.",
        remedy="If that is new work, it settles; if it is repair, find what it keeps repairing.",
        severity=Severity.INFO,
        confidence=_OBSERVED,
        evidence=dict(file),
        locations=(Location(file["path"], 1, 1),),
        tags=("history",),
        fingerprint=fingerprint("repository/changes-more", file["path"]),
    )


def of_history(snapshots: Mapping[str, Content]) -> list[Insight]:
    """Everything that the snapshots are worth; by their kind, those that are there."""
    return [
        *hotspots(snapshots.get("hotspots", {})),
        *ownership(snapshots.get("ownership", {})),
        *coupling(snapshots.get("coupling", {})),
        *trends(snapshots.get("hotspots", {})),
    ]
