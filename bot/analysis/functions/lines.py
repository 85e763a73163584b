"""The text by lines: which hold code, and a digest of each."""

from bisect import bisect_right
from itertools import accumulate
from zlib import crc32

import tree_sitter

from bot.analysis.functions.grammar import Grammar
from bot.analysis.functions.languages import Kind
from bot.analysis.functions.maintainability import halstead_volume, maintainability_index
from bot.analysis.functions.walk import Tally

_BLANK = bytes(byte if byte == 0x0A else 0x20 for byte in range(256))
_BARE = b" \t\r\f\v(){}[];,"


class Lines:
    """The text by lines: which hold code, and a digest of each. Line numbers are 1-based."""

    def __init__(
        self,
        loaded: Grammar,
        source: bytes,
        captures: dict[Kind, list[tree_sitter.Node]],
        tallies: list[Tally],
    ) -> None:
        documentation = [node.byte_range for node in captures.get(Kind.COMMENT, ())]
        if loaded.table.docstrings:
            documentation += filter(None, map(_docstring, tallies))
        documentation.sort()
        self._code = _blanked(source, documentation)
        lines = self._code.split(b"\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in lines)]
        self._held = [0, *accumulate(map(bool, map(bytes.strip, lines)))]
        self._digests = [crc32(line.strip(_BARE)) for line in lines]  # 0 for an empty line
        strings = [node.byte_range for node in captures.get(Kind.STRING, ())]
        strings.sort()
        self._strings = strings
        self._source = source

    def number(self, offset: int) -> int:
        """The line of a byte offset."""
        return bisect_right(self.starts, offset, 0, len(self.starts) - 1)

    def with_code(self, start: int, end: int) -> int:
        """Lines with code among start to end, inclusive."""
        return self._held[end] - self._held[start - 1]

    def digests(self, start: int, end: int) -> tuple[int, ...]:
        """Digests of the lines start to end: indentation, outer punctuation and bare brackets do not count."""
        return tuple(filter(None, self._digests[start - 1 : end]))

    def maintainability(self, ccn: int) -> float:
        """The file's index; see `maintainability.py`."""
        nloc = self._held[-1]
        outermost: list[tuple[int, int]] = []
        for start, end in self._strings:
            if not outermost or start >= outermost[-1][1]:
                outermost.append((start, end))
        literals = [self._code[start:end] for start, end in outermost]
        literals = [literal for literal in literals if not literal.isspace()]
        volume = halstead_volume(_blanked(self._code, outermost), literals)
        written = sum(map(bool, map(bytes.strip, self._source.split(b"\n"))))
        share = 100 * (written - nloc) / nloc if nloc else 0.0
        return maintainability_index(volume, ccn, nloc, share)


def _blanked(source: bytes, ranges: list[tuple[int, int]]) -> bytes:
    """The text with these sorted ranges as spaces; line ends stay."""
    parts: list[bytes] = []
    position = 0
    for start, end in ranges:
        if start < position:
            continue
        parts += (source[position:start], source[start:end].translate(_BLANK))
        position = end
    parts.append(source[position:])
    return b"".join(parts)


def _docstring(tally: Tally) -> tuple[int, int] | None:
    if tally.body is None or not tally.body.named_child_count:
        return None
    first = tally.body.named_child(0)
    if first is None or first.type != "expression_statement" or first.named_child_count != 1:
        return None
    literal = first.named_child(0)
    return literal.byte_range if literal is not None and literal.type == "string" else None
