"""Computes the features of one change from the history before it. Pure.

`bot.domain.features` defines each feature. Only code files count, tests included; generated, vendored and lock files do
not.
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
class ChangedFile:
    """A file that a change alters.

    state: before the change.
    added, deleted: lines.
    lines: the number of its lines before the change.
    own_lines: the number of them that the author wrote.
    """

    state: FileState
    traits: Traits
    added: int
    deleted: int
    lines: int
    own_lines: int


@dataclass(frozen=True, slots=True)
class Authorship:
    """The author and the time of a change.

    author: the state of the author before the change.
    person: the number of the author.
    persons: the person of each ident.
    clock: Unix seconds.
    fix: whether the change is a fix.
    """

    author: AuthorState
    person: int
    persons: dict[int, int]
    clock: int
    fix: bool


def features_of(files: Sequence[ChangedFile], authorship: Authorship) -> ChangeFeatures:
    """Return the features of a change of these files."""
    subsystems = {file.traits.subsystem for file in files}
    folders = {file.traits.folder for file in files}
    known = [file.state for file in files if file.state.changes]
    churn = [file.added + file.deleted for file in files]
    ages = sum(max(0, authorship.clock - state.last_clock) for state in known)
    people = {authorship.person, *(authorship.persons[ident] for state in known for ident in state.changes_by)}
    lines = sum(file.lines for file in files)
    return ChangeFeatures(
        ns=len(subsystems),
        nd=len(folders),
        nf=len(files),
        entropy=_entropy(churn),
        la=sum(file.added for file in files),
        ld=sum(file.deleted for file in files),
        lt=lines,
        fix=float(authorship.fix),
        ndev=len(people) if files else 0,
        age=ages / (DAY * len(files)) if files else 0.0,
        nuc=_distinct([state.ordinals for state in known]),
        exp=len(authorship.author.clocks),
        rexp=recent_experience(authorship.author.clocks, authorship.clock),
        sexp=_distinct([own for subsystem in subsystems if (own := authorship.author.subsystems.get(subsystem))]),
        recent_fixes=sum(_count_since(state.fixes, authorship.clock - QUARTER) for state in known),
        own_share=sum(file.own_lines for file in files) / lines if lines else 0.0,
        churn=sum(state.churn for state in known),
    )


def recent_experience(clocks: Sequence[int], now: int) -> float:
    """Return the sum of 1 / (n + 1) over earlier changes, where n is their age in whole years.

    clocks: of the earlier changes, ascending.
    """
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
    """Return the Shannon entropy, in bits, of the changed lines over the files."""
    total = sum(churn)
    if not total or len(churn) == 1:
        return 0.0
    return -sum(part / total * log2(part / total) for part in churn if part)


def _distinct(ordinals: Sequence[Sequence[int]]) -> int:
    """Return the number of distinct changes in several lists of ordinals."""
    return len(ordinals[0]) if len(ordinals) == 1 else len(set().union(*ordinals))


def _count_since(clocks: Sequence[int], moment: int) -> int:
    return len(clocks) - bisect_right(clocks, moment)
