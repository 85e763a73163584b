"""Loads the past changes of entities. What all entities need is loaded once."""

import sqlite3
from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.history.packing import IDENT, parse_numbers, unpack


@dataclass(slots=True)
class FilePast:
    """The past changes of one entity.

    ordinals: of all changes, ascending.
    fixes: the clocks of the changes that were fixes.
    changes_by: the number of changes by author ident.
    last_clock: the clock of the newest change; 0 without changes.
    churn: the lines that all changes added and deleted.
    """

    ordinals: "array[int]" = field(default_factory=lambda: array("I"))
    fixes: "array[int]" = field(default_factory=lambda: array("q"))
    changes_by: dict[int, int] = field(default_factory=dict)
    last_clock: int = 0
    churn: int = 0


@dataclass(frozen=True, slots=True)
class PastChanges:
    """All indexed changes.

    idents: the author ident of each ordinal.
    fixes: the clock of each fix, by ordinal.
    """

    idents: "NDArray[np.uint32]"
    fixes: dict[int, int]

    @classmethod
    def load(cls, connection: sqlite3.Connection) -> "PastChanges":
        """Load the changes up to the last checkpoint."""
        row = connection.execute("SELECT packed FROM authors").fetchone()
        idents = np.array(unpack(row[0] if row else None), dtype=np.uint32) & IDENT
        return cls(idents, dict(connection.execute("SELECT ordinal, clock FROM commits WHERE fix = 1")))

    def of_entity(self, entity: int, connection: sqlite3.Connection) -> FilePast:
        """Load the changes of one entity."""
        query = "SELECT group_concat(ordinal), total(added) + total(deleted) FROM revisions WHERE entity = ?"
        packed, churn = connection.execute(query, (entity,)).fetchone()
        ordinals = parse_numbers(packed)
        if not ordinals:
            return FilePast()
        idents, counts = np.unique(self.idents[np.array(ordinals)], return_counts=True)
        query = "SELECT clock FROM commits WHERE ordinal = ?"
        return FilePast(
            array("I", ordinals),
            array("q", (self.fixes[ordinal] for ordinal in ordinals if ordinal in self.fixes)),
            dict(zip(idents.tolist(), counts.tolist(), strict=True)),
            connection.execute(query, (ordinals[-1],)).fetchone()[0],
            int(churn),
        )
