"""The features of one change, from what was known before it. Pure.

docs/history.md says how each measure of the paper is read here. Files: code, tests included, without generated,
vendored and lock files.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from bot.domain.features import ChangeFeatures
from bot.domain.periods import DAY, QUARTER, YEAR
from bot.history.state import AuthorState, FileState
from bot.history.traits import Traits


@dataclass(frozen=True, slots=True)
class TouchedFile:
    """A file in a change, before it. own_lines: how many of its lines the author owns."""

    state: FileState
    traits: Traits
    added: int
    deleted: int
    lines: int
    own_lines: int


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who makes the change, and when.

    author: what is known of the author. person: their number.
    persons: the person behind each ident.
    clock: Unix seconds. fix: whether the change is a fix.
    """

    author: AuthorState
    person: int
    persons: dict[int, int]
    clock: int
    fix: bool


def features_of(files: Sequence[TouchedFile], made: Authorship) -> ChangeFeatures:
    """The features of a change of these files."""
    subsystems = {file.traits.subsystem for file in files}
    folders = {file.traits.folder for file in files}
    known = [file.state for file in files if file.state.changes]
    churn = [file.added + file.deleted for file in files]
    waited = sum(max(0, made.clock - state.last_clock) for state in known)
    people = {made.person, *(made.persons[ident] for state in known for ident in state.changes_by)}
    lines = sum(file.lines for file in files)
    return ChangeFeatures(
        ns=len(subsystems),
        nd=len(folders),
        nf=len(files),
        entropy=_entropy(churn),
        la=sum(file.added for file in files),
        ld=sum(file.deleted for file in files),
        lt=lines,
        fix=float(made.fix),
        ndev=len(people) if files else 0,
        age=waited / (DAY * len(files)) if files else 0.0,
        nuc=_distinct([state.ordinals for state in known]),
        exp=len(made.author.clocks),
        rexp=recent_experience(made.author.clocks, made.clock),
        sexp=_distinct([seen for subsystem in subsystems if (seen := made.author.subsystems.get(subsystem))]),
        recent_fixes=sum(_since(state.fixes, made.clock - QUARTER) for state in known),
        own_share=sum(file.own_lines for file in files) / lines if lines else 0.0,
    )


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
