"""The kinds of changes, and what a change is classified by: its words and the files that it changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """The kind of a change.

    REAPPLY: the revert of a revert.
    MERGE: a merge whose message does not describe the change.
    """

    FIX = "fix"
    REVERT = "revert"
    REAPPLY = "reapply"
    FEATURE = "feature"
    REFACTOR = "refactor"
    PERFORMANCE = "performance"
    DOCS = "docs"
    TEST = "test"
    CHORE = "chore"
    RELEASE = "release"
    MERGE = "merge"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FileMix:
    """How many files of each sort a change touches, and how many lines. News fragments do not count.

    other: configuration, data, styles and whatever else the paths do not tell.
    created: the files that the change adds.
    added, deleted: lines; 0 where they are unknown.
    """

    production: int = 0
    test: int = 0
    docs: int = 0
    build: int = 0
    other: int = 0
    created: int = 0
    added: int = 0
    deleted: int = 0

    @property
    def files(self) -> int:
        """The number of files."""
        return self.production + self.test + self.docs + self.build + self.other


@dataclass(frozen=True, slots=True)
class Described:
    """What a change or an issue is classified by. The text is that of strangers.

    rule: the kind that the words of the subject suggest by rules; OTHER if they suggest none.
    files: None for an issue, or if the files are unknown.
    """

    subject: str
    body: str = ""
    rule: Kind = Kind.OTHER
    files: FileMix | None = None


class KindClassifier(Protocol):
    """Classifies the changes of one repository, and learns from those whose kind was written down."""

    def kinds(self, changes: Sequence[Described]) -> list[Kind | None]:
        """Return the kind of each change, or None where it is unsure."""
        ...

    def learn(self, changes: Sequence[Described], kinds: Sequence[Kind]) -> None:
        """Take in changes whose kind was written down, oldest first."""
        ...

    def to_bytes(self) -> bytes:
        """Return what was learned."""
        ...


# Makes a classifier from the result of `KindClassifier.to_bytes`; from b"" one that has learned nothing.
ClassifierFrom = Callable[[bytes], KindClassifier]
