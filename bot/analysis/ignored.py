"""Which files a repository's configuration ignores, as git would: https://git-scm.com/docs/gitignore."""

from collections.abc import Sequence

from bot.analysis.glob_parts import parts_of
from bot.analysis.globs import Glob, Globs


class Ignored:
    """Patterns of `.gitignore`. The last one that matches a folder or a file decides; what lies in an ignored folder
    cannot be taken back.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        """Read the patterns; one that git cannot read matches nothing."""
        read = [rule for line in lines if (rule := _rule(line)) is not None]
        self._takes_back = [takes_back for _, takes_back in read]
        self._globs = Globs([glob for glob, _ in read])

    def __contains__(self, path: str) -> bool:
        """Whether a file is ignored."""
        decided = (last for last in self._globs.last_of_each_part(path) if last is not None)
        return any(not self._takes_back[last] for last in decided)


def _rule(line: str) -> tuple[Glob, bool] | None:
    """The pattern of a line, and whether it takes files back (`!`); None for a comment and what git cannot read."""
    line = _without_trailing_spaces(line)
    takes_back = line.startswith("!")
    line = line[takes_back:]
    if not line or (line.startswith("#") and not takes_back):
        return None
    only_folders = line.endswith("/")
    inner = line[:-1] if only_folders else line
    parts = parts_of(inner.removeprefix("/"), rooted="/" in inner)
    return None if parts is None else (Glob(parts, files=not only_folders), takes_back)


def _without_trailing_spaces(line: str) -> str:
    """A space at the end counts only after a backslash."""
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if len(stripped) < len(line) and backslashes % 2 else stripped
