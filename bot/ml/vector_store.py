"""Vectors of texts by content, in one SQLite file of plain numbers. It is a cache: a damaged file is begun anew."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

# Vectors in one file: 150 MB with 384 dimensions.
MAX_KEPT = 200_000
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, used INTEGER, vector BLOB) WITHOUT ROWID"


@dataclass(frozen=True, slots=True)
class VectorStore:
    """The vectors of one model in one file, as 16-bit numbers. Those of another model are deleted when it is opened.

    digest: of the files of the model.
    most: beyond this number of vectors, the oldest are deleted.
    """

    path: Path
    digest: str
    most: int = MAX_KEPT

    def key(self, text: str) -> bytes:
        """Return the key of a text."""
        return hashlib.sha256(f"{self.digest}\0{text}".encode()).digest()[:16]

    def read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Return the vectors of the keys that are known."""
        found: dict[bytes, Vectors] = {}
        with self._opened() as connection:
            for start in range(0, len(keys), 500):
                part = keys[start : start + 500]
                query = f"SELECT key, vector FROM vectors WHERE key IN ({','.join('?' * len(part))})"  # noqa: S608
                found |= {key: _vector(content) for key, content in connection.execute(query, part)}
        return found

    def sample(self, most: int) -> list[Vectors]:
        """Return the first vectors in the order of their keys. These are hashes, so the texts are a random sample."""
        with self._opened() as connection:
            rows = connection.execute("SELECT vector FROM vectors ORDER BY key LIMIT ?", (most,)).fetchall()
        return [_vector(content) for (content,) in rows]

    def keep(self, keys: Iterable[bytes]) -> None:
        """Delete all vectors but those of these keys."""
        with self._opened() as connection:
            connection.execute("CREATE TEMP TABLE wanted (key BLOB PRIMARY KEY) WITHOUT ROWID")
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((key,) for key in keys))
            connection.execute("DELETE FROM vectors WHERE key NOT IN (SELECT key FROM wanted)")
            connection.execute("COMMIT")

    def write(self, found: Mapping[bytes, Vectors]) -> None:
        """Add vectors."""
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            newest = connection.execute("SELECT coalesce(max(used), 0) FROM vectors").fetchone()[0]
            rows = [(key, newest + 1 + at, row.astype("<f2").tobytes()) for at, (key, row) in enumerate(found.items())]
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
            over = connection.execute("SELECT count(*) FROM vectors").fetchone()[0] - self.most
            if over > 0:
                query = "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors ORDER BY used LIMIT ?)"
                connection.execute(query, (over,))
            connection.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = self._connected()
        except sqlite3.DatabaseError as problem:
            if isinstance(problem, sqlite3.OperationalError):  # locked, or the disk is full: the file is not damaged
                raise OSError(str(problem)) from problem
            self.path.unlink()
            connection = self._connected()
        try:
            yield connection
        except sqlite3.Error as problem:
            raise OSError(f"{self.path.name}: {problem}") from problem
        finally:
            connection.close()

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            connection.execute(_TABLE)
            version = int(self.digest[:7], 16)
            if connection.execute("PRAGMA user_version").fetchone()[0] != version:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("DELETE FROM vectors")
                connection.execute(f"PRAGMA user_version = {version}")
                connection.execute("COMMIT")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection


def _vector(content: bytes) -> Vectors:
    return np.frombuffer(content[: len(content) // 2 * 2], dtype="<f2").astype(np.float32)
