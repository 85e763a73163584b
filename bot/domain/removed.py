"""Paths at which the repository had a file once, and has none now. Immutable values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.domain.history import PastCommit


@dataclass(frozen=True, slots=True)
class RemovedPath:
    """A path without a file.

    commit: the change that deleted or moved the file.
    now: where the file is today; empty if it was deleted.
    """

    path: str
    commit: PastCommit
    now: str = ""


@dataclass(frozen=True, slots=True)
class GonePaths:
    """What a path in a text can mean: files and folders that are gone, and those that are there.

    files, folders: those that are gone, by path; of a folder, its last removed file.
    here: the paths of all files and folders of the commit, those of files also without their last ending.
    by_name: the paths of its files and folders by their last part.
    names: the last parts of the gone files and folders.
    """

    files: Mapping[str, RemovedPath]
    folders: Mapping[str, RemovedPath]
    here: frozenset[str]
    by_name: Mapping[str, tuple[str, ...]]
    names: frozenset[str]

    @classmethod
    def at(cls, paths: Iterable[str], removed: Iterable[RemovedPath]) -> "GonePaths":
        """Compare what was removed with the paths of the files of a commit."""
        listed = list(paths)
        there = {*listed, *(folder for path in listed for folder in folders_of(path))}
        by_name: dict[str, list[str]] = {}
        for path in there:
            by_name.setdefault(PurePosixPath(path).name, []).append(path)
        # What stands in a text may lack an ending: `bin/tool` of `bin/tool.js`, `mix.exs` of a template `mix.exs.eex`.
        here = frozenset(there.union(str(PurePosixPath(path).with_suffix("")) for path in listed))
        # A name without an ending, such as `octo/app`, can be that of an image or of a repository.
        files = {one.path: one for one in removed if one.path not in here and "." in PurePosixPath(one.path).name}
        folders: dict[str, RemovedPath] = {}
        for one in sorted(files.values(), key=lambda one: one.commit.when):
            folders |= dict.fromkeys((folder for folder in folders_of(one.path) if folder not in here), one)
        names = frozenset(PurePosixPath(path).name for path in (*files, *folders))
        return cls(files, folders, here, {name: tuple(found) for name, found in by_name.items()}, names)

    def ends_one(self, path: str) -> bool:
        """Whether some file or folder of the commit has this path inside another folder."""
        return any(one.endswith(f"/{path}") for one in self.by_name.get(PurePosixPath(path).name, ()))


def folders_of(path: str) -> Iterator[str]:
    """Yield the folders that a path is in, the innermost first."""
    while (path := path.rpartition("/")[0]) != "":
        yield path
