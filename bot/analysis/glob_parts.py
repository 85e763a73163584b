"""The parts of one pattern as in `.gitignore`: https://git-scm.com/docs/gitignore, "Pattern format"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_MOST_CLASSES = 20
_STARS = re.compile(r"\*+")
_POSIX = re.compile(r"\[:([a-z]+):\]")
_ASCII = "".join(map(chr, range(128)))
_NAMED = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": " \t".__contains__,
    "cntrl": lambda character: not character.isprintable(),
    "digit": str.isdigit,
    "graph": lambda character: character.isprintable() and character != " ",
    "lower": str.islower,
    "print": str.isprintable,
    "punct": lambda character: character.isprintable() and not character.isalnum() and character != " ",
    "space": str.isspace,
    "upper": str.isupper,
    "xdigit": "0123456789abcdefABCDEF".__contains__,
}


class Repeat(Enum):
    """NAME: `*`, any characters but "/". FOLDERS: `**/`, any number of whole folders, also none."""

    NAME = auto()
    FOLDERS = auto()


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """`[…]`, and `?` as the class that excludes nothing. ranges: first and last characters, both included."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool

    def accepts(self, character: str) -> bool:
        """Whether a character belongs to it; "/" belongs to none."""
        return character != "/" and any(first <= character <= last for first, last in self.ranges) != self.negated


Part = str | Repeat | CharacterClass


def parts_of(pattern: str, *, rooted: bool) -> tuple[Part, ...] | None:
    """The parts of a pattern without "/" at its ends; None for one that matches nothing.

    rooted: whether it must match from the top of the repository, or from any folder.
    At most two parts that can match nothing follow each other.
    """
    try:
        read = list(_parts(pattern))
    except _Unreadable:
        return None
    if not read or sum(isinstance(part, CharacterClass) and bool(part.ranges) for part in read) > _MOST_CLASSES:
        return None
    if not rooted:
        read.insert(0, Repeat.FOLDERS)
    follows = [None, *read]
    return tuple(part for before, part in zip(follows, read, strict=False) if not _repeats(before, part))


def _repeats(before: Part | None, part: Part) -> bool:
    return isinstance(part, Repeat) and part is before


class _Unreadable(Exception):
    """git matches nothing with the pattern: an open class, or a backslash at the end."""


def _parts(pattern: str) -> Iterator[Part]:
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if stars := _STARS.match(pattern, at):
            whole = stars.end() - at > 1 and (at == 0 or pattern[at - 1] == "/")
            at = stars.end()
            if whole and pattern.startswith("/", at):
                yield Repeat.FOLDERS
                at += 1
                continue
            if whole and at == len(pattern):
                yield Repeat.FOLDERS
            yield Repeat.NAME
        elif character == "[":
            part, at = _class(pattern, at + 1)
            yield part
        elif character == "\\":
            if at + 1 == len(pattern):
                raise _Unreadable
            yield pattern[at + 1]
            at += 2
        else:
            yield CharacterClass((), negated=True) if character == "?" else character
            at += 1


def _class(pattern: str, at: int) -> tuple[CharacterClass, int]:
    """The class whose text begins here, and where the pattern goes on."""
    negated = pattern[at : at + 1] in {"!", "^"}
    first = at = at + negated
    ranges: list[tuple[str, str]] = []
    while at == first or pattern[at : at + 1] != "]":
        if named := _POSIX.match(pattern, at):
            if named[1] not in _NAMED:
                raise _Unreadable
            ranges += ((character, character) for character in _ASCII if _NAMED[named[1]](character))
            at = named.end()
            continue
        low, at = _member(pattern, at)
        ranges.append((low, low))  # git takes the first character also where the range is written the wrong way round
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in {"]", ""}:
            high, at = _member(pattern, at + 1)
            ranges.append((low, high))
    return CharacterClass(tuple(ranges), negated), at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at : at + 1] == "\\"
    if at >= len(pattern):
        raise _Unreadable
    return pattern[at], at + 1
