"""What the tables say of all changes, for telling it of one file after the other."""

import sqlite3
from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.history.packing import IDENT, numbers_in, unpack


@dataclass(slots=True)
class FilePast:
    """A file's changes by ordinal, the clocks of those that were fixes and of the last, and how many by each ident."""

    ordinals: "array[int]" = field(default_factory=lambda: array("I"))
    fixes: "array[int]" = field(default_factory=lambda: array("q"))
    changes_by: dict[int, int] = field(default_factory=dict)
    last_clock: int = 0


@dataclass(frozen=True, slots=True)
class PastChanges:
    """idents: by ordinal. fixes: clocks by ordinal."""

    idents: "NDArray[np.uint32]"
    fixes: dict[int, int]

    @classmethod
    def load(cls, connection: sqlite3.Connection) -> "PastChanges":
        """As of the last checkpoint."""
        row = connection.execute("SELECT packed FROM authors").fetchone()
        idents = np.array(unpack(row[0] if row else None), dtype=np.uint32) & IDENT
        return cls(idents, dict(connection.execute("SELECT ordinal, clock FROM commits WHERE fix = 1")))

    def of(self, entity: int, connection: sqlite3.Connection) -> FilePast:
        """All changes of an entity."""
        query = "SELECT group_concat(ordinal) FROM revisions WHERE entity = ?"
        ordinals = numbers_in(connection.execute(query, (entity,)).fetchone()[0])
        if not ordinals:
            return FilePast()
        idents, counts = np.unique(self.idents[np.array(ordinals)], return_counts=True)
        query = "SELECT clock FROM commits WHERE ordinal = ?"
        return FilePast(
            array("I", ordinals),
            array("q", (self.fixes[ordinal] for ordinal in ordinals if ordinal in self.fixes)),
            dict(zip(idents.tolist(), counts.tolist(), strict=True)),
            connection.execute(query, (ordinals[-1],)).fetchone()[0],
        )
