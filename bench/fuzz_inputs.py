"""Invalid inputs made of valid ones: pieces of a text, or values of a JSON document, are replaced, repeated or left out.

Random bytes end in the first line of a parser. What is almost valid reaches the rest of it.
"""

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Text = TypeVar("Text", str, bytes)
Path = tuple[str | int, ...]

# A quoted string, a word, white space, or one character.
_PIECE = r'"[^"\n]{0,80}"|\'[^\'\n]{0,80}\'|[\w.-]+|\s+|.'
_PIECES = re.compile(_PIECE, re.DOTALL)
_BYTE_PIECES = re.compile(_PIECE.encode(), re.DOTALL)
_TIMES = (1, 1, 1, 2, 3, 30, 300, 30_000)
_LONGEST = 200_000
TOKENS = (
    "", "\0", "\n", "\r\n", "\t", " ", "\u2028", "\x85", "\x1e", "\ufeff", "\u202e", "\ufffd", "é", "İ", "ß", "²", "٣", "１", "😀",
    "[", "]", "{", "}", "(", ")", "<", ">", "<a>", "</a>", "`", "```", '"', "'", '"""', "\\", "\\\\", "*", "**", "/", "//", "/*", "*/",
    "#", "<!--", "<?", "<![CDATA[", "&a;", "&lt;", "%", "${", "${{", "#{", "!", "@", "@a", "|", "||", "&&", "^", "~", "=", "==", "=>",
    ":", "::", ",", ".", "..", "...", ";", "-", "--", "---", "+", "++", "@@", "@@ -1,3 +1 @@\n", "diff --git ", ":1 2 3 4 M", "\\ No newline",
    "null", "true", "[]", "{}", "[[]]", "0", "1", "-1", "1e999", "NaN", "9" * 30, "9" * 5_000, "1.2.3", "1.x", "v1", "0x10", "\u00b5",
    "if", "else", "for", "x", "_", "a" * 300, "aA1" * 20, "&x", "*x", "<<", "!!python/object:os.system", "? ", "- ", "http://a.example/", "git+ssh://a@b:c/d",
    "${a}", '"utf-7"', '"x"', '"1"', "<!DOCTYPE a [<!ENTITY b 'c'>]>", "%PDF", "eyJhbGciOiJIUzI1NiJ9.eyJ9.x", "password=", "-----BEGIN PRIVATE KEY-----",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e308, 2**63, 10**30, "", "x", "\0", "\ud800", "9" * 5_000, "²", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "2024-13-99", [], [None], [[]], {}, {"": None}, {"id": "x"}, ["x"] * 300, "a/b/c", "refs/heads/", "x" * 70_000,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chance:
    """Where the choices of one input come from. edits: how many edits it has at most."""

    random: random.Random
    edits: int


Make = Callable[[Chance], Any]


def all_of(*makers: Make) -> Make:
    """A value of each."""
    return lambda chance: tuple(make(chance) for make in makers)


def one_of(makers: Sequence[Make]) -> Make:
    """A value of one of them."""
    return lambda chance: chance.random.choice(makers)(chance)


def some_of(make: Make, most: int) -> Make:
    """A list of values."""
    return lambda chance: [make(chance) for _ in range(chance.random.randint(0, most))]


def any_of(values: Sequence[Any]) -> Make:
    """One of the values as it is."""
    return lambda chance: chance.random.choice(values)


def texts(*examples: str, longest: int = _LONGEST) -> Make:
    """Texts that are almost one of the examples. longest: in characters."""
    return lambda chance: _edited(chance, examples, TOKENS, longest)


def raw(*examples: bytes) -> Make:
    """Bytes that are almost one of the examples."""
    tokens = (*(token.encode() for token in TOKENS), b"\xff", b"\xc3", b"\x80\x1e")
    return lambda chance: _edited(chance, examples, tokens, _LONGEST)


def _edited(chance: Chance, examples: Sequence[Text], tokens: Sequence[Text], longest: int) -> Text:
    """Each edit puts a token, a repetition, or a part of another example in the place of some pieces."""
    choose = chance.random
    example = choose.choice(examples)
    empty, pieces, others = example[:0], _pieces(example), _pieces(choose.choice(examples))
    for _ in range(choose.randint(0, chance.edits)):
        start, count = choose.randint(0, len(pieces)), choose.choice((0, 1, 1, 2, 5, 20))
        taken, token = pieces[start : start + count], choose.choice(tokens)
        match choose.randint(0, 3):
            case 0 | 1:
                pieces[start : start + count] = [token]
            case 2:
                repeated = empty.join(taken) or token
                pieces[start:start] = [repeated] * min(choose.choice(_TIMES), 1 + longest // (1 + len(repeated)))
            case _:
                at = choose.randint(0, len(others))
                pieces[start : start + count] = others[at : at + count]
    return empty.join(pieces)[:longest]


def _pieces(text: Text) -> list[Text]:
    return _PIECES.findall(text) if isinstance(text, str) else _BYTE_PIECES.findall(text)


def document(text: str, paths: Sequence[Path]) -> Make:
    """A JSON document in which some of the values at the paths are others or are missing."""

    def make(chance: Chance) -> Any:
        made, choose = json.loads(text), chance.random
        for _ in range(choose.randint(1, max(1, chance.edits // 2))):
            *parents, last = choose.choice(paths)
            holder = made
            for step in parents:
                holder = holder[step] if _has(holder, step) else None
            if not _has(holder, last):
                continue
            if isinstance(holder, dict) and choose.random() < 0.4:
                del holder[last]
            else:
                holder[last] = choose.choice(VALUES)
        return made

    return make


def _has(holder: Any, step: str | int) -> bool:
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)


class Recorded(dict[str, Any]):
    """A JSON object that keeps the paths that were read of it."""

    def __init__(self, values: dict[str, Any], seen: dict[Path, None], path: Path = ()) -> None:
        super().__init__({key: _recorded(value, seen, (*path, key)) for key, value in values.items()})
        self._seen, self._path = seen, path

    def __getitem__(self, key: str) -> Any:
        self._seen[*self._path, key] = None
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict."""
        self._seen[*self._path, key] = None
        return super().get(key, default)


def _recorded(value: Any, seen: dict[Path, None], path: Path) -> Any:
    if isinstance(value, dict):
        return Recorded(value, seen, path)
    if isinstance(value, list):
        return [_recorded(one, seen, (*path, index)) for index, one in enumerate(value)]
    return value
