"""Records in SQL tables of the stand-in's database: nothing of them stays in memory, and lists are read in pages."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")
Value = int | str | None


@dataclass(frozen=True, slots=True)
class Selection(Generic[T]):
    """The records that a condition selects, in an order. A slice of it is read with one query."""

    connection: sqlite3.Connection
    decode: Callable[[str], T]
    source: str
    order: str
    values: tuple[Value, ...]

    def __len__(self) -> int:
        query = f"SELECT count(*) FROM {self.source}"  # noqa: S608 -- our own words; strangers' are in `values`
        return int(self.connection.execute(query, self.values).fetchone()[0])

    def __getitem__(self, part: slice) -> list[T]:
        first = part.start or 0
        limit = -1 if part.stop is None else max(0, part.stop - first)
        query = f"SELECT body FROM {self.source} ORDER BY {self.order} LIMIT ? OFFSET ?"  # noqa: S608 -- as above
        return [self.decode(body) for (body,) in self.connection.execute(query, (*self.values, limit, first))]

    def __iter__(self) -> Iterator[T]:
        return iter(self[:])


class Stored(Generic[T]):
    """The records of one kind, in a table of their own."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        name: str,
        decode: Callable[[str], T],
        columns: Mapping[str, Callable[[T], Value]],
        indexes: Iterable[str] = (),
    ) -> None:
        """Create the table if it does not exist.

        columns: the columns that queries name; the first is the key. The record itself is a column of its own.
        indexes: the columns of each index.
        """
        self._connection = connection
        self._name = name
        self._decode = decode
        self._columns = columns
        self._key = next(iter(columns))
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({self._key} PRIMARY KEY, {self._others()}body TEXT)")
        for number, index in enumerate(indexes):
            connection.execute(f"CREATE INDEX IF NOT EXISTS {name}_{number} ON {name} ({index})")

    def _others(self) -> str:
        return "".join(f"{column}, " for column in self._columns if column != self._key)

    def get(self, key: int | str) -> T | None:
        """Return the record with that key, or None."""
        query = f"SELECT body FROM {self._name} WHERE {self._key} = ?"  # noqa: S608 -- our own words
        row = self._connection.execute(query, (key,)).fetchone()
        return self._decode(row[0]) if row else None

    def save(self, record: T) -> T:
        """Insert or update a record."""
        with self._connection:
            self.insert([record])
        return record

    def insert(self, records: Iterable[T]) -> None:
        """Insert or update many records within the caller's transaction."""
        places = ", ".join("?" * (len(self._columns) + 1))
        names = f"{self._key}, {self._others()}body"
        self._connection.executemany(
            f"INSERT OR REPLACE INTO {self._name} ({names}) VALUES ({places})",  # noqa: S608 -- our own words
            ((*(of(one) for of in self._columns.values()), msgspec.json.encode(one).decode()) for one in records),
        )

    def delete(self, key: int | str) -> None:
        """Delete the record with that key, if it exists."""
        with self._connection:
            self._connection.execute(f"DELETE FROM {self._name} WHERE {self._key} = ?", (key,))  # noqa: S608

    def select(self, condition: str, *values: Value, order: str) -> Selection[T]:
        """Return the records that a condition on the columns selects, in that order."""
        return Selection(self._connection, self._decode, f"{self._name} WHERE {condition}", order, values)

    def count(self, condition: str = "1", *values: Value) -> int:
        """Return how many records a condition selects."""
        return len(self.select(condition, *values, order="1"))

    def highest(self, column: str) -> int:
        """Return the highest value of a column, or 0."""
        row = self._connection.execute(f"SELECT max({column}) FROM {self._name}").fetchone()  # noqa: S608
        return int(row[0] or 0)
