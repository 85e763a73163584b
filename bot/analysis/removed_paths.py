"""The files and folders that a change takes away, and what all removed names have in common.

A file is named by the last part of its path if it is telling, else by the whole path.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.places import is_written_here
from bot.domain.files import FileChange, FileStatus

_LEAST_NAME = 8
_MAX_FOLDERS = 12
# What a source is compiled to beside it, which a list of ignored files names.
_COMPILED = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs", ".coffee": ".js", ".pyx": ".c"}


class NameKind(StrEnum):
    """What a removed name named, in the words that are shown."""

    FILE = "file"
    FLAG = "flag"
    VARIABLE = "environment variable"
    TYPE = "type"
    FUNCTION = "function"
    CONSTANT = "constant"
    SCRIPT = "script"
    KEY = "key"
    PATH = "path"
    FOLDER = "folder"


# What is removed itself, not a word in it.
PATHS = frozenset({NameKind.FILE, NameKind.PATH, NameKind.FOLDER})


@dataclass(frozen=True, slots=True)
class RemovedName:
    """A name that stands on deleted lines, and on no added line of code.

    name: as it is searched; of a file the last part of its path, of a path and a folder all of it, or the path of what
        it was compiled to.
    path, line: where it was defined at the merge base. line: 1-based.
    renamed: the new name, if the line or the file was only renamed; else empty.
    """

    name: str
    kind: NameKind
    path: str
    line: int
    renamed: str = ""

    @property
    def is_compiled(self) -> bool:
        """Whether the name is that of what a file was compiled to."""
        return self.kind is NameKind.PATH and self.name != self.path


# Names of files that many repositories and folders have.
_COMMON_FILES = frozenset(
    """
    index main mod lib init __init__ __main__ setup config settings utils util helpers helper types type test tests
    readme makefile dockerfile package cargo go license changelog app common constants errors models model views view
    urls base core api cli server client build style styles default manifest requirements metadata conftest meta
    schema data
    """.split()
)


def is_telling_file(name: str) -> bool:
    """Return whether the last part of a path is hardly that of another file."""
    stem, dot, _ = name.partition(".")
    return bool(stem and dot) and len(name) >= _LEAST_NAME and not has_common_name(name)


def has_common_name(path: str) -> bool:
    """Return whether many repositories have a file of this name, such as `index.js`."""
    return PurePosixPath(path).name.partition(".")[0].lower().strip("_") in _COMMON_FILES


def removed_paths(files: Sequence[FileChange]) -> Iterator[RemovedName]:
    """Yield the files and folders that are not where they were."""
    yield from _files(files)
    yield from _folders(files)


def _files(files: Iterable[FileChange]) -> Iterator[RemovedName]:
    """Yield the deleted and renamed files; tests and those with common names by their whole path."""
    for file, old in _gone(files):
        name = PurePosixPath(old).name
        renamed = file.path if file.path != old else ""
        if is_telling_file(name) and is_written_here(old) and not paths.is_test(old):
            yield RemovedName(name, NameKind.FILE, old, 1, renamed)
        elif "/" in old and not paths.is_vendored(old):
            yield RemovedName(old, NameKind.PATH, old, 1, renamed)
        pure = PurePosixPath(old)
        if "/" in old and pure.suffix in _COMPILED and not paths.is_vendored(old):
            yield RemovedName(str(pure.with_suffix(_COMPILED[pure.suffix])), NameKind.PATH, old, 1, renamed)


def _gone(files: Iterable[FileChange]) -> Iterator[tuple[FileChange, str]]:
    """Yield the files that are not where they were, with that path."""
    for file in files:
        old = file.old_path if file.status is FileStatus.RENAMED else file.path
        if file.status in {FileStatus.DELETED, FileStatus.RENAMED} and old is not None:
            yield file, old


def _folders(files: Sequence[FileChange]) -> Iterator[RemovedName]:
    """Yield the folders that lose a file and get none; whether others are left in them, the tree at the head tells."""
    still = {folder for file in files if file.after is not None for folder in _above(file.path)}
    gone = dict.fromkeys(folder for _, old in _gone(files) for folder in _above(old) if folder not in still)
    for folder in list(gone)[:_MAX_FOLDERS]:
        if not paths.is_vendored(f"{folder}/x") and not paths.is_generated(f"{folder}/x"):
            yield RemovedName(folder, NameKind.FOLDER, folder, 1)


def _above(path: str) -> list[str]:
    """Return the folders of a path, the topmost first."""
    parts = PurePosixPath(path).parts[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]
