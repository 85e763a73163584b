"""Collisions: other open pull requests that change the same functions, or companions of files changed here.

C. Maddila et al., "ConE: A Concurrent Edit Detection Tool for Large Scale Software Development", ACM TOSEM 31(2),
2021: 554 of its 775 notices were found useful. It is about functions, never about people. The other one is called
"pull request 12", never with a number sign: a comment that contained it would appear in that one's conversation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.coupling import LEAST_LIFT, MIN_TOGETHER, USUAL
from bot.analysis.functions.facts import FileFunctions, FunctionFacts
from bot.analysis.statistics import lower_bound
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.history import Companion
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.domain.open_pulls import OpenPull, TouchedFunction
from bot.text import code, count, plain

# Whoever changes more files than this meets everybody, and says nothing to anybody.
MASS = 50
# In a longer function two changes can be far apart.
_LONG = 200
_MOST_REMARKS = 2
_MOST_INSIGHTS = 6
_NAMES_SHOWN = 3

Functions = tuple[TouchedFunction, ...]


@dataclass(frozen=True, slots=True)
class _Nearby:
    """A file of another pull request, and the file changed here that it usually changes along with."""

    path: str
    companion: Companion
    bound: float


def measure(file: FileChange, functions: FileFunctions) -> Functions | None:
    """The functions of one file that were there before and that its hunks touch; None for a new file."""
    if functions.before is None:
        return None
    after = {one.name: one for one in functions.after.functions} if functions.after else {}
    found: dict[str, TouchedFunction] = {}
    for function in _inside(file, functions.before.functions):
        name = plain(function.name, 240)
        head = after.get(function.name)
        start, end = (head.start_line, head.end_line) if head else (0, 0)
        found.setdefault(name, TouchedFunction(file.old_path or file.path, name, start, end))
    return tuple(found.values())


def _inside(file: FileChange, functions: Sequence[FunctionFacts]) -> list[FunctionFacts]:
    """Those with a name in which a line was changed, the innermost only, in their order at the merge base."""
    last = max((one.end_line for one in functions), default=0)
    innermost: list[FunctionFacts | None] = [None] * (last + 2)
    for one in sorted(functions, key=lambda one: (one.start_line, -one.end_line)):
        if "<" not in one.name:  # without a name nothing tells that it is the same one
            innermost[one.start_line : one.end_line + 1] = [one] * (one.end_line + 1 - one.start_line)
    touched: dict[int, FunctionFacts] = {}
    for hunk in file.hunks:
        lines = innermost[hunk.old_start : hunk.old_start + hunk.old_count]
        if hunk.old_count == 0:  # new lines between two old ones: inside, where both belong to one function
            around = innermost[hunk.old_start : hunk.old_start + 2]
            lines = around[:1] if len(around) == 2 and around[0] is around[1] else []
        touched |= {id(one): one for one in lines if one is not None}
    return sorted(touched.values(), key=lambda one: one.start_line)


def analyze(change: Change, measured: Mapping[str, Functions]) -> list[Insight]:
    """One insight per other pull request, those with most functions in common first; remarks on two at most."""
    if not change.open_pulls or len(change.files) > MASS:
        return []
    own = {(one.path, one.name): one for functions in measured.values() for one in functions}
    met = []
    for other in change.open_pulls:
        shared = [own[key] for one in other.touched.functions if (key := (one.path, one.name)) in own]
        if shared and len(other.touched.files) <= MASS:
            met.append((other, sorted(shared, key=lambda one: (not _matters(one), one.path, one.start_line))))
    met.sort(key=lambda one: (-sum(map(_matters, one[1])), -len(one[1]), -one[0].number))
    insights = [_same_function(change, *one, shown=n < _MOST_REMARKS) for n, one in enumerate(met)]
    said = {other.number for other, _ in met}
    for other in change.open_pulls:
        nearby = _nearby(change, other) if other.number not in said else None
        if nearby:
            insights.append(_companion(other, nearby))
    return insights[:_MOST_INSIGHTS]


def _matters(function: TouchedFunction) -> bool:
    return paths.is_production(function.path) and function.end_line - function.start_line < _LONG


def _same_function(
    change: Change, other: OpenPull, shared: Functions | list[TouchedFunction], *, shown: bool
) -> Insight:
    first, more = shared[0], len(shared) - 1
    here = {file.old_path or file.path: file.path for file in change.files}
    names = ", ".join(f"{code(one.name)} in {code(one.path)}" for one in shared[:_NAMES_SHOWN])
    rest = f" and {more + 1 - _NAMES_SHOWN} more" if more >= _NAMES_SHOWN else ""
    others = f" and {count(more, 'other function')}" if more else ""
    return Insight(
        type=InsightType.COLLISION,
        rule="collision/same-function",
        title=f"Open pull request {other.number} also changes {code(first.name)}{others}",
        description=f"Both change {names}{rest}.",
        remedy="Look at that pull request before you merge: the one that is merged second must fit the first.",
        severity=Severity.LOW,
        confidence=Confidence(0.7, "both change it; whether the changes conflict is not known"),
        standing=Standing.REMARK if shown and _matters(first) else Standing.NOTE,
        evidence={
            "pull_request": other.number,
            "head_sha": other.head_sha,
            "functions": [{"path": one.path, "name": one.name} for one in shared[:20]],
        },
        locations=tuple(
            Location(here.get(one.path, one.path), one.start_line, one.end_line)
            for one in shared[:_NAMES_SHOWN]
            if one.start_line
        ),
        fingerprint=fingerprint("collision/same-function", str(other.number)),
    )


def _nearby(change: Change, other: OpenPull) -> _Nearby | None:
    """The strongest tie between production code changed here and a companion of it that only the other one changes."""
    if change.history is None or len(other.touched.files) > MASS:
        return None
    here = {path for file in change.files for path in (file.path, file.old_path)}
    theirs = {path for path in other.touched.files if path not in here and paths.is_production(path)}
    found = [
        _Nearby(past.path, companion, bound)
        for past in change.history.files
        if paths.is_production(past.path)
        for companion in past.companions
        if companion.path in theirs and companion.together >= MIN_TOGETHER and companion.lift >= LEAST_LIFT
        if (bound := lower_bound(companion.together, companion.changes)) >= USUAL
    ]
    return max(found, key=lambda one: one.bound, default=None)


def _companion(other: OpenPull, nearby: _Nearby) -> Insight:
    companion = nearby.companion
    return Insight(
        type=InsightType.COLLISION,
        rule="collision/companion",
        title=f"Open pull request {other.number} changes {code(companion.path)}, "
        f"which usually changes together with {code(nearby.path)}",
        description=f"{companion.together} of {companion.changes} past changes of {code(nearby.path)} changed it too.",
        severity=Severity.INFO,
        confidence=Confidence(round(nearby.bound, 2), f"lower bound of {companion.together} in {companion.changes}"),
        standing=Standing.NOTE,
        evidence={
            "pull_request": other.number,
            "head_sha": other.head_sha,
            "path": nearby.path,
            "companion": companion.path,
            "together": companion.together,
            "revisions": companion.changes,
        },
        fingerprint=fingerprint("collision/companion", str(other.number), companion.path),
    )


ANALYZER = Analyzer(name="collision", measure_functions=measure, analyze=analyze)
