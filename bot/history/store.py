"""Rows on their way into the index: gathered in memory, written as one transaction per checkpoint.

A checkpoint holds whole commits only, with the line origins as of the last of them: after a kill the index continues
from there.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.domain.features import FEATURES

Row = tuple[Any, ...]
_WIDTHS = {
    "commits": 17, "co_authors": 2, "issues": 2, "sides": 2, "renames": 4, "revisions": 7,
    "features": 1 + len(FEATURES), "links": 7, "moves": 2, "entities": 6, "origins": 2, "authors": 2,
    "subsystems": 3, "idents": 5,
}  # fmt: skip
# Rows of these stand for a state and replace what was there.
_STATES = frozenset({"entities", "origins", "authors", "idents", "sides", "co_authors", "issues"})


@dataclass(slots=True)
class Store:
    """The open index of a writer."""

    connection: sqlite3.Connection
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in _WIDTHS})
    updates: list[tuple[str, Row]] = field(default_factory=list)

    def meta(self) -> dict[str, Any]:
        """All of the table `meta`."""
        return dict(self.connection.execute("SELECT key, value FROM meta"))

    def write(self, meta: dict[str, Any]) -> None:
        """Commit all gathered rows and these meta values, or none of them."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for table, rows in self.rows.items():
                if rows:
                    verb = "INSERT OR REPLACE" if table in _STATES else "INSERT"
                    marks = ",".join("?" * _WIDTHS[table])
                    connection.executemany(f"{verb} INTO {table} VALUES ({marks})", rows)
            for statement, values in self.updates:
                connection.execute(statement, values)
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        for rows in self.rows.values():
            rows.clear()
        self.updates.clear()

    def write_people(self, idents: Iterable[Row], persons: Iterable[Row], meta: dict[str, Any], *, anew: bool) -> None:
        """Write who is who: idents are (person, id) rows. anew: nobody else is left."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("UPDATE idents SET person = ? WHERE id = ?", idents)
        if anew:
            self.connection.execute("DELETE FROM persons")
        self.connection.executemany("INSERT OR REPLACE INTO persons VALUES (?, ?, ?, ?)", persons)
        self.connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
        self.connection.execute("COMMIT")
