"""Reads a text although its grammar does not know all of its syntax: the lines that it cannot read are blanked.

tree-sitter recovers from an error anywhere, and one unknown construct can cost every function of a file. So blocks are
found by indentation, which is there whatever the syntax, and the parser itself says which block contains the error.
The search descends to the smallest block, usually a single line. This is delta debugging along the structure of the
text: Misherghi, Su, "HDD: Hierarchical delta debugging", ICSE 2006.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import tree_sitter

# The search parses at most this many bytes, and this many times the text.
_MOST_BYTES = 1_500_000
_MOST_TIMES = 30
# With a larger share of blanked text, what is left says little.
_MOST_BLANKED = 0.5
_MOST_LINES = 10_000
_BYTES_PER_PARSE = 500
# Each error makes the parser slower. A text with more errors than this has more than a construct that is too new.
_MOST_ERRORS = 300
_ERRORS_PER_BYTE = 50
_TAB = 4
# A line that continues the block of the line above, although it is not indented.
_CONTINUES = re.compile(rb"[ \t]*([}\])]|\{[ \t]*$|(else|elif|elsif|except|finally|catch|rescue|ensure|end|then)\b)")
_PYTHON_HEAD, _PYTHON_LINE = b"with a:", b"pass"

# (number of the line, or -1 for a line that stands for removed ones; its bytes with the line end)
_Line = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text that was made readable.

    source: as long as the original, with the same line ends.
    unread: the 0-based numbers of the blanked lines, ascending.
    """

    source: bytes
    tree: tree_sitter.Tree
    unread: tuple[int, ...]


class _TooHard(Exception):
    """The search exceeded its limit."""


def repaired(
    parser: tree_sitter.Parser, source: bytes, root: tree_sitter.Node, *, opening: bytes, python: bool
) -> Repaired | None:
    """Return the text without what cannot be read, or None if the error cannot be isolated.

    root: of the tree that the parser makes of the source.
    opening: what must stand before code, as `<?php`.
    python: whether indentation is syntax.
    """
    lines = source.splitlines(keepends=True) if b"\r" not in source else source.replace(b"\r", b" ").splitlines(True)
    if len(lines) > _MOST_LINES or _count_errors(root) > _MOST_ERRORS:
        return None
    search = _Search(parser, opening, python, min(_MOST_BYTES, 100_000 + _MOST_TIMES * len(source)))
    try:
        search.narrow([], list(enumerate(lines)), [])
    except (_TooHard, RecursionError):
        return None
    blanked = search.blanked
    size = sum(len(line.strip()) for line in lines)
    lost = sum(len(lines[number].strip()) for number in blanked)
    if not blanked or lost > _MOST_BLANKED * size:
        return None
    text = b"".join(blanked.get(number, line) for number, line in enumerate(lines))
    tree = parser.parse(text)
    return None if tree.root_node.has_error else Repaired(text, tree, tuple(sorted(blanked)))


