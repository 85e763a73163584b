"""Counts the hashed character n-grams of short technical texts, many texts at once.

These are the n-grams that scikit-learn calls `char_wb`: of 3, 4 and 5 characters, within a word that has one space on
each side. Importing scikit-learn would cost each process that analyzes 94 MB and two seconds.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Of a text, only so many characters count.
MAX_CHARACTERS = 600
BUCKETS = 1 << 19
_SIZES = (3, 4, 5)
_MOST = 255  # of a count: it fits into a byte
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_SPACE = ord(" ")
# Odd multipliers with well mixed bits: of Knuth's multiplicative hashing, and of the finalizer of MurmurHash3.
_STEP, _MIX, _FINISH = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of some texts, by bucket, then by row.

    buckets: the hash of the n-gram, below BUCKETS.
    rows: the position of the text.
    counts: how often the n-gram occurs in it, at most 255.
    """

    buckets: "NDArray[np.uint32]"
    rows: "NDArray[np.uint32]"
    counts: "NDArray[np.uint8]"


def count_grams(texts: Sequence[str]) -> Grams:
    """Count the n-grams of texts. The whole input should have some million characters at most."""
    streams = ["".join(f" {word} " for word in _normalized(text).split()) for text in texts]
    codes = np.frombuffer("".join(streams).encode("utf-32-le", "replace"), dtype=np.uint32)
    rows = np.repeat(np.arange(len(streams), dtype=np.uint64), [len(stream) for stream in streams])
    keys = np.concatenate([_keys(codes, rows, size) for size in _SIZES])
    keys.sort()
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, np.int64)
    counts = np.diff(first, append=len(keys))
    found = keys[first]
    return Grams(
        (found >> np.uint64(32)).astype(np.uint32),
        (found & _LOW).astype(np.uint32),
        np.minimum(counts, _MOST).astype(np.uint8),
    )


def _normalized(text: str) -> str:
    """Return the beginning of a text in lower case. Other forms of a character become the usual one (NFKC)."""
    beginning = _CONTROL.sub(" ", text[: MAX_CHARACTERS * 2])
    return unicodedata.normalize("NFKC", beginning[:MAX_CHARACTERS]).casefold()[:MAX_CHARACTERS]


def _keys(codes: "NDArray[np.uint32]", rows: "NDArray[np.uint64]", size: int) -> "NDArray[np.uint64]":
    """Return `bucket << 32 | row` for each n-gram of one size."""
    positions = len(codes) - size + 1
    if positions <= 0:
        return np.empty(0, dtype=np.uint64)
    is_space = codes == _SPACE
    # Two spaces in a row are the end of a word and the start of the next.
    word = np.cumsum(np.concatenate(([False], is_space[1:] & is_space[:-1])))
    start = np.flatnonzero(word[size - 1 :] == word[:positions])
    hashed = np.full(len(start), size, dtype=np.uint64)
    for offset in range(size):
        hashed = (hashed ^ codes[start + offset].astype(np.uint64)) * _STEP
        hashed ^= hashed >> np.uint64(29)
    hashed = (hashed ^ (hashed >> np.uint64(33))) * _MIX
    hashed = (hashed ^ (hashed >> np.uint64(33))) * _FINISH
    bucket = (hashed >> np.uint64(33)) % np.uint64(BUCKETS)
    return (bucket << np.uint64(32)) | rows[start]
