"""Hotspots: files that change often and are complex (A. Tornhill, "Your Code as a Crime Scene", 2015).

Only a change that makes a hotspot more complex is a remark, and only by new functions or classes that could stand in a
file of their own. Growth inside of functions is for `complexity` to tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.analysis.analyzer import Analyzer
from bot.analysis.functions.facts import FileFunctions, TextFacts
from bot.analysis.measured import share_of
from bot.analysis.production import is_production
from bot.analysis.weightiest import changed_code
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
# What `complexity` remarks on.
_OF_FUNCTIONS = frozenset({"complexity/function-grew", "complexity/new-function"})
_GREW, _TOUCHED = "hotspots/grew", "hotspots/touched"


@dataclass(frozen=True, slots=True)
class Complexity:
    """The total complexity of a file's functions, before and after: cognitive if the engine has it, else CCN.

    new: the lines of the largest function that is new and could stand in another file, where most of the added lines of
    code are in such functions.
    """

    before: int
    after: int
    new: tuple[int, int] | None = None


def measure(file: FileChange, functions: FileFunctions) -> Complexity | None:
    """The complexity of one file; None without both ends, or if it is no production code."""
    if functions.before is None or functions.after is None or not is_production(file):
        return None
    return Complexity(_sum(functions.before), _sum(functions.after), _movable(file, functions.before, functions.after))


def _movable(file: FileChange, before: TextFacts, after: TextFacts) -> tuple[int, int] | None:
    """Return the largest new function outside of existing functions and classes, if most added code is in such ones."""
    known = {one.name.partition(".")[0] for one in before.functions}
    new = [one for one in after.functions if one.name.partition(".")[0] not in known and "<" not in one.name]
    added = [number for hunk in changed_code(file) for number in hunk]
    inside = {number for one in new for number in range(one.start_line, one.end_line + 1)}
    if not new or 2 * sum(number in inside for number in added) <= len(added):
        return None
    largest = max(new, key=lambda one: (one.end_line - one.start_line, -one.start_line))
    return largest.start_line, largest.end_line


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
    grown = [past.path for past, complexity in found if _grew(complexity) and complexity.new][:_MOST_REMARKS]
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
    line = max(1, file.hunks[0].new_start) if file.hunks else 1
    start, end = complexity.new if shown and complexity.new else (line, line)
    return Insight(
        type=InsightType.HOTSPOT,
        rule=_GREW if shown else _TOUCHED,
        title=f"{code(past.path)} is a hotspot and becomes more complex"
        if shown
        else f"{code(past.path)} is a hotspot",
        description=f"It was changed {count(past.revisions_year, 'time')} in the last year, {len(past.fixes_year)} of "
        f"them fixes{_course(complexity)}.",
        remedy="Most of the new code is new functions: consider a file of their own." if shown else "",
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
        locations=(Location(past.path, start, end),),
        fingerprint=fingerprint("hotspots", past.path),
    )


def without_repeated(insights: Iterable[Insight]) -> list[Insight]:
    """Return the insights, with a note in place of a remark on a file on whose functions there is a remark already."""
    found = list(insights)
    told = {
        place.path
        for one in found
        if one.rule in _OF_FUNCTIONS and one.standing is Standing.REMARK
        for place in one.locations
    }
    return [_as_note(one) if one.rule == _GREW and one.locations[0].path in told else one for one in found]


def _as_note(insight: Insight) -> Insight:
    title = f"{code(insight.locations[0].path)} is a hotspot"
    return replace(insight, rule=_TOUCHED, title=title, remedy="", standing=Standing.NOTE)


ANALYZER = Analyzer(name="hotspots", measure_functions=measure, analyze=analyze)
