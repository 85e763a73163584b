"""CODEOWNERS files, as GitHub reads them (docs.github.com, "About code owners").

Lines that GitHub skips are left out. The file is untrusted: `globs` matches its patterns in bounded time.
"""

import re

from bot.analysis.glob_parts import parts_of
from bot.analysis.globs import Glob, Globs

_MOST_LINES, _LONGEST = 1_000, 500
# GitHub skips lines with these: negation, character ranges, an escaped "#"; and a backslash that escapes nothing.
_SKIPPED = re.compile(r"!|$|.*(?:[\[\]]|\\$)")
# Stands for an escaped space; no path of git has a NUL.
_SPACE = "\0"
_OWNER = re.compile(r"@\S|[^\s@][^\s@]*@\S")


class CodeOwners:
    """A CODEOWNERS file: the last pattern that matches decides."""

    def __init__(self, text: str) -> None:
        """Read the file; lines that GitHub cannot read are left out."""
        read = [rule for line in text.splitlines()[:_MOST_LINES] if (rule := _rule(line)) is not None]
        self._owners = [owners for _, owners in read]
        self._globs = Globs([glob for glob, _ in read])

    def __len__(self) -> int:
        """The number of rules."""
        return len(self._owners)

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a path, as written in the file; empty if it has none."""
        last = max((last for last in self._globs.last_of_each_part(path) if last is not None), default=None)
        return () if last is None else self._owners[last]


def _rule(line: str) -> tuple[Glob, tuple[str, ...]] | None:
    """The pattern and the owners of a line; None for a line that is skipped."""
    pattern, *owners = line.replace(_SPACE, "").partition("#")[0].replace("\\ ", _SPACE).split() or [""]
    if _SKIPPED.match(pattern) or len(pattern) > _LONGEST or not all(map(_OWNER.match, owners)):
        return None
    parts = parts_of(pattern.strip("/").replace(_SPACE, " "), rooted="/" in pattern[:-1])
    if parts is None:
        return None
    # "docs/*" owns the files directly in "docs", "docs/" all that is inside.
    glob = Glob(parts, folders=not pattern.endswith("/*"), files=not pattern.endswith("/"))
    return glob, tuple(owners)
