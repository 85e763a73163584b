"""Collisions: other open pull requests that change the same functions, or companions of files changed here.

C. Maddila et al., "ConE: A Concurrent Edit Detection Tool for Large Scale Software Development", ACM TOSEM 31(2),
2021: 554 of its 775 notices were found useful. It is about functions, never about people. The other pull
request is written "pull request 12", not "#12": GitHub would add a reference to its conversation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.coupling import LEAST_LIFT, LEAST_SHARE, MIN_TOGETHER
from bot.analysis.functions.facts import FileFunctions, FunctionFacts
from bot.analysis.measured import share_of
from bot.analysis.statistics import lower_bound
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.history import Companion
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.domain.open_pulls import OpenPull, TouchedFunction
from bot.text import code, count, plain

# A change with more files than this collides with most others, which is no useful information.
MAX_FILES = 50
# In a longer function two changes can be far apart.
_LONG = 200
_MOST_REMARKS = 2
_MOST_INSIGHTS = 6
_NAMES_SHOWN = 3

Functions = tuple[TouchedFunction, ...]


@dataclass(frozen=True, slots=True)
class _CompanionMatch:
    """A file of another pull request that is a companion of a file changed here.

    path: the file changed here.
    bound: the lower bound of how often the companion changes too.
    """

    path: str
    companion: Companion
    bound: float


def measure(file: FileChange, functions: FileFunctions) -> Functions | None:
    """The functions of the base that the hunks of a file touch; None for a new file."""
    if functions.before is None:
        return None
    after = {one.name: one for one in functions.after.functions} if functions.after else {}
    found: dict[str, TouchedFunction] = {}
    for function in _touched_functions(file, functions.before.functions):
        name = plain(function.name, 240)
        head = after.get(function.name)
        start, end = (head.start_line, head.end_line) if head else (0, 0)
        found.setdefault(name, TouchedFunction(file.old_path or file.path, name, start, end))
    return tuple(found.values())


def _touched_functions(file: FileChange, functions: Sequence[FunctionFacts]) -> list[FunctionFacts]:
    """The named functions with a changed line, innermost only, in the order of the merge base."""
    last = max((one.end_line for one in functions), default=0)
    innermost: list[FunctionFacts | None] = [None] * (last + 2)
    for one in sorted(functions, key=lambda one: (one.start_line, -one.end_line)):
        if "<" not in one.name:  # an anonymous function cannot be identified in both texts
            innermost[one.start_line : one.end_line + 1] = [one] * (one.end_line + 1 - one.start_line)
    touched: dict[int, FunctionFacts] = {}
    for hunk in file.hunks:
        lines = innermost[hunk.old_start : hunk.old_start + hunk.old_count]
        if hunk.old_count == 0:  # an insertion is inside a function if the lines before and after it are
            around = innermost[hunk.old_start : hunk.old_start + 2]
            lines = around[:1] if len(around) == 2 and around[0] is around[1] else []
        touched |= {id(one): one for one in lines if one is not None}
    return sorted(touched.values(), key=lambda one: one.start_line)


def analyze(change: Change, measured: Mapping[str, Functions]) -> list[Insight]:
    """One insight per other pull request, those with most functions in common first; remarks on two at most."""
    if not change.open_pulls or len(change.files) > MAX_FILES:
        return []
    own = {(one.path, one.name): one for functions in measured.values() for one in functions}
    collisions = []
    for other in change.open_pulls:
        shared = [own[key] for one in other.touched.functions if (key := (one.path, one.name)) in own]
        if shared and len(other.touched.files) <= MAX_FILES:
            collisions.append(
                (other, sorted(shared, key=lambda one: (not _is_relevant(one), one.path, one.start_line)))
            )
    collisions.sort(key=lambda one: (-sum(map(_is_relevant, one[1])), -len(one[1]), -one[0].number))
    insights = [_same_function_insight(change, *one, shown=n < _MOST_REMARKS) for n, one in enumerate(collisions)]
    reported = {other.number for other, _ in collisions}
    for other in change.open_pulls:
        match = _strongest_companion(change, other) if other.number not in reported else None
        if match:
            insights.append(_companion_insight(other, match))
    return insights[:_MOST_INSIGHTS]


def _is_relevant(function: TouchedFunction) -> bool:
    return paths.is_production(function.path) and function.end_line - function.start_line < _LONG


def _same_function_insight(
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
        confidence=share_of("collision/same-function", "both change it; whether the changes conflict is not known"),
        standing=Standing.REMARK if shown and _is_relevant(first) else Standing.NOTE,
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


def _strongest_companion(change: Change, other: OpenPull) -> _CompanionMatch | None:
    """The strongest coupling between a file changed here and a companion that only the other pull request changes."""
    if change.history is None or len(other.touched.files) > MAX_FILES:
        return None
    here = {path for file in change.files for path in (file.path, file.old_path)}
    theirs = {path for path in other.touched.files if path not in here and paths.is_production(path)}
    found = [
        _CompanionMatch(past.path, companion, bound)
        for past in change.history.files
        if paths.is_production(past.path)
        for companion in past.companions
        if companion.path in theirs and companion.together >= MIN_TOGETHER and companion.lift >= LEAST_LIFT
        if (bound := lower_bound(companion.together, companion.changes)) >= LEAST_SHARE
    ]
    return max(found, key=lambda one: one.bound, default=None)


def _companion_insight(other: OpenPull, match: _CompanionMatch) -> Insight:
    companion = match.companion
    return Insight(
        type=InsightType.COLLISION,
        rule="collision/companion",
        title=f"Open pull request {other.number} changes {code(companion.path)}, "
        f"which usually changes together with {code(match.path)}",
        description=f"{companion.together} of {companion.changes} past changes of {code(match.path)} changed it too.",
        severity=Severity.INFO,
        confidence=Confidence(round(match.bound, 2), f"lower bound of {companion.together} in {companion.changes}"),
        standing=Standing.NOTE,
        evidence={
            "pull_request": other.number,
            "head_sha": other.head_sha,
            "path": match.path,
            "companion": companion.path,
            "together": companion.together,
            "revisions": companion.changes,
        },
        fingerprint=fingerprint("collision/companion", str(other.number), companion.path),
    )


ANALYZER = Analyzer(name="collision", measure_functions=measure, analyze=analyze)
