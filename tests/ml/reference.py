"""A reference for `bot/history/features.py`: the 14 change measures of Kamei et al., "A Large-Scale Empirical Study of
Just-in-Time Quality Assurance", TSE 2013, each as a function of small inputs.

Where the paper leaves a choice, the docstring says which one the ISSTA'21 data sets (and so the shipped model) took.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.features import ChangeFeatures
from bot.domain.periods import DAY, YEAR


@dataclass(frozen=True, slots=True)
class EarlierChange:
    """A change that touched a file before this one. `change` is its id, `when` Unix seconds."""

    change: str
    when: float
    author: str


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of the change: lines added, deleted, and in the file before; its earlier changes in any order."""

    path: str
    added: int
    deleted: int
    lines_before: int = 0
    earlier: tuple[EarlierChange, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthorChange:
    """A change that the author made before this one: Unix seconds, and the subsystems it touched."""

    when: float
    subsystems: frozenset[str]


def measure(
    files: Sequence[ChangedFile], *, when: float, author: str, fix: bool, earlier: Sequence[AuthorChange]
) -> ChangeFeatures:
    """The 14 measures of a change made at `when` (Unix seconds) by an author whose `earlier` changes are given.

    ValueError without files: a change that touches nothing has no measures.
    """
    if not files:
        raise ValueError("a change without files has no measures")
    paths = [file.path for file in files]
    touched = frozenset(map(subsystem, paths))
    return ChangeFeatures(
        ns=len(touched),
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
        sexp=subsystem_experience(earlier, touched),
    )


def subsystem(path: str) -> str:
    """The paper's subsystem: the first folder of the path; "" for a file in the root."""
    head, slash, _ = path.partition("/")
    return head if slash else ""


def directory(path: str) -> str:
    """The folder that holds the file; "" for the root."""
    return path.rpartition("/")[0]


def entropy(lines: Iterable[int], *, normalised: bool = False) -> float:
    """How scattered the change is: Shannon entropy, in bits, of its lines over its files; 0 for one file.

    The paper's example is in plain bits (30, 20 and 10 lines: 1.46), and the ISSTA'21 and NeuroJIT data hold plain
    bits (their maximum is above 6), so this is what the models take. `normalised` divides by log2 of the number of
    files that have lines, as Hassan (ICSE 2009) does and the paper adopts for comparing changes of unlike width.
    """
    counts = [count for count in lines if count > 0]
    total = sum(counts)
    bits = sum(count / total * math.log2(total / count) for count in counts)
    return bits / math.log2(len(counts)) if normalised and len(counts) > 1 else bits


def developers(files: Iterable[ChangedFile], author: str) -> int:
    """ndev: developers who changed the files before, and the author, whom the ISSTA'21 data count too."""
    return len({author} | {change.author for file in files for change in file.earlier})


def age(files: Sequence[ChangedFile], when: float) -> float:
    """Mean over the files of the days since their last change; a new file counts 0, as does a clock running back."""
    last = [max((change.when for change in file.earlier), default=when) for file in files]
    return sum(max(0.0, when - moment) for moment in last) / len(files) / DAY


def unique_changes(files: Iterable[ChangedFile]) -> int:
    """nuc: distinct changes that touched any of the files before (one that touched two of them counts once)."""
    return len({change.change for file in files for change in file.earlier})


def recent_experience(earlier: Iterable[AuthorChange], when: float) -> float:
    """rexp: the author's changes, each weighted by 1 / (n + 1), n its age in whole years.

    The paper's example: three changes this year, four a year ago and three two years ago are 3/1 + 4/2 + 3/3 = 6.
    """
    return sum(1 / (max(0.0, when - change.when) // YEAR + 1) for change in earlier)


def subsystem_experience(earlier: Iterable[AuthorChange], touched: frozenset[str]) -> int:
    """sexp: the author's changes to any of the subsystems that this change touches."""
    return sum(not touched.isdisjoint(change.subsystems) for change in earlier)
