"""The maintainability index of a file."""

import math
import string

_WORD = frozenset((string.ascii_letters + string.digits + "_$").encode()) | frozenset(range(0x80, 0x100))
# Openers stand for their pair.
_CLOSERS = frozenset(b")]}")
_WORDS_ONLY = bytes(byte if byte in _WORD else 0x20 for byte in range(256))
_OPERATORS_ONLY = bytes(0x20 if byte in _WORD or byte in _CLOSERS else byte for byte in range(256))


def halstead_volume(code: bytes, strings: list[bytes]) -> float:
    """Halstead's volume, N·log2(n): N tokens of which n are distinct (M. Halstead, "Elements of Software Science").

    code: the text without comments and without string literals, which the syntax tree located; strings: the
    literals, each one operand. Words are operands or keywords, punctuation without a gap is one operator, closing
    brackets belong to their openers. Every token counts, so the volume is larger than radon's, which counts only
    the operands of operators.
    """
    words = code.translate(_WORDS_ONLY).split()
    operators = code.translate(_OPERATORS_ONLY).split()
    total = len(words) + len(operators) + len(strings)
    distinct = len(set(words)) + len(set(operators)) + len(set(strings))
    return total * math.log2(distinct) if distinct > 1 else 0.0


def maintainability_index(volume: float, ccn: int, nloc: int, comment_share: float) -> float:
    """0 (hard to maintain) to 100, by the formula of radon's `mi_compute` and of Visual Studio.

    Oman and Hagemeister's index, normalized: max(0, min(100, 100/171 · (171 - 5.2·ln V - 0.23·G - 16.2·ln L +
    50·sin √(2.46·rad C)))). volume: V; ccn: G, the decisions of the file plus 1; nloc: L; comment_share: C, comment
    lines (docstrings included) over nloc, in percent. See https://radon.readthedocs.io/en/latest/intro.html.
    """
    if volume <= 0 or nloc <= 0:
        return 100.0
    comments = math.sin(math.sqrt(2.46 * math.radians(min(comment_share, 100.0))))
    raw = 171 - 5.2 * math.log(volume) - 0.23 * ccn - 16.2 * math.log(nloc) + 50 * comments
    return min(max(0.0, raw * 100 / 171), 100.0)
