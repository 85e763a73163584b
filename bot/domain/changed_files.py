"""Which files each change of the default branch changes, followed across renames."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file at the head of the default branch. lines: 0 if it is binary or was not read."""

    path: str
    lines: int


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """The changed files of all changes that do not change too many of them.

    files: by their numbers in the history index. Only those that still exist.
    by_change: the numbers of the files that still exist, by the sha of the change.
    """

    files: Mapping[int, ProjectFile]
    by_change: Mapping[str, tuple[int, ...]]
