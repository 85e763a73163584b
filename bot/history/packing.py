"""Converts numbers to and from the forms that the index stores: packed arrays, and lists as text."""

import zlib
from array import array

import numpy as np

# The bits of an ident in the packed authors. The highest bit marks changes that no fix may be linked to.
IDENT = np.uint32((1 << 31) - 1)


def pack(numbers: "array[int]") -> bytes:
    """Compress an array."""
    return zlib.compress(numbers.tobytes(), 1)


def unpack(packed: bytes | None) -> "array[int]":
    """Decompress the result of `pack`; None becomes an empty array."""
    numbers = array("I")
    if packed:
        numbers.frombytes(zlib.decompress(packed))
    return numbers


def parse_numbers(text: str | None) -> list[int]:
    """Parse the result of `group_concat`, ascending. Reading one such text is much faster than reading many rows."""
    return sorted(map(int, text.split(","))) if text else []
