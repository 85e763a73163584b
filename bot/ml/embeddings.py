"""Vectors of texts by the optional model of EMBEDDING_MODEL: computed in a bounded child, kept by content.

Without a model, or with one that cannot be used, there are no vectors, and TF-IDF goes on alone.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from bot.ml.embedding_child import Answer, Task
from bot.ml.model_folder import MAX_DIMENSIONS, BadModelFolder, ModelFiles, model_files
from bot.ml.text import Scores
from bot.ml.vector_store import MAX_KEPT, Vectors, VectorStore
from bot.process import MIB, Limits, ProcessFailed, run

log = logging.getLogger(__name__)

MAX_CHARACTERS = 2_000
# Texts for one child. It lives for one task: its memory is given back, and a bad text costs one task.
_TASK = 2_000
_SECONDS = 600.0
# Address space, not memory in use: the libraries map more than they touch.
_LIMITS = Limits(memory=6144 * MIB, cpu=1_200, file=0, files=128)
# A new text is compared with so many stored ones to find what likeness is usual.
_SAMPLE = 2_000
_LEAST_SAMPLE = 30
_SAME = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """What a text means, to be compared with texts whose vectors are kept.

    mean, deviation: of its cosines with a sample of the kept ones.
    """

    vector: Vectors
    store: VectorStore
    mean: float
    deviation: float

    def z_scores(self, texts: Sequence[str]) -> Scores:
        """Return how many standard deviations each text is nearer than the mean; 0 where its vector is not kept."""
        keys = [self.store.key(prepared(text)) for text in texts]
        try:
            known = self.store.read(keys)
        except OSError as problem:
            log.warning("the vectors of the texts cannot be read: %s", problem)
            known = {}
        found: Scores = np.zeros(len(texts), dtype=np.float32)
        for at, key in enumerate(keys):
            if key in known and known[key].shape == self.vector.shape:
                found[at] = (float(known[key] @ self.vector) - self.mean) / self.deviation
        return np.nan_to_num(found)


class Embedder:
    """The model of an instance; none with an empty name. A model that cannot be used is logged once, in one sentence.

    `kept` of the methods is the file of the vectors that are known. Texts without one are given to the child.
    problem: why the model cannot be used; empty if nothing is known against it.
    """

    def __init__(self, name: str, data_dir: Path, *, most: int = MAX_KEPT, limits: Limits = _LIMITS) -> None:
        self._name = name
        self._data_dir = data_dir
        self._most = most
        self._limits = limits
        self._is_off = not name
        self.problem = ""

    @property
    def is_on(self) -> bool:
        """Whether there is a model, as far as is known."""
        return not self._is_off

    async def embed(self, texts: Sequence[str], kept: Path) -> Vectors | None:
        """Return a vector of length 1 per text (0 for a text without a known word), or None without a usable model."""
        found = await self._embedded(texts, kept)
        return found and found[0]

    async def fill(self, texts: Sequence[str], kept: Path, seconds: float) -> None:
        """Compute the vectors of texts that have none, the first ones first, until the time is over.

        Vectors of other texts are deleted. Beyond MAX_KEPT, the last texts have none.
        """
        end, texts = time.monotonic() + seconds, texts[: self._most]
        for start in range(0, len(texts), _TASK):
            found = await self._embedded(texts[start : start + _TASK], kept)
            if found is None:
                return
            if start == 0:
                store = found[1]
                await asyncio.to_thread(store.keep, [store.key(prepared(text)) for text in texts])
            if time.monotonic() >= end:
                return

    async def meanings_of(self, texts: Sequence[str], kept: Path) -> list[Meaning | None]:
        """Return what each text means; None without a usable model, or if too few vectors are kept."""
        found = await self._embedded(texts, kept) if kept.is_file() else None
        if found is None:
            return [None] * len(texts)
        vectors, store = found
        return [await asyncio.to_thread(_compared, vector, store) for vector in vectors]

    async def _embedded(self, texts: Sequence[str], kept: Path) -> tuple[Vectors, VectorStore] | None:
        if self._is_off or not texts:
            return None
        try:
            files = await asyncio.to_thread(model_files, self._name, self._data_dir)
            store = VectorStore(kept, files.digest, self._most)
            return await self._vectors(files, store, [prepared(text) for text in texts]), store
        except (BadModelFolder, ProcessFailed, OSError) as problem:
            log.warning("EMBEDDING_MODEL is not used: %s", problem)
            self._is_off, self.problem = True, str(problem)
            return None

    async def _vectors(self, files: ModelFiles, store: VectorStore, texts: list[str]) -> Vectors:
        keys = [store.key(text) for text in texts]
        known = await asyncio.to_thread(store.read, keys)
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
        for start in range(0, len(missing), _TASK):
            part = missing[start : start + _TASK]
            vectors = await self._compute(files, [text for _, text in part])
            found = {key: vector for (key, _), vector in zip(part, vectors, strict=True)}
            known |= found
            await asyncio.to_thread(store.write, found)
        rows = [known[key] for key in keys]
        if len({row.shape for row in rows}) > 1:
            raise BadModelFolder("the model gives vectors of different sizes")
        return np.stack(rows)

    async def _compute(self, files: ModelFiles, texts: list[str]) -> Vectors:
        table, network = (str(path) if path else None for path in (files.table, files.network))
        task = Task(str(files.tokenizer), table, network, texts)
        done = await run(
            [sys.executable, "-I", "-m", "bot.ml.embedding_child"],
            env={"LC_ALL": "C.UTF-8", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "OMP_NUM_THREADS": "2"},
            cwd=Path("/"),
            stdin=msgspec.msgpack.encode(task),
            timeout=_SECONDS,
            max_output=len(texts) * 4 * MAX_DIMENSIONS + MIB,
            limits=self._limits,
        )
        try:
            answer = msgspec.msgpack.decode(done.stdout, type=Answer)
        except msgspec.DecodeError:
            raise BadModelFolder("the model ended its process, or needs more memory than it may have") from None
        if answer.problem:
            raise BadModelFolder(answer.problem)
        if len(answer.vectors) != len(texts) * answer.dimensions * 4:
            raise BadModelFolder("the model does not answer with one vector per text")
        return np.frombuffer(answer.vectors, dtype="<f4").reshape(len(texts), answer.dimensions)


def prepared(text: str) -> str:
    """Return the part of a text that is given to the model."""
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()


def _compared(vector: Vectors, store: VectorStore) -> Meaning | None:
    rows = [row for row in store.sample(_SAMPLE) if row.shape == vector.shape]
    cosines = np.stack(rows) @ vector if len(rows) >= _LEAST_SAMPLE else np.zeros(1, dtype=np.float32)
    cosines = cosines[cosines < _SAME]  # its own vector may be kept, too
    deviation = float(cosines.std()) if len(cosines) else 0.0
    return Meaning(vector, store, float(cosines.mean()), deviation) if deviation > 0 else None


# Without a model.
NO_MODEL = Embedder("", Path())
