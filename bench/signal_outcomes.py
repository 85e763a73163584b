"""Which outcome suits which rule, and how often it came after changes with and without the remark.

A change without the remark is one of the same repository that the rule did not speak of, of about the same size, and
with production code if that with the remark has some.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from signal_history import Later
from signal_replay import Replayed

from bot.paths import is_production

_COMPARED = 10
# Of half to twice as many lines; small changes are alike.
_TIMES, _FEW_LINES = 2, 10


class Outcome(StrEnum):
    """What can come within 90 days. The value is shown."""

    FIX = "the change is fixed or reverted"
    FILE_FIX = "its lines of this file are fixed, or it is reverted"
    COMPANION = "the companion is changed without the file"
    TEST = "a test is added for the file"
    LINE = "the line is changed or removed"
    PLACE = "the place left behind is changed"


# Rules that are not named here speak of something that no history shows; for them the fixes are told.
OUTCOMES: tuple[tuple[str, Outcome], ...] = (
    ("risk/change", Outcome.FIX),
    ("size/large-change", Outcome.FIX),
    ("split/parts", Outcome.FIX),
    ("history/undone-fix", Outcome.FIX),
    ("history/relanded", Outcome.FIX),
    ("complexity/new-function", Outcome.FILE_FIX),
    ("complexity/function-grew", Outcome.FILE_FIX),
    ("hotspots/grew", Outcome.FILE_FIX),
    ("hotspots/touched", Outcome.FILE_FIX),
    ("ownership/orphaned", Outcome.FILE_FIX),
    ("tests/missing", Outcome.TEST),
    ("tests/missing", Outcome.FILE_FIX),
    ("coupling/missing-companion", Outcome.COMPANION),
    ("history/cleared-before", Outcome.LINE),
    ("security/", Outcome.LINE),
    ("dependency/", Outcome.LINE),
    ("copies/text", Outcome.PLACE),
    ("spelling/", Outcome.LINE),
    ("unfinished/", Outcome.LINE),
    ("twins/left-behind", Outcome.PLACE),
    ("leftover/reference", Outcome.PLACE),
    ("stale/", Outcome.PLACE),
    ("sweep/incomplete", Outcome.PLACE),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A change with a remark. came: whether the outcome came. usual: its share among the `others` compared with."""

    repository: str
    sha: str
    came: bool
    usual: float
    others: tuple[str, ...]


def outcomes_of(rule: str) -> tuple[Outcome, ...]:
    """The outcomes of a rule."""
    return tuple(outcome for name, outcome in OUTCOMES if is_of(rule, name)) or (Outcome.FIX,)


def is_of(rule: str, name: str) -> bool:
    """Whether a rule has the name, or is of the analyzer with this name and a slash."""
    return rule == name or (name.endswith("/") and rule.startswith(name))


def cases(changes: Sequence[Replayed], later: Later, rule: str, standing: str, outcome: Outcome) -> Iterator[Case]:
    """One case per change with the rule; left out are those whose outcome cannot be told, or without others."""
    spoken = {change.sha: found for change in changes if (found := first_of(change, rule, standing))}
    silent = {
        code: sorted((one for one in changes if one.sha not in spoken and _code(one) is code), key=_size)
        for code in (True, False)
    }
    for change in changes:
        insight = spoken.get(change.sha)
        came = None if insight is None else _OF_REMARK[outcome](later, change, insight)
        if insight is None or came is None:
            continue
        if outcome is Outcome.PLACE:
            share = later.gone_elsewhere(change.sha, change.head, *_place(insight))
            if share is not None:
                yield Case(change.repository, change.sha, came, share, (change.sha,))
            continue
        told = [(one.sha, _OF_OTHER[outcome](later, one, insight)) for one in _alike(change, silent[_code(change)])]
        known = [(sha, value) for sha, value in told if value is not None]
        if known:
            usual = sum(value for _, value in known) / len(known)
            yield Case(change.repository, change.sha, came, usual, tuple(sha for sha, _ in known))


def first_of(change: Replayed, rule: str, standing: str) -> dict[str, Any] | None:
    """The first insight of a rule on a change; None without one."""
    return next((one for one in change.insights if one["rule"] == rule and one["standing"] == standing), None)


def _size(change: Replayed) -> int:
    return change.lines


def _alike(change: Replayed, silent: Sequence[Replayed]) -> list[Replayed]:
    """The changes of about the same size, the nearest by size and time first."""
    least = min(change.lines / _TIMES, change.lines - _FEW_LINES)
    most = max(change.lines * _TIMES, change.lines + _FEW_LINES)
    first = bisect_left(silent, least, key=_size)
    last = bisect_left(silent, most + 1, key=_size)
    near = sorted(silent[first:last], key=lambda one: (abs(one.lines - change.lines), abs(one.when - change.when)))
    return near[:_COMPARED]


def _place(insight: dict[str, Any]) -> tuple[str, int]:
    """Where the remark points; for a twin and a stale fact, the place that stays as it was."""
    first = insight["locations"][0]
    if insight["rule"].startswith("stale/"):
        place = insight["data"]["places"][0]
        return place["path"], place["line"]
    if insight["rule"] == "twins/left-behind":
        first = insight["data"]["blocks"][0]["twin"]
    return first["path"], first["start_line"]


def _code(change: Replayed) -> bool:
    return any(map(is_production, change.paths))


def _main(change: Replayed) -> str:
    """The most changed file of production code, else the most changed one."""
    return next(filter(is_production, change.paths), change.paths[0])


def _path(insight: dict[str, Any], change: Replayed) -> str:
    return insight["locations"][0]["path"] if insight["locations"] else _main(change)


def _line_gone(later: Later, change: Replayed, insight: dict[str, Any]) -> bool | None:
    return later.gone(change.sha, change.head, *_place(insight)) if insight["locations"] else None


def _added_line_gone(later: Later, change: Replayed, insight: dict[str, Any]) -> bool | None:
    path = _main(change)
    return later.gone(change.sha, change.head, path, later.first_line(change.base, change.head, path))


def _companion_changed(later: Later, change: Replayed, insight: dict[str, Any]) -> bool | None:
    return later.changed(change.sha, insight["data"]["companion"], without=insight["data"]["path"])


Told = Callable[[Later, Replayed, dict[str, Any]], bool | None]

# Of a change with the remark, and of one without it. The file of a change without it is its main one.
_OF_REMARK: dict[Outcome, Told] = {
    Outcome.FIX: lambda later, change, insight: later.needed_fix(change.sha),
    Outcome.FILE_FIX: lambda later, change, insight: later.needed_fix(change.sha, _path(insight, change)),
    Outcome.COMPANION: _companion_changed,
    Outcome.TEST: lambda later, change, insight: later.tested(change.sha, _path(insight, change)),
    Outcome.LINE: _line_gone,
    Outcome.PLACE: _line_gone,
}
_OF_OTHER: dict[Outcome, Told] = {
    Outcome.FIX: lambda later, change, insight: later.needed_fix(change.sha),
    Outcome.FILE_FIX: lambda later, change, insight: later.needed_fix(change.sha, _main(change)),
    Outcome.COMPANION: _companion_changed,
    Outcome.TEST: lambda later, change, insight: later.tested(change.sha, _main(change)),
    Outcome.LINE: _added_line_gone,
}
