"""An index of short technical texts by character TF-IDF: which of many stored texts are like a new one?

Score: the cosine of two vectors of `(1 + ln count) · idf` with idf = ln((1 + texts) / (1 + texts with it)) + 1, as
scikit-learn's TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True) has it. 1: equal texts.

The index is one file of plain arrays, which is mapped into memory: a query reads the n-grams of its text only. It holds
counts, so that an index that has grown equals one that is built at once. Nothing in it is executed or unpickled.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.ml.grams import BUCKETS, Grams, count_grams

Scores = NDArray[np.float32]

_BATCH = 2_000
# Buckets whose postings are in memory at once while norms are computed.
_BLOCK = 1 << 15
# Of a query, the most common n-grams are left out beyond so many postings: they tell least, and cost most.
_MAX_POSTINGS = 1_500_000
_MAGIC = b"GITEXT2\0"
_HEADER = np.dtype([("magic", "S8"), ("texts", "<u8"), ("postings", "<u8"), ("label", "S64")])
_SUBLINEAR = np.concatenate(([0.0], 1 + np.log(np.arange(1, 256)))).astype(np.float32)


class TextIndexUnusable(Exception):
    """The file is missing, damaged, or of another format. Build the index again."""


@dataclass(frozen=True, slots=True)
class TextIndex:
    """Texts, numbered from 0 in the order in which they were given.

    starts: the first posting of each bucket, and the number of all postings.
    rows, counts: the postings of a bucket: a text that has its n-gram, and how often.
    norms: the length of the vector of each text; 0 for a text without n-grams.
    label: up to 64 ASCII characters of the caller, such as what the texts were taken from.
    """

    starts: "NDArray[np.uint32]"
    rows: "NDArray[np.uint32]"
    counts: "NDArray[np.uint8]"
    norms: Scores
    label: str = ""

    def __len__(self) -> int:
        return len(self.norms)

    def scores(self, text: str) -> Scores:
        """Return the score of each stored text. Raises TextIndexUnusable if the file is damaged."""
        grams = count_grams([text])
        buckets = grams.buckets.astype(np.int64)
        starts = self.starts[buckets].astype(np.int64)
        sizes = self.starts[buckets + 1].astype(np.int64) - starts
        idf = _idf(sizes, len(self))
        own = _SUBLINEAR[grams.counts] * idf
        known = _rarest(sizes)
        found = np.zeros(len(self), dtype=np.float32)
        try:
            for start, size, weight in zip(starts[known], sizes[known], (own * idf)[known], strict=True):
                span = slice(int(start), int(start) + int(size))
                found[self.rows[span]] += _SUBLINEAR[self.counts[span]] * weight  # a bucket has a row once
        except IndexError as problem:
            raise TextIndexUnusable("the index names a text that it does not have") from problem
        lengths = self.norms * float(np.linalg.norm(own))
        np.divide(found, lengths, out=found, where=lengths > 0)
        return found

    def query(self, text: str, most: int) -> list[tuple[int, float]]:
        """Return the rows of the texts that are most like a text, with their scores, best first; none with score 0."""
        scores = self.scores(text)
        return [(row, float(scores[row])) for row in best(scores, most) if scores[row] > 0]

    def compare(self, text: str, others: Sequence[str]) -> Scores:
        """Return the score of each of a few texts that need not be stored. How rare an n-gram is, the index says."""
        grams = count_grams([text, *others])
        buckets = grams.buckets.astype(np.int64)
        with_it = self.starts[buckets + 1].astype(np.int64) - self.starts[buckets]
        weights = _SUBLINEAR[grams.counts] * _idf(with_it, len(self))
        own = np.zeros(BUCKETS, dtype=np.float32)
        own[buckets[grams.rows == 0]] = weights[grams.rows == 0]
        common = np.bincount(grams.rows, weights * own[buckets], len(others) + 1)
        norms = np.sqrt(np.bincount(grams.rows, weights**2, len(others) + 1))
        lengths = norms * norms[0]
        found: Scores = np.divide(common, lengths, out=np.zeros_like(common), where=lengths > 0).astype(np.float32)
        return found[1:]

    def save(self, path: Path) -> None:
        """Write the index. A reader sees the old file or the new one."""
        header = np.array([(_MAGIC, len(self), len(self.rows), self.label.encode("ascii"))], dtype=_HEADER)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                for array in (header, self.starts, self.norms, self.rows, self.counts):
                    array.tofile(file)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def build(texts: Sequence[str]) -> TextIndex:
    """Index texts. Of each, the first `grams.MAX_CHARACTERS` characters count."""
    return extend(None, texts)


def extend(index: TextIndex | None, texts: Sequence[str]) -> TextIndex:
    """Return an index of the texts of another one and of new texts after them. Equal to an index of all of them."""
    batches = list(_batches(0 if index is None else len(index), texts))
    if index is not None:
        counts = np.diff(index.starts).astype(np.int64)
        old = Grams(np.repeat(np.arange(BUCKETS, dtype=np.uint32), counts), index.rows, index.counts)
        batches.insert(0, old)
    return _merged(batches, (0 if index is None else len(index)) + len(texts))


def load(path: Path) -> TextIndex:
    """Map an index into memory. Raises TextIndexUnusable."""
    try:
        header = np.fromfile(path, dtype=_HEADER, count=1)
        if len(header) != 1 or header["magic"][0] != _MAGIC.rstrip(b"\0"):
            raise TextIndexUnusable("the file is not an index of texts")
        texts, postings = int(header["texts"][0]), int(header["postings"][0])
        label = header["label"][0].decode("ascii", "replace")
        sizes = (_HEADER.itemsize, 4 * (BUCKETS + 1), 4 * texts, 4 * postings, postings)
        if path.stat().st_size != sum(sizes):
            raise TextIndexUnusable("the file has another size than its header says")
        content = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as problem:
        raise TextIndexUnusable(str(problem)) from problem
    _, starts, norms, rows, counts = np.split(content, np.cumsum(sizes)[:-1])
    index = TextIndex(starts.view(np.uint32), rows.view(np.uint32), counts, norms.view(np.float32), label)
    if index.starts[0] != 0 or index.starts[-1] != postings or (index.starts[1:] < index.starts[:-1]).any():
        raise TextIndexUnusable("the buckets of the index are out of order")
    return index


def best(scores: Scores, most: int) -> list[int]:
    """Return the rows with the highest scores, best first; of equal ones the earlier row first."""
    if most <= 0:
        return []
    if most < len(scores):
        floor = np.partition(scores, len(scores) - most)[len(scores) - most]
        candidates = np.flatnonzero(scores >= floor)
    else:
        candidates = np.arange(len(scores))
    return [int(row) for row in candidates[np.argsort(-scores[candidates], kind="stable")][:most]]


def z_scores(scores: Scores) -> Scores:
    """Return how many standard deviations each score is above their mean; zeros if all are equal.

    Scores of several signals can be added after this.
    """
    deviation = float(scores.std()) if len(scores) else 0.0
    return (scores - scores.mean()) / deviation if deviation > 0 else np.zeros_like(scores)


def _batches(first: int, texts: Sequence[str]) -> Iterator[Grams]:
    for start in range(0, len(texts), _BATCH):
        grams = count_grams(texts[start : start + _BATCH])
        yield Grams(grams.buckets, grams.rows + np.uint32(first + start), grams.counts)


def _merged(batches: Sequence[Grams], texts: int) -> TextIndex:
    """Merge batches, each sorted by bucket and row, whose rows ascend from batch to batch."""
    sizes = np.zeros(BUCKETS, dtype=np.int64)
    for batch in batches:
        sizes += np.bincount(batch.buckets, minlength=BUCKETS)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    rows, counts = np.empty(starts[-1], np.uint32), np.empty(starts[-1], np.uint8)
    free = starts[:-1].copy()
    for batch in batches:
        own = np.bincount(batch.buckets, minlength=BUCKETS)
        # The position of a posting: the first free one of its bucket, and its position within the bucket of the batch.
        shift = free - np.concatenate(([0], np.cumsum(own)[:-1]))
        target = shift[batch.buckets] + np.arange(len(batch.buckets))
        rows[target], counts[target] = batch.rows, batch.counts
        free += own
    return TextIndex(starts.astype(np.uint32), rows, counts, _norms(starts, rows, counts, texts))


def _norms(starts: "NDArray[np.int64]", rows: "NDArray[np.uint32]", counts: "NDArray[np.uint8]", texts: int) -> Scores:
    squares = np.zeros(texts)
    for first in range(0, BUCKETS, _BLOCK):
        sizes = np.diff(starts[first : first + _BLOCK + 1])
        span = slice(starts[first], starts[first + len(sizes)])
        weights = _SUBLINEAR[counts[span]] * np.repeat(_idf(sizes, texts), sizes)
        squares += np.bincount(rows[span], weights.astype(np.float64) ** 2, texts)
    return np.sqrt(squares).astype(np.float32)


def _rarest(sizes: "NDArray[np.int64]") -> "NDArray[np.intp]":
    """Return the positions of the n-grams to look up, of their numbers of postings."""
    order = np.argsort(sizes, kind="stable")
    return order[(sizes[order] > 0) & (np.cumsum(sizes[order]) <= _MAX_POSTINGS)]


def _idf(with_it: "NDArray[np.int64]", texts: int) -> Scores:
    return (np.log((1 + texts) / (1 + with_it)) + 1).astype(np.float32)
