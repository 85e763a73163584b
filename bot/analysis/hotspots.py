"""Hotspots: files that change often and are complex (A. Tornhill, "Your Code as a Crime Scene", 2015).

Only a change that makes a hotspot more complex is a remark.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.analysis.analyzer import Analyzer
from bot.analysis.functions.facts import FileFunctions, TextFacts
from bot.analysis.measured import share_of
from bot.analysis.production import is_production
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.history import FileHistory
from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, count

_LEAST_REVISIONS = 10
_LEAST_FIXES = 2
_LEAST_COMPLEXITY = 50
# The minimum growth: absolute, and as a share of the complexity before.
_GROWTH, _SHARE_OF_GROWTH = 10, 0.05
_MOST_REMARKS = 1


@dataclass(frozen=True, slots=True)
class Complexity:
    """The total complexity of a file's functions, before and after: cognitive if the engine has it, else CCN."""

    before: int
    after: int


def measure(file: FileChange, functions: FileFunctions) -> Complexity | None:
    """The complexity of one file; None without both ends, or if it is no production code."""
    if functions.before is None or functions.after is None or not is_production(file):
        return None
    return Complexity(_sum(functions.before), _sum(functions.after))


def _sum(text: TextFacts) -> int:
    return sum(one.ccn if one.cognitive is None else one.cognitive for one in text.functions)


def analyze(change: Change, measured: Mapping[str, Complexity]) -> list[Insight]:
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
    grown = [past.path for past, complexity in found if _grew(complexity)][:_MOST_REMARKS]
    return [_insight(files[past.path], past, complexity, shown=past.path in grown) for past, complexity in found]


def _is_hotspot(past: FileHistory, complexity: Complexity, hottest: int) -> bool:
    return (
        past.revisions_year >= max(_LEAST_REVISIONS, hottest)
        and len(past.fixes_year) >= _LEAST_FIXES
        and complexity.before >= _LEAST_COMPLEXITY
    )


def _grew(complexity: Complexity) -> bool:
    return complexity.after - complexity.before >= max(_GROWTH, complexity.before * _SHARE_OF_GROWTH)


def _course(complexity: Complexity) -> str:
    if complexity.after == complexity.before:
        return ""
    return f"; the complexity of its functions goes from {complexity.before} to {complexity.after}"


def _insight(file: FileChange, past: FileHistory, complexity: Complexity, *, shown: bool) -> Insight:
    trend = past.revisions_year - past.revisions_year_before
    line = file.hunks[0].new_start if file.hunks else 1
    return Insight(
        type=InsightType.HOTSPOT,
        rule="hotspots/grew" if shown else "hotspots/touched",
        title=f"{code(past.path)} is a hotspot and becomes more complex"
        if shown
        else f"{code(past.path)} is a hotspot",
        description=f"It was changed {count(past.revisions_year, 'time')} in the last year, {len(past.fixes_year)} of "
        f"them fixes{_course(complexity)}.",
        remedy="Consider putting the new code into a file of its own." if shown else "",
        severity=Severity.LOW,
        confidence=share_of("hotspots/grew", "counted; that hotspots attract faults is a tendency"),
        standing=Standing.REMARK if shown else Standing.NOTE,
        evidence={
            "revisions_year": past.revisions_year,
            "revisions_year_before": past.revisions_year_before,
            "trend": "rising" if trend > 0 else "falling" if trend < 0 else "steady",
            "churn_year": past.added_year + past.deleted_year if past.lines else None,
            "fixes_year": [fix.sha for fix in past.fixes_year[:10]],
            "complexity_before": complexity.before,
            "complexity_after": complexity.after,
        },
        locations=(Location(past.path, max(1, line), max(1, line)),),
        fingerprint=fingerprint("hotspots", past.path),
    )


ANALYZER = Analyzer(name="hotspots", measure_functions=measure, analyze=analyze)
