"""The persistent state of the stand-in: one small SQLite file.

The start reads the whole file. Each change is written to the file at once.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from bot.local.records import Branch, CheckRun, Comment, Delivery, PullRequest, Token

T = TypeVar("T")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID
"""
_MAX_DELIVERIES = 1000


class Records(Generic[T]):
    """All records of one kind. Iteration follows the order of the keys, then the order of the first write."""

    def __init__(self, connection: sqlite3.Connection, kind: type[T], key: Callable[[T], int | str]) -> None:
        self._connection = connection
        self._kind = kind.__name__
        self._key = key
        query = "SELECT body FROM records WHERE kind = ? ORDER BY CAST(key AS INTEGER), key"
        rows = connection.execute(query, (self._kind,))
        records = [msgspec.json.decode(body, type=kind) for (body,) in rows]
        records.sort(key=lambda record: (str(type(key(record))), key(record)))
        self._records = {key(record): record for record in records}

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: int | str) -> T | None:
        """Return the record with that key, or None."""
        return self._records.get(key)

    def save(self, record: T) -> T:
        """Insert or update a record."""
        key = self._key(record)
        self._records[key] = record
        body = msgspec.json.encode(record)
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO records (kind, key, body) VALUES (?, ?, ?)", (self._kind, str(key), body)
            )
        return record

    def delete(self, key: int | str) -> None:
        """Delete the record with that key, if it exists."""
        self._records.pop(key, None)
        with self._connection:
            self._connection.execute("DELETE FROM records WHERE kind = ? AND key = ?", (self._kind, str(key)))


class State:
    """Everything that the stand-in stores."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(file)
        # The next start can rebuild from the repository what a power failure destroys.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA journal_mode = MEMORY")
        self._connection.execute(_SCHEMA)
        self.branches = Records(self._connection, Branch, lambda branch: branch.name)
        self.pulls = Records(self._connection, PullRequest, lambda pull: pull.number)
        self.check_runs = Records(self._connection, CheckRun, lambda run: run.id)
        self.comments = Records(self._connection, Comment, lambda comment: comment.id)
        self.deliveries = Records(self._connection, Delivery, lambda delivery: delivery.id)
        self.tokens = Records(self._connection, Token, lambda token: token.digest)

    def new_id(self) -> int:
        """Return a number that no record of any kind has used."""
        with self._connection:
            self._connection.execute(
                "INSERT INTO records (kind, key, body) VALUES ('sequence', 'id', '1000') "
                "ON CONFLICT (kind, key) DO UPDATE SET body = CAST(body AS INTEGER) + 1"
            )
        row = self._connection.execute("SELECT body FROM records WHERE kind = 'sequence'").fetchone()
        return int(row[0])

    def next_number(self) -> int:
        """Return the number of the next pull request."""
        return 1 + max((pull.number for pull in self.pulls), default=0)

    def setting(self, name: str) -> str:
        """Return a stored value, or an empty string."""
        query = "SELECT body FROM records WHERE kind = 'word' AND key = ?"
        row = self._connection.execute(query, (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_setting(self, name: str, value: str) -> None:
        """Store a value under a name."""
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO records (kind, key, body) VALUES ('word', ?, ?)", (name, value)
            )

    def runs_at(self, sha: str) -> list[CheckRun]:
        """Return the check runs on a commit, newest first."""
        return sorted((run for run in self.check_runs if run.head_sha == sha), key=lambda run: -run.id)

    def comments_on(self, number: int) -> list[Comment]:
        """Return the comments on a pull request, oldest first."""
        comments = (comment for comment in self.comments if comment.issue_number == number)
        return sorted(comments, key=lambda comment: comment.id)

    def delete_old_deliveries(self) -> None:
        """Delete all but the newest deliveries. GitHub keeps those of a few days."""
        for delivery in list(self.deliveries)[:-_MAX_DELIVERIES]:
            self.deliveries.delete(delivery.id)

    def close(self) -> None:
        """Close the database file."""
        with suppress(sqlite3.Error):
            self._connection.close()
