"""Hotspots: files that change often and are complex (A. Tornhill, "Your Code as a Crime Scene", 2015).

A file that is one is no remark; a change that makes one more complex is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.functions.facts import FileFunctions, TextFacts
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.history import FileHistory
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, count

_LEAST_REVISIONS = 10
_LEAST_FIXES = 2
_LEAST_COMPLEXITY = 50
# What the change adds, absolutely and of what was there.
_GROWTH, _SHARE_OF_GROWTH = 10, 0.05
_MOST_REMARKS = 1


@dataclass(frozen=True, slots=True)
class Weight:
    """The complexity of all functions of a file, before and after: cognitive where the engine tells, else CCN."""

    before: int
    after: int


def measure(file: FileChange, functions: FileFunctions) -> Weight | None:
    """One file's weight; None where there is nothing to compare."""
    if functions.before is None or functions.after is None or not paths.is_production(file.path):
        return None
    return Weight(_sum(functions.before), _sum(functions.after))


def _sum(text: TextFacts) -> int:
    return sum(one.ccn if one.cognitive is None else one.cognitive for one in text.functions)


def analyze(change: Change, measured: Mapping[str, Weight]) -> list[Insight]:
    """At most one remark, on the hotspot that grew most; notes on the others."""
    if change.history is None:
        return []
    files = {file.path: file for file in change.files}
    found = [
        (past, measured[past.path])
        for past in change.history.files
        if past.path in measured and _is_hotspot(past, measured[past.path], change.history.hottest)
    ]
    found.sort(key=lambda one: (one[1].before - one[1].after, one[0].path))
    grown = [past.path for past, weight in found if _grew(weight)][:_MOST_REMARKS]
    return [_insight(files[past.path], past, weight, shown=past.path in grown) for past, weight in found]


def _is_hotspot(past: FileHistory, weight: Weight, hottest: int) -> bool:
    return (
        past.revisions_year >= max(_LEAST_REVISIONS, hottest)
        and len(past.fixes_year) >= _LEAST_FIXES
        and weight.before >= _LEAST_COMPLEXITY
    )


def _grew(weight: Weight) -> bool:
    return weight.after - weight.before >= max(_GROWTH, weight.before * _SHARE_OF_GROWTH)


def _insight(file: FileChange, past: FileHistory, weight: Weight, *, shown: bool) -> Insight:
    trend = past.revisions_year - past.revisions_year_before
    line = file.hunks[0].new_start if file.hunks else 1
    return Insight(
        type=InsightType.HOTSPOT,
        rule="hotspots/grew" if shown else "hotspots/touched",
        title=f"{code(past.path)} is a hotspot and becomes more complex"
        if shown
        else f"{code(past.path)} is a hotspot",
        description=f"It was changed {count(past.revisions_year, 'time')} in the last year, {len(past.fixes_year)} of "
        f"them fixes; the complexity of its functions goes from {weight.before} to {weight.after}.",
        remedy="Consider putting the new code into a file of its own." if shown else "",
        severity=Severity.LOW,
        confidence=Confidence(0.8, "counted; that hotspots attract faults is a tendency"),
        standing=Standing.REMARK if shown else Standing.NOTE,
        evidence={
            "revisions_year": past.revisions_year,
            "revisions_year_before": past.revisions_year_before,
            "trend": "rising" if trend > 0 else "falling" if trend < 0 else "steady",
            "churn_year": past.added_year + past.deleted_year if past.lines else None,
            "fixes_year": [fix.sha for fix in past.fixes_year[:10]],
            "complexity_before": weight.before,
            "complexity_after": weight.after,
        },
        locations=(Location(past.path, max(1, line), max(1, line)),),
        fingerprint=fingerprint("hotspots", past.path),
    )


ANALYZER = Analyzer(name="hotspots", measure_functions=measure, analyze=analyze)
