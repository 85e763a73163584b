"""Tells the kind of a change or an issue by a linear model: fix, feature, refactor, docs, test or chore (build, CI).

One multinomial logistic regression over hashed n-grams of title and body, what the rules read, and the files of the
change. It is trained by `bench/kinds.py` (docs/kinds.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bot.domain.kinds import Described, Kind
from bot.ml.kind_features import NAMES, Floats, inputs
from bot.ml.members import BadModel
from bot.ml.ngrams import BUCKETS, Tokens

FILE = Path(__file__).with_name("kinds.npz")
KINDS = (Kind.FIX, Kind.FEATURE, Kind.REFACTOR, Kind.DOCS, Kind.TEST, Kind.CHORE)
FIX = KINDS.index(Kind.FIX)
# From this probability on, a change is a fix, or one of the other kinds. Below, the model is silent.
FIX_FROM = 0.5
OTHER_FROM = 0.4
# The weight of the body's words against those of the title.
BODY = np.float32(0.25)

_FORMAT = 1
_BATCH = 4_096
_MAX_BYTES = 4_000_000
_MAX_TEMPERATURE = 100.0
# The arrays of a file: shape and type. words: in units of `scale`. rarity: in sixteenths.
_ARRAYS = {
    "format": ((), np.dtype(np.int64)), "words": ((BUCKETS, len(KINDS)), np.dtype(np.int8)),
    "scale": ((len(KINDS),), np.dtype(np.float32)), "rarity": ((BUCKETS,), np.dtype(np.uint8)),
    "table": ((len(NAMES), len(KINDS)), np.dtype(np.float32)), "bias": ((len(KINDS),), np.dtype(np.float32)),
    "temperature": ((), np.dtype(np.float32)),
}  # fmt: skip
_RARITY_UNIT = 16


@dataclass(frozen=True, eq=False)
class KindModel:
    """The weights of the regression.

    words: by bucket and kind; shape (BUCKETS, len(KINDS)).
    rarity: the inverse document frequency of a bucket; shape (BUCKETS,).
    table: by feature of `kind_features.NAMES` and kind.
    temperature: divides the scores, so that the probabilities are calibrated (Guo et al., "On calibration of modern
        neural networks", ICML 2017).
    """

    words: Floats
    rarity: Floats
    table: Floats
    bias: Floats
    temperature: float = 1.0

    def scores(self, changes: Sequence[Described]) -> Floats:
        """Return the log-odds of each kind up to a constant; shape (changes, len(KINDS))."""
        parts = [self._of_batch(changes[start : start + _BATCH]) for start in range(0, len(changes), _BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, len(KINDS)), dtype=np.float32)

    def probabilities(self, changes: Sequence[Described]) -> Floats:
        """Return the calibrated probability of each kind; shape (changes, len(KINDS))."""
        return softmax(self.scores(changes) / np.float32(self.temperature))

    @cached_property
    def _weighted(self) -> Floats:
        """By bucket: the weights of a word that is as rare as this one, and the square of its rarity."""
        return np.column_stack([self.words * self.rarity[:, None], self.rarity**2])

    def _of_batch(self, batch: Sequence[Described]) -> Floats:
        read = inputs(batch)
        title, body = (_sums(parts, len(batch), self._weighted) for parts in (read.title, read.body))
        return np.asarray(title + BODY * body + read.table @ self.table + self.bias, dtype=np.float32)

    def kinds(self, changes: Sequence[Described]) -> list[Kind | None]:
        """Return the kind of each change, or None where the model is unsure."""
        return decided(self.probabilities(changes))


def decided(probabilities: Floats, fix_from: float = FIX_FROM) -> list[Kind | None]:
    """Return the kind of each row: a fix, or the most probable other kind, or None."""
    others = np.where(np.arange(len(KINDS)) == FIX, -1.0, probabilities)
    best = others.argmax(axis=1) if len(others) else []
    return [
        Kind.FIX if row[FIX] >= fix_from else KINDS[number] if row[number] >= OTHER_FROM else None
        for row, number in zip(probabilities, best, strict=True)
    ]


def _sums(parts: Sequence[Tokens], count: int, weighted: Floats) -> Floats:
    """Return the sum of the weights of the tokens of each text, as of a tf-idf vector of length 1.

    weighted: by bucket the weights times the rarity, and in the last column the square of the rarity.
    """
    total = np.zeros((count, weighted.shape[1]), dtype=np.float32)
    for part in parts:
        if len(part.owners):
            starts = np.flatnonzero(np.diff(part.owners, prepend=np.int32(-1)))
            total[part.owners[starts]] += np.add.reduceat(weighted[part.buckets], starts, axis=0)
    return np.asarray(total[:, :-1] / np.sqrt(np.maximum(total[:, -1:], 1e-6)))


def softmax(scores: Floats) -> Floats:
    """Return probabilities that add up to 1 in each row."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def to_bytes(model: KindModel) -> bytes:
    """Return the model as a `.npz` file of plain numbers. The weights of words are rounded to 8 bits."""
    scale = np.maximum(np.abs(model.words).max(axis=0), 1e-6) / 127
    file = BytesIO()
    np.savez_compressed(
        file,
        format=np.int64(_FORMAT),
        words=np.rint(model.words / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        rarity=np.clip(np.rint(model.rarity * _RARITY_UNIT), 1, 255).astype(np.uint8),
        table=model.table.astype(np.float32),
        bias=model.bias.astype(np.float32),
        temperature=np.float32(model.temperature),
    )
    return file.getvalue()


def from_bytes(content: bytes) -> KindModel:
    """Read the result of `to_bytes`. Raises BadModel if it is damaged or of another format."""
    try:
        if len(content) > _MAX_BYTES:
            raise BadModel("the model of kinds is too large")  # noqa: TRY301 - one place for all errors
        with np.load(BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
    except BadModel:
        raise
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise BadModel(f"the model of kinds is damaged: {error!r}") from error
    for name, (shape, kind) in _ARRAYS.items():
        if arrays[name].shape != shape or arrays[name].dtype != kind or not np.isfinite(arrays[name]).all():
            raise BadModel(f"the model of kinds has another format: {name}")
    temperature = float(arrays["temperature"])
    if arrays["format"] != _FORMAT or not 0 < temperature <= _MAX_TEMPERATURE:
        raise BadModel("the model of kinds has another format; run `python bench/kinds.py train` again")
    words = (arrays["words"] * arrays["scale"]).astype(np.float32)
    rarity = (arrays["rarity"] / np.float32(_RARITY_UNIT)).astype(np.float32)
    return KindModel(words, rarity, arrays["table"], arrays["bias"], temperature)


@cache
def shipped() -> KindModel:
    """Return the model that is part of the package. Raises BadModel if its file is damaged."""
    try:
        return from_bytes(FILE.read_bytes())
    except OSError as error:
        raise BadModel(f"the shipped model of kinds cannot be read: {error}") from error
