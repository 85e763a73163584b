"""Which changes and files count for patterns, and in which period."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.periods import YEAR
from bot.domain.project import Project, ProjectChange

# Code of more than three years ago is mostly gone, and with it the reasons for its changes.
WINDOW = 3 * YEAR
_MOST_FILES = 30
_NO_WORK = frozenset({"release", "merge"})
_NEWS = frozenset({"changelog", "changes", "news", "history", "releases", "release-notes", "release_notes", "whatsnew"})


@dataclass(frozen=True, slots=True)
class Work:
    """The changes of people in the period, oldest first, each with the numbers of its files that still exist.

    since, until: Unix seconds.
    """

    since: int
    until: int
    changes: tuple[ProjectChange, ...]
    files: tuple[tuple[int, ...], ...]


def work_of(project: Project, changed: ChangedFiles) -> Work:
    """The changes of the period without those of bots, releases, merges of nothing and mass changes."""
    until = int(project.now.timestamp())
    kept = [
        change
        for change in project.changes
        if until - WINDOW <= change.when <= until
        and not (change.is_bot or change.is_mass or change.kind in _NO_WORK or change.files > _MOST_FILES)
    ]
    files = tuple(changed.by_change.get(change.sha, ()) for change in kept)
    return Work(kept[0].when if kept else until, until, tuple(kept), files)


def is_coupling_evidence(path: str) -> bool:
    """Whether it says something if a file changes with this one.

    Lock files, generated files, third-party code, tests, and news of releases change with everything.
    """
    stem = PurePosixPath(path).name.lower().split(".")[0]
    folders = {part.lower() for part in PurePosixPath(path).parts[:-1]}
    noise = paths.is_lock(path) or paths.is_generated(path) or paths.is_vendored(path) or paths.is_test(path)
    return not (noise or stem in _NEWS or folders & _NEWS)


def folder_of(path: str) -> str:
    """The folder of a file, without a slash at its end; empty for the root folder."""
    return path.rpartition("/")[0]


def areas_of(path: str) -> list[str]:
    """The folders above a file, with a slash at their ends, at most two levels deep below the first folder."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) + "/" for depth in range(min(3, len(parts)))]
