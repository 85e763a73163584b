"""Finds the lines of a text that belong to a comment or a string of several lines. Pure.

It knows the quotes and comments of a family of languages, not their grammar. A mark inside of a string or a comment
does not count. The expression has no nested repetition, and each character is read once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_MOST_CHARACTERS = 1_000_000
_TRIPLE = ('"""', "'''")
_C = frozenset("c h cc cpp cxx hh hpp hxx m mm rs php sol zig dart".split())
_TEMPLATES = frozenset("js jsx mjs cjs ts tsx mts cts vue svelte go".split())
_TRIPLE_AND_C = frozenset("java kt kts scala swift groovy cs".split())
_HASH = frozenset("py pyi pyx rb sh bash pl pm ex exs jl r".split())
# The beginning of a text of several lines up to a word: a here document of shells, Ruby and PHP.
_HERE = re.compile(r"<<<?[-~]?\s?[\"'`]?([A-Z][A-Z_0-9]{2,30})[\"'`]?")


@dataclass(frozen=True, slots=True)
class _Marks:
    """What begins and ends comments and strings of several lines. line: what begins a comment up to the line's end."""

    line: str
    pairs: tuple[tuple[str, str], ...]
    here: bool = False


_BLOCK = ("/*", "*/")
_BACKTICKS = ("`", "`")
_ALL = {
    **dict.fromkeys(_C, _Marks("//", (_BLOCK,))),
    **dict.fromkeys(_TEMPLATES, _Marks("//", (_BLOCK, _BACKTICKS))),
    **dict.fromkeys(_TRIPLE_AND_C, _Marks("//", (_BLOCK, ('"""', '"""')))),
    **dict.fromkeys(_HASH, _Marks("#", tuple((mark, mark) for mark in _TRIPLE), here=True)),
    "lua": _Marks("--", (("--[[", "]]"), ("[[", "]]"))),
    "hs": _Marks("--", (("{-", "-}"),)),
    "ml": _Marks("", (("(*", "*)"),)),
}


def prose_lines(path: str, text: str) -> set[int]:
    """Return the indexes of the lines of comments and strings of several lines, without code before them.

    A line of a template that holds an expression (`${…}`) is code.
    """
    marks = _ALL.get(PurePosixPath(path).suffix.lower().lstrip("."))
    if marks is None or len(text) > _MOST_CHARACTERS:
        return set()
    lines = text.split("\n")
    found: set[int] = set()
    for first, last, mark in _spans(marks, text):
        begins = lines[first].strip().lstrip("rbfuRBFU").startswith(mark)
        found.update(range(first if begins else first + 1, last + 1))
    return {number for number in found if "${" not in lines[number]} | _here_documents(marks, lines)


def _spans(marks: _Marks, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the first and the last line of each comment and string of several lines, with what begins it."""
    ends = dict(marks.pairs)
    starts = sorted([*ends, *([marks.line] if marks.line else [])], key=len, reverse=True)
    token = re.compile("|".join([*map(re.escape, starts), r"\"(?:[^\"\\\n]|\\.)*\"", r"'(?:[^'\\\n]|\\.)*'", r"\\."]))
    position = line = counted = 0
    while (match := token.search(text, position)) is not None:
        position, mark = match.end(), match[0]
        if mark == marks.line:
            position = text.find("\n", position)
        elif (end := ends.get(mark)) is not None:
            closing = text.find(end, position)
            position = len(text) if closing < 0 else closing + len(end)
            line += text.count("\n", counted, match.start())
            last = line + text.count("\n", match.start(), position)
            if last > line:
                yield line, last, mark
            line, counted = last, position
        if position < 0:
            return


def _here_documents(marks: _Marks, lines: list[str]) -> set[int]:
    found: set[int] = set()
    end = ""
    for number, line in enumerate(lines) if marks.here else ():
        if end:
            found.add(number)
            end = "" if line.strip(" \t;),.") == end else end
        elif opened := _HERE.search(line[:300]):
            end = opened[1]
    return found
