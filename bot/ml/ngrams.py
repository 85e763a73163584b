"""Turns texts into hashed n-grams: of characters (3 to 5 bytes of UTF-8) and of words (1 and 2). Pure numpy.

The hashing trick (Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009) needs no
vocabulary. scikit-learn's HashingVectorizer does the same in a Python loop over the tokens; it is several times slower
than the arrays here, and the history index classifies every commit of a repository.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 16
BUCKETS = 1 << BITS
MAX_TEXT = 400  # characters of one text that count

_SIZES = (3, 4, 5)
# Odd multipliers: of the polynomial, of its inverse modulo 2^32, and of the final mixing (multiplicative hashing).
_BASE = 0x9E3779B1
_INVERSE = pow(_BASE, -1, 1 << 32)
_MIX = np.uint32(0x85EBCA6B)
_SHIFT = np.uint32(32 - BITS)
_SEPARATOR, _START = "\0", "\x02"
# Digits become "0", control characters and the separators become spaces. Upper case is gone before.
_TABLE = bytes.maketrans(b"123456789" + bytes(range(32)), b"0" * 9 + b" " * 32)
# What names one change instead of a kind: addresses, issues, people, shas and versions.
_NAMES = re.compile(rb"https?:[^ \0]*|[#@]\w*|0[0a-f.]*|  +")
_IS_WORD = np.zeros(256, dtype=np.bool_)
_IS_WORD[[0x02, 0x30, 0x5F, *range(0x61, 0x7B), *range(0x80, 0x100)]] = True

Buckets = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one length of several texts, those of one text in a row.

    buckets: the hash of each token.
    owners: the number of its text; ascending.
    """

    buckets: Buckets
    owners: NDArray[np.int32]


def tokens(texts: Sequence[str], seed: int = 0, *, words_only: bool = False) -> list[Tokens]:
    """Return the tokens of texts by their length. Of each text the first MAX_TEXT characters count.

    words_only: without the n-grams of characters.
    seed: texts of different seeds have different buckets, so that a word of a title is not the word of a body.
    """
    data = _joined(texts)
    owner = (np.cumsum(data == 0, dtype=np.int32) - 1).astype(np.int32)
    sizes = () if words_only else _SIZES
    parts = [_characters(data, owner, size) for size in sizes] + _words(data, owner)
    salt = np.uint32(seed)
    return [Tokens(((hashes ^ salt) * _MIX >> _SHIFT).astype(np.int32), owners) for hashes, owners in parts]


def _joined(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Return the cleaned texts as one row of bytes. Each begins with a separator, and ends with a space."""
    shortened = (text[:MAX_TEXT].lower().encode("utf-8", "replace").translate(_TABLE).strip() for text in texts)
    joined = b"".join(b"\0\x02%b " % text if text else b"\0" for text in shortened)
    return np.frombuffer(_NAMES.sub(_replacement, joined), dtype=np.uint8)


def _replacement(match: re.Match[bytes]) -> bytes:
    return b" " if match[0][:1] == b" " else b"0"


_Hashes = tuple[NDArray[np.uint32], NDArray[np.int32]]


def _characters(data: NDArray[np.uint8], owner: NDArray[np.int32], size: int) -> _Hashes:
    """Return the hash and the text of each window of `size` bytes that does not leave its text."""
    count = max(0, len(data) - size + 1)
    hashes = np.full(count, size, dtype=np.uint32)
    for offset in range(size if count else 0):
        hashes *= np.uint32(_BASE)
        hashes += data[offset : offset + count]
    inside = np.flatnonzero((owner[:count] == owner[size - 1 :][:count]) & (data[:count] != 0))
    return hashes[inside], owner[inside]


def _words(data: NDArray[np.uint8], owner: NDArray[np.int32]) -> list[_Hashes]:
    """Return the hashes and the texts of the words, and of each two words in a row."""
    edges = np.diff(_IS_WORD[data].astype(np.int8), prepend=np.int8(0), append=np.int8(0))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    # prefix[i]: the polynomial of the bytes before i. A word is the difference of two, moved to the power 0.
    terms = data * _powers(len(data), _BASE)
    prefix = np.concatenate([np.zeros(1, dtype=np.uint32), np.cumsum(terms, dtype=np.uint32)])
    words = (prefix[ends] - prefix[starts]) * _powers(len(data), _INVERSE)[starts]
    owners = owner[starts]
    follows = np.flatnonzero(owners[1:] == owners[:-1])
    couples = words[follows] * np.uint32(_BASE) + words[follows + 1] + np.uint32(1)
    return [(words, owners), (couples, owners[follows])]


def _powers(count: int, base: int) -> NDArray[np.uint32]:
    values = np.full(count, base, dtype=np.uint32)
    values[:1] = 1
    return np.cumprod(values, dtype=np.uint32)