@dataclass(slots=True)
class _Search:
    parser: tree_sitter.Parser
    opening: bytes
    python: bool
    bytes_left: int
    blanked: dict[int, bytes] = field(default_factory=dict)

    def narrow(self, above: list[_Line], block: list[_Line], below: list[_Line]) -> None:
        """Blank the smallest parts of a block that contains errors. above, below: what it is parsed with."""
        parts = _split(block)
        if len(parts) > 1:
            for part in parts:
                if self._fails(above, part, below):
                    self.narrow(above, part, below)
            return
        head, children = _nested(block)
        if not children:
            self._blank(self._one_line(above, block, below))
            return
        if not (self._only_child(above, block, children, below) or self._children(above, block, children, below)):
            self._without_head(above, head, block, children, below)

    def _one_line(self, above: list[_Line], block: list[_Line], below: list[_Line]) -> list[_Line]:
        """Return the one line without which a flat block is readable, or the block."""
        for place, line in enumerate(block if len(block) > 1 else ()):
            rest = [*block[:place], *self._filler([line]), *block[place + 1 :]]
            if line[1].strip() and not self._fails(above, rest, below):
                return [line]
        return block

    def _only_child(
        self, above: list[_Line], block: list[_Line], children: list[list[_Line]], below: list[_Line]
    ) -> bool:
        """Narrow the one child without which the block is readable. Returns False if there is none."""
        for child in children:
            start = block.index(child[0])
            before, after = block[:start], block[start + len(child) :]
            if not self._fails(above, before + self._filler(child) + after, below):
                self.narrow(above + before, child, after + below)
                return True
        return False

    def _children(
        self, above: list[_Line], block: list[_Line], children: list[list[_Line]], below: list[_Line]
    ) -> bool:
        """Narrow each child that fails alone. Returns False if the block fails without all of them."""
        if self._fails(above, self._with_child(block, children, None), below):
            return False
        for child in children:
            if self._fails(above, self._with_child(block, children, child), below):
                kept = self._with_child(block, children, child)
                start = kept.index(child[0])
                self.narrow(above + kept[:start], child, kept[start + len(child) :] + below)
        return True

    def _without_head(
        self,
        above: list[_Line],
        head: list[_Line],
        block: list[_Line],
        children: list[list[_Line]],
        below: list[_Line],
    ) -> None:
        """Blank the head of a block, because it is what cannot be read, and keep what can be read inside."""
        if self.python:
            first = head[0]
            if len(head) > 1 or len(first[1].strip()) < len(_PYTHON_HEAD):
                self._blank(block)
                return
            self.blanked[first[0]] = _put(first[1], _PYTHON_HEAD)
            above = [*above, (-1, self.blanked[first[0]])]
        else:
            self._blank(head)
        for child in children:
            for part in _split(child):
                if self._fails(above, part, below):
                    self.narrow(above, part, below)

    def _fails(self, above: Sequence[_Line], block: Sequence[_Line], below: Sequence[_Line]) -> bool:
        pieces = [self.blanked.get(number, line) for lines in (above, block, below) for number, line in lines]
        text = b"".join(pieces)
        if self.opening and not text.lstrip().startswith(self.opening):
            text = self.opening + b"\n" + text
        self.bytes_left -= len(text) + _BYTES_PER_PARSE
        if self.bytes_left < 0:
            raise _TooHard
        root = self.parser.parse(text).root_node
        if root.has_error:
            self.bytes_left -= len(text) * _count_errors(root) // _ERRORS_PER_BYTE
        return root.has_error

    def _with_child(self, block: list[_Line], children: list[list[_Line]], kept: list[_Line] | None) -> list[_Line]:
        """Return the block with one of its children only."""
        starts = {child[0][0]: child for child in children}
        inside = {number for child in children for number, _ in child}
        lines: list[_Line] = []
        for line in block:
            if line[0] in starts:
                child = starts[line[0]]
                lines += child if child is kept else self._filler(child)
            elif line[0] not in inside:
                lines.append(line)
        return lines

    def _filler(self, removed: list[_Line]) -> list[_Line]:
        """Return what stands for a removed part: nothing, but a Python block must not be empty."""
        if not self.python:
            return []
        line = removed[0][1]
        return [(-1, line[: len(line) - len(line.lstrip())].rstrip(b"\r\n") + _PYTHON_LINE + b"\n")]

    def _blank(self, block: list[_Line]) -> None:
        for place, (number, line) in enumerate(block):
            if number >= 0 and line.strip():
                self.blanked[number] = _put(line, _PYTHON_LINE if self.python and not place else b"")


def _count_errors(root: tree_sitter.Node) -> int:
    count, waiting = 0, [root]
    while waiting:
        node = waiting.pop()
        count += node.is_error or node.is_missing
        waiting += [child for child in node.children if child.has_error]
    return count


def _put(line: bytes, text: bytes) -> bytes:
    """Return a line of the same length with another text at the same indentation; without text if it does not fit."""
    bare = line.rstrip(b"\r\n")
    indent = bare[: len(bare) - len(bare.lstrip())]
    shown = text if len(indent) + len(text) <= len(bare) else b""
    return (indent + shown).ljust(len(bare)) + line[len(bare) :]


def _indent(line: bytes) -> int:
    return len(line.expandtabs(_TAB)) - len(line.expandtabs(_TAB).lstrip())


def _split(block: list[_Line]) -> list[list[_Line]]:
    """Return the blocks that begin at the smallest indentation."""
    least = min((_indent(line) for _, line in block if line.strip()), default=0)
    parts: list[list[_Line]] = []
    for number, line in block:
        begins = line.strip() and _indent(line) <= least and not _CONTINUES.match(line)
        if begins or not parts:
            parts.append([])
        parts[-1].append((number, line))
    return parts


def _nested(block: list[_Line]) -> tuple[list[_Line], list[list[_Line]]]:
    """Return the lines of a block at its own indentation, and the blocks between them."""
    least = min((_indent(line) for _, line in block if line.strip()), default=0)
    head: list[_Line] = []
    children: list[list[_Line]] = []
    previous_is_head = True
    for entry in block:
        if not entry[1].strip():
            (head if previous_is_head else children[-1]).append(entry)
            continue
        is_head = _indent(entry[1]) <= least
        if is_head:
            head.append(entry)
        elif previous_is_head:
            children.append([entry])
        else:
            children[-1].append(entry)
        previous_is_head = is_head
    return head, [part for child in children for part in _split(child)]
