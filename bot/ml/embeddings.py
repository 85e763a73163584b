"""Vectors of texts by the optional model of EMBEDDING_MODEL: computed in a bounded child, kept by content.

Without a model, or with one that cannot be used, there are no vectors, and TF-IDF goes on alone.
"""

import hashlib
import logging
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np

from bot.ml.embedding_child import Answer, Task, Vectors
from bot.ml.model_folder import MAX_DIMENSIONS, BadModelFolder, ModelFiles, model_files
from bot.process import MIB, Limits, ProcessFailed, run

log = logging.getLogger(__name__)

MAX_CHARACTERS = 2_000
# Texts for one child. It lives for one task: its memory is given back, and a bad text costs one task.
_TASK = 4_000
_SECONDS = 600.0
# Address space, not memory in use: the libraries map more than they touch.
_LIMITS = Limits(memory=6144 * MIB, cpu=1_200, file=0, files=128)
# Vectors that are kept: 150 MB with 384 dimensions.
MAX_KEPT = 200_000
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, used INTEGER, vector BLOB) WITHOUT ROWID"


class Embedder:
    """The model of an instance, and the vectors that it has computed (DATA_DIR/embeddings.db).

    A model that cannot be used is logged once, in one sentence.
    """

    def __init__(self, name: str, data_dir: Path, *, most: int = MAX_KEPT, limits: Limits = _LIMITS) -> None:
        self._name = name
        self._data_dir = data_dir
        self._most = most
        self._limits = limits
        self._is_off = not name

    async def embed(self, texts: Sequence[str]) -> Vectors | None:
        """Return a vector of length 1 per text (0 for a text without a known word), or None without a usable model."""
        if self._is_off or not texts:
            return None
        try:
            files = model_files(self._name, self._data_dir)
            return await self._embed(
                files, [text[:MAX_CHARACTERS].encode("utf-8", "replace").decode() for text in texts]
            )
        except (BadModelFolder, ProcessFailed, OSError) as problem:
            log.warning("EMBEDDING_MODEL is not used: %s", problem)
            self._is_off = True
            return None

    async def _embed(self, files: ModelFiles, texts: list[str]) -> Vectors:
        keys = [hashlib.sha256(f"{files.digest}\0{text}".encode()).digest()[:16] for text in texts]
        with closing(self._opened()) as connection:
            known = _read(connection, keys)
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            wanted = list(missing.items())
            for start in range(0, len(wanted), _TASK):
                part = wanted[start : start + _TASK]
                vectors = await self._compute(files, [text for _, text in part])
                found = {key: vector for (key, _), vector in zip(part, vectors, strict=True)}
                known |= found
                _write(connection, found, self._most)
        return np.stack([known[key] for key in keys])

    def _opened(self) -> sqlite3.Connection:
        """Open the kept vectors. A damaged file is begun anew: it is a cache."""
        path = self._data_dir / "embeddings.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _connected(path)
        except sqlite3.DatabaseError:
            path.unlink()
            return _connected(path)

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


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.execute(_TABLE)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _read(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
    found: dict[bytes, Vectors] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        query = f"SELECT key, vector FROM vectors WHERE key IN ({','.join('?' * len(part))})"  # noqa: S608
        for key, vector in connection.execute(query, part):
            found[key] = np.frombuffer(vector, dtype="<f2").astype(np.float32)
    return found


def _write(connection: sqlite3.Connection, found: dict[bytes, Vectors], most: int) -> None:
    """Keep vectors as 16-bit numbers. Beyond `most`, the oldest go."""
    connection.execute("BEGIN IMMEDIATE")
    newest = connection.execute("SELECT coalesce(max(used), 0) FROM vectors").fetchone()[0]
    rows = [(key, newest + 1 + at, vector.astype("<f2").tobytes()) for at, (key, vector) in enumerate(found.items())]
    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
    over = connection.execute("SELECT count(*) FROM vectors").fetchone()[0] - most
    if over > 0:
        query = "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors ORDER BY used LIMIT ?)"
        connection.execute(query, (over,))
    connection.execute("COMMIT")
