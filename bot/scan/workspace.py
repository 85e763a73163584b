"""A temporary folder with the base and the head of files under generated names."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.files import FileChange, Side


@dataclass(frozen=True, slots=True)
class Workspace:
    """The temporary folder.

    root: its path.
    names: the side and the path at the head for each generated file name.
    """

    root: Path
    names: dict[str, tuple[Side, str]]


@contextmanager
def create_workspace(files: Sequence[FileChange], folder: str, suffix: str) -> Iterator[Workspace]:
    """Write the texts of the files as `<folder>/<number><suffix>`. The exit deletes the folder."""
    with tempfile.TemporaryDirectory(prefix="gitinsight-") as root:
        names: dict[str, tuple[Side, str]] = {}
        target = Path(root, folder)
        target.mkdir(parents=True)
        for file in files:
            for side, text in ((Side.BASE, file.before), (Side.HEAD, file.after)):
                if text is not None:
                    name = f"{len(names)}{suffix}"
                    (target / name).write_text(text, encoding="utf-8", errors="replace", newline="\n")
                    names[name] = (side, file.path)
        yield Workspace(Path(root), names)
