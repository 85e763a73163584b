"""Measure one text: from the syntax tree to the facts of its functions."""

import re
from collections.abc import Collection

import tree_sitter

from bot.analysis.functions.facts import Block, FunctionFacts, TextFacts
from bot.analysis.functions.grammar import Grammar, grammar
from bot.analysis.functions.languages import Language
from bot.analysis.functions.lines import Lines
from bot.analysis.functions.naming import parameter_count, qualified_names
from bot.analysis.functions.repair import repaired
from bot.analysis.functions.walk import Tally, Walk

# Below this many points there is no remark, so the heaviest block is not needed.
_HEAVY = 8
_MOST_BLOCKS = 64
_DEPTH_LIMIT = 20
# What counts as about half of the points: extracting a smaller inner block is the better advice.
_HALF = 0.4
# With a larger share of unreadable bytes the functions of a text are unknown.
_MOST_LOST = 0.2
_MOST_NAMES = 2_000
_CALLED = re.compile(rb"([^\W\d]\w{0,199})(?=[ \t]?[(<])")


def measure_text(table: Language, text: str) -> TextFacts:
    """The functions of one text and its maintainability index."""
    loaded, source = grammar(table), _encoded(text)
    return _measured(loaded, source, loaded.parser.parse(source))


def measure_both(table: Language, before: str, after: str) -> tuple[TextFacts, TextFacts]:
    """Both ends of a file. The second parse reuses the first one's tree outside of what differs."""
    loaded, old, new = grammar(table), _encoded(before), _encoded(after)
    tree = loaded.parser.parse(old)
    old_facts = _measured(loaded, old, tree)
    if old == new:
        return old_facts, old_facts
    if old_facts.clean:
        return old_facts, _measured(loaded, new, loaded.parser.parse(new, edited(tree, old, new)))
    # Error recovery depends on where the parser started, so a tree with errors is not reused.
    return old_facts, _measured(loaded, new, loaded.parser.parse(new))


def edited(tree: tree_sitter.Tree, old: bytes, new: bytes) -> tree_sitter.Tree:
    """Record one edit in the tree: everything between the common start and the common end."""
    limit = min(len(old), len(new))
    start = _common(old, new, limit)
    tail = _common(old[start:][::-1], new[start:][::-1], limit - start)
    old_end, new_end = len(old) - tail, len(new) - tail
    tree.edit(start, old_end, new_end, _point(old, start), _point(old, old_end), _point(new, new_end))
    return tree


def _encoded(text: str) -> bytes:
    # A NUL would end the text for some lexers; lone surrogates have no bytes.
    return text.replace("\0", " ").encode("utf-8", "replace")


def _common(one: bytes, other: bytes, limit: int) -> int:
    """How many leading bytes are equal, found by halving: comparing slices is faster than comparing bytes."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _point(source: bytes, offset: int) -> tuple[int, int]:
    return source.count(b"\n", 0, offset), offset - (source.rfind(b"\n", 0, offset) + 1)


def is_unparsed(facts: TextFacts) -> bool:
    """Whether much of a text could not be parsed, so that its functions are unknown."""
    return facts.lost > _MOST_LOST


def _measured(loaded: Grammar, source: bytes, tree: tree_sitter.Tree) -> TextFacts:
    unread: Collection[int] = ()
    if tree.root_node.has_error:
        table = loaded.table
        found = repaired(loaded.parser, source, tree.root_node, opening=table.opening.encode(), python=table.indented)
        if found is not None:
            tree, unread = found.tree, found.unread
    root = tree.root_node
    captures = loaded.captures(root)
    walk = Walk(loaded, source, captures)
    walk.run()
    clean = not root.has_error
    errors = [] if clean else _errors(root)
    lines = Lines(loaded, source, captures, walk.tallies)
    names = qualified_names(loaded.table, walk.tallies, source)
    functions = tuple(
        _facts(tally, name, lines, source, clean, unread) for tally, name in zip(walk.tallies, names, strict=True)
    )
    texts = source.split(b"\n") if unread else []
    hidden = [texts[number] for number in unread] + [source[start:end] for start, end in errors]
    return TextFacts(
        functions=functions,
        maintainability=lines.maintainability(walk.decisions + 1),
        clean=clean and not unread,
        hidden=_names(hidden),
        lost=sum(end - start for start, end in errors) / max(1, len(source)),
    )


def _errors(root: tree_sitter.Node) -> list[tuple[int, int]]:
    """The outermost ranges that the parser could not read."""
    found: list[tuple[int, int]] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error:
            found.append(node.byte_range)
        else:
            waiting += [child for child in node.children if child.has_error]
    return found


def _names(texts: Collection[bytes]) -> tuple[str, ...]:
    """The distinct names in front of a parenthesis, at most some thousand."""
    found = dict.fromkeys(name for text in texts for name in _CALLED.findall(text)[:_MOST_NAMES])
    return tuple(name.decode("utf-8", "replace") for name in list(found)[:_MOST_NAMES])


def _facts(tally: Tally, name: str, lines: Lines, source: bytes, clean: bool, unread: Collection[int]) -> FunctionFacts:
    start, end = lines.number(tally.start), lines.number(max(tally.start, tally.end - 1))
    head_end = _head_end(tally, lines, source, start)
    blocks = _blocks(tally, lines)
    return FunctionFacts(
        name=name,
        start_line=start,
        end_line=end,
        signature_end=head_end,
        ccn=tally.ccn,
        cognitive=tally.cognitive,
        nloc=lines.with_code(start, end),
        parameters=parameter_count(tally.node, source),
        nesting=tally.nesting,
        broken=not clean and tally.node.has_error,
        unread=sum(start <= number + 1 <= end for number in unread),
        signature=_signature(tally, lines, head_end, end),
        heaviest=_heaviest(blocks, tally.cognitive),
        blocks=tuple(sorted(blocks, key=lambda block: -block.points)[:_MOST_BLOCKS]),
    )


def _head_end(tally: Tally, lines: Lines, source: bytes, start: int) -> int:
    """The last line of the head: the body's first line, or the one before if the body begins on a line of its own."""
    if tally.body is None:
        return start
    begin = tally.body.start_byte
    line = lines.number(begin)
    if line > start and not source[lines.starts[line - 1] : begin].strip():
        return line - 1
    return max(start, line)


def _signature(tally: Tally, lines: Lines, head_end: int, end: int) -> tuple[int, ...]:
    if tally.depth > _DEPTH_LIMIT:
        return ()  # each level repeats the lines inside it, which is too much for unlimited nesting
    return lines.digests(head_end + 1, end) or lines.digests(head_end, end)


def _blocks(tally: Tally, lines: Lines) -> list[Block]:
    """The nested blocks in the order of the text, each with the points of the blocks inside it."""
    if tally.cognitive < _HEAVY:
        return []
    points = [block[3] for block in tally.blocks]
    for index in range(len(points) - 1, -1, -1):
        outer = tally.blocks[index][2]
        if outer >= 0:
            points[outer] += points[index]
    return [
        Block(lines.number(start), lines.number(end - 1), held)
        for (start, end, *_), held in zip(tally.blocks, points, strict=True)
    ]


def _heaviest(blocks: list[Block], cognitive: int) -> Block | None:
    """The smallest block with about half of the points: the one to extract first."""
    half = [block for block in blocks if block.points >= _HALF * cognitive]
    if half:
        return min(half, key=lambda block: block.end_line - block.start_line)
    return max(blocks, key=lambda block: block.points, default=None)
