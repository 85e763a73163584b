"""A temporary folder with the base and the head of files under generated names."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.files import FileChange, Side


@dataclass(frozen=True, slots=True)
class Workspace:
    """The temporary folder.

    root: its path.
    names: the side and the path at the head for each number in a generated name.
    """

    root: Path
    names: dict[str, tuple[Side, str]]

    def source(self, path: str) -> tuple[Side, str]:
        """Return the side and the path of a generated file: the number is in its name, or in that of its folder."""
        generated = Path(path)
        return self.names[generated.stem if generated.stem.isdigit() else generated.parent.name]


@contextmanager
def create_workspace(files: Sequence[FileChange], name_of: Callable[[str], str]) -> Iterator[Workspace]:
    """Write the texts of the files under generated names. The exit deletes the folder.

    name_of: returns the generated name for a path, with `{}` for the number.
    """
    with tempfile.TemporaryDirectory(prefix="gitinsight-") as root:
        names: dict[str, tuple[Side, str]] = {}
        for file in files:
            for side, text in ((Side.BASE, file.before), (Side.HEAD, file.after)):
                if text is not None:
                    number = str(len(names))
                    target = Path(root, name_of(file.path).format(number))
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(text, encoding="utf-8", errors="replace", newline="\n")
                    names[number] = (side, file.path)
        yield Workspace(Path(root), names)
