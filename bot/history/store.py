"""Writes rows to the index. They are collected in memory and written in one transaction per checkpoint.

A checkpoint contains complete commits only, and the line origins as of the last of them. After a crash, indexing
continues from there.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.domain.features import FEATURES

Row = tuple[Any, ...]
# The number of columns of each table.
_COLUMNS = {
    "commits": 21, "co_authors": 2, "issues": 2, "side_commits": 2, "renames": 4, "revisions": 8,
    "features": 1 + len(FEATURES), "links": 7, "moves": 2, "entities": 6, "origins": 2, "authors": 2,
    "subsystems": 3, "idents": 5, "activity": 2,
}  # fmt: skip
# Tables whose new rows replace old rows with the same key.
_REPLACED = frozenset({"entities", "origins", "authors", "idents", "side_commits", "co_authors", "issues", "activity"})


@dataclass(slots=True)
class Store:
    """An open index and the rows that are not written yet.

    rows: new rows by table.
    updates: SQL statements with their values; executed after the rows are inserted.
    """

    connection: sqlite3.Connection
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in _COLUMNS})
    updates: list[tuple[str, Row]] = field(default_factory=list)

    def meta(self) -> dict[str, Any]:
        """Return the table `meta`."""
        return dict(self.connection.execute("SELECT key, value FROM meta"))

    def write(self, meta: dict[str, Any]) -> None:
        """Write all collected rows and these meta values in one transaction."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for table, rows in self.rows.items():
                if rows:
                    verb = "INSERT OR REPLACE" if table in _REPLACED else "INSERT"
                    placeholders = ",".join("?" * _COLUMNS[table])
                    connection.executemany(f"{verb} INTO {table} VALUES ({placeholders})", rows)
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

    def write_people(
        self, idents: Iterable[Row], persons: Iterable[Row], meta: dict[str, Any], gone: Iterable[int] | None
    ) -> None:
        """Write the persons and the person of each ident.

        idents: (person, id of the ident).
        gone: the persons to delete before; None for all.
        """
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("UPDATE idents SET person = ? WHERE id = ?", idents)
        if gone is None:
            self.connection.execute("DELETE FROM persons")
        else:
            self.connection.executemany("DELETE FROM persons WHERE id = ?", [(number,) for number in gone])
        self.connection.executemany("INSERT OR REPLACE INTO persons VALUES (?, ?, ?, ?)", persons)
        self.connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
        self.connection.execute("COMMIT")
