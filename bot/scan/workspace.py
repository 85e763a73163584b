"""A temporary folder with both ends of some files under safe names, and the way back from a name to the file."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.files import FileChange, Side


@dataclass(frozen=True, slots=True)
class Workspace:
    """root: the folder. names: file name inside it → (side, path at head)."""

    root: Path
    names: dict[str, tuple[Side, str]]


@contextmanager
def workspace(files: Sequence[FileChange], folder: str, suffix: str) -> Iterator[Workspace]:
    """Write the texts of `files` as `<folder>/<number><suffix>`; everything is gone afterwards."""
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
