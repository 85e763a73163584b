"""The counting: one pass over the captured nodes, outer before inner, with a stack of the open nodes.

CCN: 1, plus 1 per decision. Cognitive complexity: G. Ann Campbell, "Cognitive Complexity: a new way of measuring
understandability", SonarSource 2017 (B1 increments, B2 nesting, B3 nesting penalty). The exact rules are in
`docs/complexity.md`.

It uses a stack instead of recursion, because untrusted code can be nested arbitrarily deeply.
"""

import re
from dataclasses import dataclass, field

import tree_sitter

from bot.analysis.functions.grammar import Grammar
from bot.analysis.functions.languages import Kind

_DEFAULT_ARM = re.compile(rb"(?:case\s+)?(?:default|else|_)(?![\w.(])")
_FRAMED = frozenset(kind for kind in Kind if kind <= Kind.BINARY or kind is Kind.JUMP)
_SKIPPED = (Kind.COMMENT, Kind.STRING)
_BLOCKS = frozenset({Kind.IF, Kind.GUARD, Kind.LOOP, Kind.SWITCH, Kind.CATCH, Kind.TRY, Kind.LAMBDA})
_DEEPER = frozenset({Kind.IF, Kind.GUARD, Kind.LOOP, Kind.SWITCH, Kind.TRY})
_OPERATORS = frozenset({Kind.AND, Kind.OR, Kind.COALESCE})
# More levels than this do not help to find a function.
_NAMED_LEVELS = 5
_OPENERS = b"( \t\n\r\f"


@dataclass(slots=True)
class Tally:
    """The counts of one function; offsets are in bytes.

    depth: the number of enclosing functions.
    scopes: the innermost enclosing nodes that qualify its name.
    blocks: [start, end, index of the outer block, points].
    """

    node: tree_sitter.Node
    body: tree_sitter.Node | None
    start: int
    end: int
    depth: int
    scopes: tuple[tree_sitter.Node, ...]
    ccn: int = 1
    cognitive: int = 0
    nesting: int = 0
    blocks: list[list[int]] = field(default_factory=list)

    def add(self, points: int, block: int) -> None:
        """Add cognitive points of a block (-1: of no block)."""
        self.cognitive += points
        if block >= 0:
            self.blocks[block][3] += points


@dataclass(slots=True)
class _Frame:
    """An open node.

    level: the nesting penalty inside it.
    depth: the number of blocks around its contents.
    """

    start: int
    end: int
    kind: Kind
    owner: Tally | None
    scopes: tuple[tree_sitter.Node, ...]
    level: int = 0
    depth: int = 0
    block: int = -1
    group: list[Kind] = field(default_factory=list)
    operator_end: int = -1


