"""A reference for `bot/history/features.py`: the 14 change measures of Kamei et al., "A Large-Scale Empirical Study of
Just-in-Time Quality Assurance", TSE 2013, each as a function of small inputs.

If the paper is ambiguous, the docstring names the definition of the ISSTA'21 data sets, which the shipped model uses.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.features import ChangeFeatures
from bot.domain.periods import DAY, YEAR


@dataclass(frozen=True, slots=True)
class EarlierChange:
    """An earlier change of a file.

    change: its id.
    when: Unix seconds.
    """

    change: str
    when: float
    author: str


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a change.

    added, deleted, lines_before: lines.
    earlier: the earlier changes of the file, in any order.
    """

    path: str
    added: int
    deleted: int
    lines_before: int = 0
    earlier: tuple[EarlierChange, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthorChange:
    """An earlier change of the author.

    when: Unix seconds.
    subsystems: of the changed files.
    """

    when: float
    subsystems: frozenset[str]


def measure(
    files: Sequence[ChangedFile], *, when: float, author: str, fix: bool, earlier: Sequence[AuthorChange]
) -> ChangeFeatures:
    """Return the 14 measures of a change. Raises ValueError without files.

    when: Unix seconds.
    earlier: the earlier changes of the author.
    """
    if not files:
        raise ValueError("a change without files has no measures")
    paths = [file.path for file in files]
    subsystems = frozenset(map(subsystem, paths))
    return ChangeFeatures(
        ns=len(subsystems),
        nd=len(set(map(directory, paths))),
        nf=len(files),
        entropy=entropy([file.added + file.deleted for file in files]),
        la=sum(file.added for file in files),
        ld=sum(file.deleted for file in files),
        lt=sum(file.lines_before for file in files),
        fix=float(fix),
        ndev=developers(files, author),
        age=age(files, when),
        nuc=unique_changes(files),
        exp=len(earlier),
        rexp=recent_experience(earlier, when),
        sexp=subsystem_experience(earlier, subsystems),
    )


def subsystem(path: str) -> str:
    """Return the subsystem as the paper defines it: the first folder of the path; "" for a file in the root folder."""
    head, slash, _ = path.partition("/")
    return head if slash else ""


def directory(path: str) -> str:
    """Return the folder of the file; "" for the root folder."""
    return path.rpartition("/")[0]


def entropy(lines: Iterable[int], *, normalised: bool = False) -> float:
    """Return the Shannon entropy, in bits, of the changed lines over the files; 0 for one file.

    normalised: divide by log2 of the number of files with lines, as Hassan (ICSE 2009) does.
    The models use plain bits, as the example of the paper (30, 20 and 10 lines: 1.46), and as the ISSTA'21 and NeuroJIT
    data (their maximum is above 6).
    """
    counts = [count for count in lines if count > 0]
    total = sum(counts)
    bits = sum(count / total * math.log2(total / count) for count in counts)
    return bits / math.log2(len(counts)) if normalised and len(counts) > 1 else bits


def developers(files: Iterable[ChangedFile], author: str) -> int:
    """Return ndev: the number of developers who changed the files before, and the author, as in the ISSTA'21 data."""
    return len({author} | {change.author for file in files for change in file.earlier})


def age(files: Sequence[ChangedFile], when: float) -> float:
    """Return the mean age of the files in days since their last change. A new file and a negative age count 0."""
    last = [max((change.when for change in file.earlier), default=when) for file in files]
    return sum(max(0.0, when - moment) for moment in last) / len(files) / DAY


def unique_changes(files: Iterable[ChangedFile]) -> int:
    """Return nuc: the number of distinct earlier changes of the files."""
    return len({change.change for file in files for change in file.earlier})


def recent_experience(earlier: Iterable[AuthorChange], when: float) -> float:
    """Return rexp: the sum of 1 / (n + 1) over the author's changes, where n is their age in whole years.

    The example of the paper: three changes this year, four a year ago and three two years ago are 3/1 + 4/2 + 3/3 = 6.
    """
    return sum(1 / (max(0.0, when - change.when) // YEAR + 1) for change in earlier)


def subsystem_experience(earlier: Iterable[AuthorChange], subsystems: frozenset[str]) -> int:
    """Return sexp: the number of the author's changes of any of the subsystems."""
    return sum(not subsystems.isdisjoint(change.subsystems) for change in earlier)
