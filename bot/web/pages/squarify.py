"""Squarified tree maps: rectangles of given areas, as square as possible. Pure.

Bruls, Huizing, van Wijk: "Squarified Treemaps", Data Visualization 2000, section 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. left, top: of its upper left corner."""

    left: float
    top: float
    width: float
    height: float


def squarified(sizes: Sequence[float], box: Box) -> list[Box]:
    """Divide a box among sizes, the largest first. Returns a rectangle for each, in their order.

    The area of each is in proportion to its size. Sizes of 0 get an empty rectangle.
    """
    total = sum(sizes)
    if total <= 0 or box.width <= 0 or box.height <= 0:
        return [Box(box.left, box.top, 0.0, 0.0) for _ in sizes]
    scale = box.width * box.height / total
    areas = [size * scale for size in sizes]
    placed: list[Box] = []
    free, begin = box, 0
    while begin < len(areas):
        end = _row(areas, begin, min(free.width, free.height))
        row, free = _laid(areas[begin:end], free)
        placed += row
        begin = end
    return placed


def _row(areas: Sequence[float], begin: int, side: float) -> int:
    """Where the row that begins here ends: it grows as long as its worst rectangle gets no longer."""
    end, worst = begin + 1, _worst(areas[begin : begin + 1], side)
    while end < len(areas):
        longer = _worst(areas[begin : end + 1], side)
        if longer > worst:
            break
        end, worst = end + 1, longer
    return end


def _worst(row: Sequence[float], side: float) -> float:
    """The largest ratio of the sides of the rectangles of a row along a side."""
    total, least, most = sum(row), min(row), max(row)
    if least <= 0 or side <= 0:
        return float("inf") if total <= 0 else 0.0
    return max(side * side * most / (total * total), total * total / (side * side * least))


def _laid(row: Sequence[float], free: Box) -> tuple[list[Box], Box]:
    """The rectangles of a row along the shorter side of the free box, and what is left of it."""
    total = sum(row)
    if free.width >= free.height:
        thick = min(free.width, total / free.height) if free.height > 0 else 0.0
        boxes, top = [], free.top
        for area in row:
            length = area / thick if thick > 0 else 0.0
            boxes.append(Box(free.left, top, thick, length))
            top += length
        return boxes, Box(free.left + thick, free.top, free.width - thick, free.height)
    thick = min(free.height, total / free.width) if free.width > 0 else 0.0
    boxes, left = [], free.left
    for area in row:
        length = area / thick if thick > 0 else 0.0
        boxes.append(Box(left, free.top, length, thick))
        left += length
    return boxes, Box(free.left, free.top + thick, free.width, free.height - thick)
