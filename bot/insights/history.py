"""Insights on a whole repository, from the snapshots of its history. Pure.

Hotspots after Adam Tornhill ("Your Code as a Crime Scene": often changed and complex); the bus factor and owners by
docs/history.md. The evidence has every number. Nothing here ranks people.
"""

from dataclasses import asdict

from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.domain.snapshots import CoupledPair, Coupling, HotspotFile, Hotspots, OwnedFile, Ownership
from bot.text import code, count

_MOST = 10
_LEAST_REVISIONS = 10
_STRONG = 0.7
_OBSERVED = Confidence(0.9, "counted in the repository's own history")


def hotspot_insights(hotspots: Hotspots) -> list[Insight]:
    """Files that changed most and are most complex, the hottest first."""
    files = [file for file in hotspots.files if file.revisions >= _LEAST_REVISIONS and file.score > 0]
    return [_hotspot(file, hotspots.changes) for file in files[:_MOST]]


def _hotspot(file: HotspotFile, changes: int) -> Insight:
    fixes = file.fixes
    return Insight(
        type=InsightType.HOTSPOT,
        rule="repository/hotspot",
        title=f"{code(file.path)} is a hotspot: {count(file.revisions, 'change')} in a year",
        description=f"It changed {file.revisions:,} times within a year ({file.revisions_year_before:,} in the "
        f"year before), {count(fixes, 'fix') if fixes == 1 else f'{fixes:,} fixes'} among them, and is among the most "
        "complex of the files that change often.",
        remedy="Find the part that keeps changing, and give it a file and tests of its own.",
        severity=Severity.MEDIUM if fixes >= 5 and file.score >= 0.5 else Severity.LOW,
        confidence=_OBSERVED,
        evidence={**asdict(file), "changes": changes},
        locations=(Location(file.path, 1, 1),),
        tags=("history",),
        fingerprint=fingerprint("repository/hotspot", file.path),
    )


def ownership_insights(ownership: Ownership) -> list[Insight]:
    """Code that few people know, or whose authors are no longer active."""
    found = []
    factor = ownership.bus_factor
    if factor is not None and factor <= 2 and ownership.active_authors > factor:
        found.append(_bus_factor(factor, ownership))
    orphans = [file for file in ownership.files if file.inactive_share >= 0.75 and file.lines >= 50]
    return found + [_orphan(file, ownership.inactive_after_days) for file in orphans[:_MOST]]


def _bus_factor(factor: int, ownership: Ownership) -> Insight:
    people = "one person" if factor == 1 else f"{factor} people"
    return Insight(
        type=InsightType.OWNERSHIP,
        rule="repository/bus-factor",
        title=f"More than half of the code is known by {people}",
        description=f"The bus factor is {factor}, of {count(ownership.active_authors, 'active author')}: without "
        f"{'that person' if factor == 1 else 'them'} nobody knows more than half of the files well.",
        remedy="Let others review and change what only they know.",
        severity=Severity.MEDIUM if factor == 1 else Severity.LOW,
        confidence=Confidence(0.7, "by degree of authorship, which sees commits and not conversations"),
        evidence={"bus_factor": factor, "authors": ownership.authors, "active_authors": ownership.active_authors},
        tags=("history",),
        fingerprint=fingerprint("repository/bus-factor"),
    )


def _orphan(file: OwnedFile, inactive_after_days: int) -> Insight:
    return Insight(
        type=InsightType.OWNERSHIP,
        rule="repository/authors-gone",
        title=f"Most lines of {code(file.path)} are by people who are no longer active",
        description=f"{file.inactive_share:.0%} of its lines are by people who took no part here in the last "
        f"{inactive_after_days} days, and it changes often.",
        remedy="Before the next change, plan time to read it, and document what you learn.",
        severity=Severity.LOW,
        confidence=_OBSERVED,
        evidence=asdict(file),
        locations=(Location(file.path, 1, 1),),
        tags=("history",),
        fingerprint=fingerprint("repository/authors-gone", file.path),
    )


def coupling_insights(coupling: Coupling) -> list[Insight]:
    """Pairs that nearly always change together."""
    pairs = [pair for pair in coupling.pairs if pair.confidence >= _STRONG and pair.together >= 5]
    return [_pair(pair) for pair in pairs[:_MOST]]


def _pair(pair: CoupledPair) -> Insight:
    one, other = code(pair.one), code(pair.other)
    return Insight(
        type=InsightType.COUPLING,
        rule="repository/coupling",
        title=f"{one} and {other} change together",
        description=f"{other} changed in {pair.together:,} of the {pair.changes:,} changes of {one} "
        f"({pair.confidence:.0%}), {pair.lift:.0f} times more often than by chance.",
        remedy="If one depends on details of the other, move these to one place.",
        severity=Severity.INFO,
        confidence=_OBSERVED,
        evidence=asdict(pair),
        locations=(Location(pair.one, 1, 1), Location(pair.other, 1, 1)),
        tags=("history",),
        fingerprint=fingerprint("repository/coupling", pair.one, pair.other),
    )
