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


@dataclass(frozen=True, slots=True)
class Member:
    """What a change adds beside others of its kind.

    kind: "file", "folder", "option" or "name", as it is shown.
    siblings: the names of the nearest others.
    path, line: where it is added. line: 1-based.
    """

    kind: str
    name: str
    siblings: tuple[str, ...]
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A file at the head that names the siblings of a new member, and not itself.

    named: the siblings that it names. place: a line of it with the first of them.
    """

    member: Member
    path: str
    named: tuple[str, ...]
    place: Mention


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A misspelled word on an added line, which the repository did not have before.

    line: 1-based. text: the line.
    """

    word: str
    correction: str
    path: str
    line: int
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
    listings: the lists that lack a new member of what they list.
    misspelled: the misspelled words that the change brings.
    """

    searched: bool = False
    mentions: tuple[Mention, ...] = ()
    files: tuple[HeadFile, ...] = ()
    same_named: tuple[str, ...] = ()
    stated: tuple[Mention, ...] = ()
    uses: tuple[Mention, ...] = ()
    listings: tuple[Listing, ...] = ()
    misspelled: tuple[Misspelling, ...] = ()
