"""The features of one change, from what was known before it. Pure.

The first 14 are those of Kamei et al., "A Large-Scale Empirical Study of Just-in-Time Quality Assurance", IEEE TSE
39(6), 2013, table 1, as plain counts; docs/history.md says how each is read here. Files: code, tests included, without
generated, vendored and lock files.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from bot.history.state import AuthorState, FileState
from bot.history.traits import Traits

DAY = 86_400
YEAR = 365 * DAY
RECENT = 90 * DAY
# Bird et al., "Don't Touch My Code!", FSE 2011: whoever made less of the changes is a minor contributor.
MINOR = 0.05


@dataclass(frozen=True, slots=True)
class Touched:
    """A file in a change, before it. own_lines: how many of its lines the author owns."""

    state: FileState
    traits: Traits
    added: int
    deleted: int
    lines: int
    own_lines: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Who makes the change and when. idents: all of the author's that are known."""

    author: AuthorState
    clock: int
    fix: bool


def features_of(files: Sequence[Touched], moment: Moment, own: "Deliveries") -> tuple[float, ...]:
    """Values in the order of `schema.FEATURES`."""
    subsystems = {file.traits.subsystem for file in files}
    folders = {file.traits.folder for file in files}
    known = [file.state for file in files if file.state.changes]
    churn = [file.added + file.deleted for file in files]
    waited = sum(max(0, moment.clock - state.last_clock) for state in known)
    persons = {own.me, *(own.person(ident) for state in known for ident in state.deliveries)}
    lines = sum(file.lines for file in files)
    return (
        len(subsystems),
        len(folders),
        len(files),
        _entropy(churn),
        sum(file.added for file in files),
        sum(file.deleted for file in files),
        lines,
        float(moment.fix),
        len(persons) if files else 0,
        waited / (DAY * len(files)) if files else 0.0,
        _distinct([state.ordinals for state in known]),
        len(moment.author.clocks),
        recent_experience(moment.author.clocks, moment.clock),
        _distinct([seen for subsystem in subsystems if (seen := moment.author.subsystems.get(subsystem))]),
        sum(_since(state.fixes, moment.clock - RECENT) for state in known),
        sum(file.own_lines for file in files) / lines if lines else 0.0,
        float(_minor(known, own)),
    )


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Whose idents are whose. me: the author of the change."""

    persons: dict[int, int]
    me: int

    def person(self, ident: int) -> int:
        """The person behind an ident."""
        return self.persons[ident]


def recent_experience(clocks: Sequence[int], now: int) -> float:
    """The sum of 1 / (n + 1) over earlier changes, n their age in whole years. clocks: ascending."""
    total = 0.0
    end = len(clocks)
    year = 0
    while end:
        year += 1
        # Ages from year - 1 (included) to year (not included).
        begin = bisect_right(clocks, now - year * YEAR, 0, end)
        total += (end - begin) / year
        end = begin
        if year > 200:
            break
    return total


def _entropy(churn: Sequence[int]) -> float:
    """In bits: how evenly the changed lines are spread over the files."""
    total = sum(churn)
    if not total or len(churn) == 1:
        return 0.0
    return -sum(part / total * log2(part / total) for part in churn if part)


def _distinct(ordinals: Sequence[Sequence[int]]) -> int:
    """How many changes there are in several ascending lists."""
    return len(ordinals[0]) if len(ordinals) == 1 else len(set().union(*ordinals))


def _since(clocks: Sequence[int], moment: int) -> int:
    return len(clocks) - bisect_right(clocks, moment)


def _minor(known: Sequence[FileState], own: Deliveries) -> bool:
    changes = sum(state.changes for state in known)
    mine = sum(count for state in known for ident, count in state.deliveries.items() if own.person(ident) == own.me)
    return bool(changes) and mine < MINOR * changes
