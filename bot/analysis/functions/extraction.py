"""Which part of a function to extract: a nested block that the change itself brought."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.analysis.functions.facts import Block, FunctionFacts

# At least this share of a block's lines is changed: advice on lines that the change left alone is for another day.
_CHANGED_SHARE = 0.5
# Of what the function grew by, a block holds at least this share.
_GROWTH_SHARE = 0.6
_LEAST_POINTS = 4
_LEAST_LINES = 3
# A block with more of the points than this is almost the whole function.
_NEARLY_ALL = 0.8
# What is left of a function is clearly below the limit.
_REST = 0.9


@dataclass(frozen=True, slots=True)
class Extraction:
    """A block that could be extracted. solves: whether both functions would be below the limit then."""

    block: Block
    solves: bool


def part_to_extract(
    before: FunctionFacts | None, after: FunctionFacts, touched: Sequence[tuple[int, int]], limit: int
) -> Extraction | None:
    """Return the largest block of the change whose extraction solves it, else the largest that holds the growth.

    touched: the ranges of changed lines, 1-based and inclusive. limit: of cognitive complexity.
    """
    if after.cognitive is None:
        return None
    old = before.cognitive if before is not None and before.cognitive is not None else 0
    least = max(_LEAST_POINTS, _GROWTH_SHARE * (after.cognitive - old) if before is not None else 0)
    found = [
        Extraction(block, block.points <= limit and after.cognitive - block.points <= _REST * limit)
        for block in after.blocks
        if _LEAST_POINTS <= block.points <= _NEARLY_ALL * after.cognitive
        and _lines(block) >= _LEAST_LINES
        and _changed(block, touched) >= _CHANGED_SHARE * _lines(block)
    ]
    found = [one for one in found if one.solves] or [one for one in found if one.block.points >= least]
    return max(found, key=lambda one: (one.block.points, -_lines(one.block), -one.block.start_line), default=None)


def _lines(block: Block) -> int:
    return block.end_line - block.start_line + 1


def _changed(block: Block, touched: Sequence[tuple[int, int]]) -> int:
    return sum(max(0, min(end, block.end_line) - max(start, block.start_line) + 1) for start, end in touched)
