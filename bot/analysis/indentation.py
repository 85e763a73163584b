"""The nesting of a text by its indentation: a complexity measure for any language, without a parser.

Hindle, Godfrey, Holt, "Reading Beside the Lines: Indentation as a Proxy for Complexity Metrics", ICPC 2008.
"""

from collections import Counter
from itertools import pairwise

_TAB = 4
_DEEPEST = 20


def indentation(text: str) -> int:
    """The sum of the indentation levels of all lines; blank lines count 0."""
    widths = []
    for line in text.split("\n"):
        stripped = line.lstrip(" \t")
        if stripped:
            lead = line[: len(line) - len(stripped)]
            widths.append(lead.count(" ") + _TAB * lead.count("\t"))
    unit = _unit(widths)
    return sum(min(width // unit, _DEEPEST) for width in widths)


def _unit(widths: list[int]) -> int:
    """The spaces of one level: the most common increase between two consecutive lines."""
    steps = Counter(after - before for before, after in pairwise(widths) if 1 < after - before <= 8)
    return steps.most_common(1)[0][0] if steps else _TAB