class Walk:
    """One pass over one tree. `tallies` are in source order; `decisions` counts the whole file, functions or not."""

    def __init__(self, grammar: Grammar, source: bytes, captures: dict[Kind, list[tree_sitter.Node]]) -> None:
        self.tallies: list[Tally] = []
        self.decisions = 0
        self._table = grammar.table
        self._source = source
        self._nodes: dict[tuple[int, int], tree_sitter.Node] = {}
        for kind in (Kind.FUNCTION, Kind.SCOPE):
            self._nodes.update({node.byte_range: node for node in captures.get(kind, ())})
        events = []
        for kind, nodes in captures.items():
            if kind not in _SKIPPED:
                for node in nodes:
                    start, end = node.byte_range
                    events.append((start, -end, kind))
        events.sort()
        self._events = events

    def run(self) -> None:
        """Count all nodes."""
        stack = [_Frame(0, len(self._source) + 1, Kind.SCOPE, None, ())]
        else_if = -1
        for index, (start, negative_end, kind) in enumerate(self._events):
            end = -negative_end
            while stack[-1].end <= start:
                stack.pop()
            top = stack[-1]
            if kind in _OPERATORS:
                self._operator(top, kind, end)
            elif kind is Kind.ELSE:
                else_if = self._else(top, index, end)
            elif kind is Kind.FUNCTION or kind is Kind.SCOPE:
                self._named(stack, kind, start, end)
            else:
                self._structure(stack, kind, start, end, flat=else_if == start)

    def _named(self, stack: list[_Frame], kind: Kind, start: int, end: int) -> None:
        top = stack[-1]
        node = self._nodes[(start, end)]
        if kind is Kind.SCOPE:
            stack.append(_Frame(start, end, kind, None, (*top.scopes[-_NAMED_LEVELS:], node)))
            return
        body = node.child_by_field_name("body")
        if self._table.needs_body and body is None:
            return
        tally = Tally(node, body, start, end, top.owner.depth + 1 if top.owner else 0, top.scopes)
        self.tallies.append(tally)
        stack.append(_Frame(start, end, kind, tally, (*top.scopes[-_NAMED_LEVELS:], node)))

    def _operator(self, top: _Frame, kind: Kind, end: int) -> None:
        """Count an operator, only inside its own expression: elsewhere `||` can be an empty parameter list."""
        if top.kind is not Kind.BINARY:
            return
        self._decide(top)
        top.operator_end = end
        if kind is Kind.COALESCE or top.owner is None:
            return
        if not top.group or top.group[-1] is not kind:
            top.owner.add(1, top.block)
            top.group.append(kind)

    def _else(self, top: _Frame, index: int, end: int) -> int:
        """Count an `else`; returns where the `if` of an `else if` starts, else -1."""
        if top.kind is Kind.IF:
            if self._table.flat_else_if and index + 1 < len(self._events):
                start, _, kind = self._events[index + 1]
                if kind is Kind.IF and not self._source[end:start].strip():
                    return start
            if top.owner is not None:
                top.owner.add(1, top.block)
        elif top.kind is Kind.LOOP or top.kind is Kind.TRY:
            self._decide(top)
            if top.kind is Kind.LOOP and top.owner is not None:
                top.owner.add(1, top.block)
        return -1

    def _structure(self, stack: list[_Frame], kind: Kind, start: int, end: int, flat: bool) -> None:
        top = stack[-1]
        self._count(top, kind, start, flat)
        if kind not in _FRAMED:
            return
        frame = _Frame(start, end, kind, top.owner, top.scopes, top.level, top.depth, top.block)
        if kind is Kind.BINARY:
            frame.group = self._group(top, start)
        elif not flat:
            self._deepen(frame, kind)
        stack.append(frame)

    def _count(self, top: _Frame, kind: Kind, start: int, flat: bool) -> None:
        """Add the increments of a node; its nesting penalty is the level of the enclosing node."""
        if Kind.IF <= kind <= Kind.LOOP or kind is Kind.CATCH or kind is Kind.TERNARY or kind is Kind.ELIF:
            self._decide(top)
        elif kind is Kind.DECISION:
            # The guard of a match arm belongs to the arm.
            if top.kind is not Kind.CASE:
                self._decide(top)
        elif kind is Kind.CASE and top.kind is not Kind.JUMP and not _DEFAULT_ARM.match(self._source, start):
            self._decide(top)
        owner = top.owner
        if owner is None:
            return
        if flat or kind is Kind.ELIF or kind is Kind.JUMP:
            owner.add(1, top.block)
        elif Kind.IF <= kind <= Kind.TERNARY and (kind not in _BLOCKS):
            owner.add(1 + top.level, top.block)

    def _deepen(self, frame: _Frame, kind: Kind) -> None:
        owner = frame.owner
        if owner is None:
            return
        if kind in _BLOCKS:
            points = 0 if kind in (Kind.TRY, Kind.LAMBDA) else 1 + frame.level
            owner.blocks.append([frame.start, frame.end, frame.block, 0])
            frame.block = len(owner.blocks) - 1
            owner.add(points, frame.block)
        if kind in _BLOCKS or kind is Kind.TERNARY:
            frame.level += kind is not Kind.TRY
        if kind in _DEEPER:
            frame.depth += 1
            owner.nesting = max(owner.nesting, frame.depth)

    def _decide(self, top: _Frame) -> None:
        self.decisions += 1
        if top.owner is not None:
            top.owner.ccn += 1

    def _group(self, top: _Frame, start: int) -> list[Kind]:
        """The sequence of operators that this expression continues: its parent's if only parentheses separate them."""
        if top.kind is Kind.BINARY:
            since = top.operator_end if top.operator_end >= 0 else top.start
            if not self._source[since:start].strip(_OPENERS):
                return top.group
        return []
