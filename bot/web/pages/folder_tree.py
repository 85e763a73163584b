"""Files by folder, for the hotspot map. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.domain.snapshots import HotspotFile

# Deeper folders are shown as a part of the name of their files.
_DEEPEST = 4


@dataclass(slots=True)
class Folder:
    """A folder. name: from the folder around it on, with slashes if that one has nothing else."""

    name: str
    folders: dict[str, "Folder"] = field(default_factory=dict)
    files: list[tuple[str, HotspotFile]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The lines of all files below."""
        return sum(size_of(file) for _, file in self.files) + sum(one.size for one in self.folders.values())


def size_of(file: HotspotFile) -> int:
    """The lines of a file: at least 1, so that each can be seen."""
    return max(1, file.lines)


def folder_tree(files: Iterable[HotspotFile]) -> Folder:
    """The folders of the files."""
    root = Folder("")
    for file in files:
        *above, name = file.path.split("/")
        here = root
        for part in above[:_DEEPEST]:
            here = here.folders.setdefault(part, Folder(part))
        here.files.append(("/".join([*above[_DEEPEST:], name]), file))
    return _joined(root)


def _joined(folder: Folder) -> Folder:
    """Join each folder that holds one folder and nothing else with that one."""
    while len(folder.folders) == 1 and not folder.files:
        (only,) = folder.folders.values()
        name = f"{folder.name}/{only.name}" if folder.name else only.name
        folder = Folder(name, only.folders, only.files)
    return Folder(folder.name, {key: _joined(one) for key, one in folder.folders.items()}, folder.files)
