"""What of a change was found in the whole tree at its head: lines that hold removed texts. Immutable values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mention:
    """A line at the head that holds a searched text.

    line: 1-based.
    text: the line, cut to 400 characters.
    """

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class HeadFile:
    """An unchanged file that may hold a copy of a changed block, with its text at the head."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The search of the tree at the head for what a change removed.

    searched: False if the tree could not be searched, or there was nothing to search for.
    mentions: in the order of paths and lines.
    files: the unchanged files that may hold a copy of a changed block.
    same_named: the paths at the head whose last part is that of a removed or renamed file, and one in each folder that
        lost a file.
    stated: the lines that could state a fact which the change alters.
    uses: the lines of workflows that use an action, if the change adds one that is not pinned.
    """

    searched: bool = False
    mentions: tuple[Mention, ...] = ()
    files: tuple[HeadFile, ...] = ()
    same_named: tuple[str, ...] = ()
    stated: tuple[Mention, ...] = ()
    uses: tuple[Mention, ...] = ()
