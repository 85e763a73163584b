"""Which part of a function to extract: a nested block that the change itself brought, and whose loss would help."""

from collections.abc import Sequence

from bot.analysis.functions.facts import Block, FunctionFacts

# At least this share of a block's lines is changed: advice on lines that the change left alone is for another day.
_CHANGED_SHARE = 0.5
# Of what the function grew by, a block holds at least this share.
_GROWTH_SHARE = 0.6
_LEAST_POINTS = 4
_LEAST_LINES = 3
# A block with more of the points than this is almost the whole function.
_NEARLY_ALL = 0.8


def part_to_extract(
    before: FunctionFacts | None, after: FunctionFacts, touched: Sequence[tuple[int, int]], limit: int
) -> Block | None:
    """Return the shortest block whose extraction brings the function below the limit, or back to about where it was.

    touched: the ranges of changed lines, 1-based and inclusive. limit: of cognitive complexity.
    """
    if after.cognitive is None:
        return None
    old = before.cognitive if before is not None and before.cognitive is not None else 0
    growth = after.cognitive - old
    least = max(_LEAST_POINTS, _GROWTH_SHARE * growth if before is not None else 0)
    target = limit if old <= limit else old + (1 - _GROWTH_SHARE) * growth
    found = [
        block
        for block in after.blocks
        if least <= block.points <= _NEARLY_ALL * after.cognitive
        and after.cognitive - block.points <= target
        and _lines(block) >= _LEAST_LINES
        and _changed(block, touched) >= _CHANGED_SHARE * _lines(block)
    ]
    return min(found, key=lambda block: (_lines(block), block.start_line), default=None)


def _lines(block: Block) -> int:
    return block.end_line - block.start_line + 1


def _changed(block: Block, touched: Sequence[tuple[int, int]]) -> int:
    return sum(max(0, min(end, block.end_line) - max(start, block.start_line) + 1) for start, end in touched)
