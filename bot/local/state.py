"""The persistent state of the stand-in: one SQLite file.

The start reads all `Records` into memory; `Items` stay in the file. Each change is written to the file at once.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from bot.local.item_file import digest_of, load
from bot.local.item_records import Comment
from bot.local.items import Item, Items
from bot.local.records import Branch, CheckRun, Delivery, PullRequest, Token

T = TypeVar("T")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID
"""
_MAX_DELIVERIES = 1000


class Records(Generic[T]):
    """All records of one kind. Iteration follows the order of the keys, then the order of the first write."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        kind: type[T],
        key: Callable[[T], int | str],
        also: Callable[[T], object] = lambda record: record,
    ) -> None:
        """Read the records. also: what else to do with each one that is saved."""
        self._connection = connection
        self._kind = kind.__name__
        self._key = key
        self._also = also
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
        self._also(record)
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
        self.items = Items(self._connection)
        self.branches = Records(self._connection, Branch, lambda branch: branch.name)
        self.pulls = Records(self._connection, PullRequest, lambda pull: pull.number, self.items.all.save)
        for pull in self.pulls:
            if self.items.all.get(pull.number) is None:  # a file of an earlier version has no items
                self.items.all.save(pull)
        self.check_runs = Records(self._connection, CheckRun, lambda run: run.id)
        self.comments = self.items.comments
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

    def _use_ids_above(self, highest: int) -> None:
        with self._connection:
            self._connection.execute(
                "INSERT INTO records (kind, key, body) VALUES ('sequence', 'id', ?) "
                "ON CONFLICT (kind, key) DO UPDATE SET body = max(CAST(body AS INTEGER), excluded.body)",
                (max(highest, 1000),),
            )

    def next_number(self) -> int:
        """Return the number of the next issue or pull request."""
        return 1 + max(self.items.all.highest("number"), *(pull.number for pull in self.pulls), 0)

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

    def save_item(self, item: Item) -> None:
        """Insert or update an issue or a pull request. A pull request of the data file stays out of memory."""
        if isinstance(item, PullRequest) and self.pulls.get(item.number):
            self.pulls.save(item)
        else:
            self.items.all.save(item)

    def runs_at(self, sha: str) -> list[CheckRun]:
        """Return the check runs on a commit, newest first."""
        return sorted((run for run in self.check_runs if run.head_sha == sha), key=lambda run: -run.id)

    def comments_on(self, number: int) -> list[Comment]:
        """Return the comments on a pull request, oldest first."""
        return list(self.comments.select("number = ?", number, order="id"))

    def load_items(self, file: Path, full_name: str) -> None:
        """Load a data file of issues and pull requests, unless this version of it is loaded. Raises GiveUp."""
        version = digest_of(file)
        if version == self.setting("items"):
            return
        load(file, self.items, self._connection, full_name)
        self._use_ids_above(max(table.highest("id") for table in self.items.with_ids()))
        self.set_setting("items", version)

    def delete_old_deliveries(self) -> None:
        """Delete all but the newest deliveries. GitHub keeps those of a few days."""
        for delivery in list(self.deliveries)[:-_MAX_DELIVERIES]:
            self.deliveries.delete(delivery.id)

    def close(self) -> None:
        """Close the database file."""
        with suppress(sqlite3.Error):
            self._connection.close()
