"""Numbers as the index stores and tells them: packed arrays, and lists as text."""

import zlib
from array import array

import numpy as np

# The bits of an ident in the packed authors; the highest marks the blameless.
IDENT = np.uint32((1 << 31) - 1)


def pack(origins: "array[int]") -> bytes:
    """Origins as stored."""
    return zlib.compress(origins.tobytes(), 1)


def unpack(packed: bytes | None) -> "array[int]":
    """The inverse of `pack`."""
    origins = array("I")
    if packed:
        origins.frombytes(zlib.decompress(packed))
    return origins


def numbers_in(listed: str | None) -> list[int]:
    """The numbers of a `group_concat`, ascending. One such text is read much faster than as many rows."""
    return sorted(map(int, listed.split(","))) if listed else []
