"""Reads the contributors of a file: their lines of it, and how often they changed it."""

import json
import sqlite3

import numpy as np
from numpy.typing import NDArray

from bot.domain.history import Contributor
from bot.history.packing import IDENT, unpack


def contributors_of(
    connection: sqlite3.Connection, entity: int, persons: "NDArray[np.int64]", imported: "NDArray[np.int64]"
) -> tuple[Contributor, ...]:
    """Return the contributors of a file: everyone with lines or changes of it, most lines first.

    persons: the result of `persons_by_ordinal`. imported: that of `imported_ordinals`.
    """
    lines = owned_lines(connection, entity, persons, imported)
    changes = _changes(connection, entity, persons)
    known = sum(lines.values())
    found = []
    for number, name, email, bot, active in _people(connection, [*lines.keys() | changes.keys()], len(persons) - 1):
        own = lines.get(number, 0)
        found.append(
            Contributor(
                person=number,
                name=name,
                email=email,
                is_bot=bool(bot),
                lines=own,
                share=own / known if known else 0.0,
                changes=changes.get(number, 0),
                last_active=active,
            )
        )
    return tuple(sorted(found, key=lambda contributor: (-contributor.lines, -contributor.changes, contributor.person)))


def persons_by_ordinal(connection: sqlite3.Connection) -> "NDArray[np.int64]":
    """Return the author of each change by ordinal. The array replaces a query for each change of each file."""
    row = connection.execute("SELECT packed FROM authors").fetchone()
    idents = np.array(unpack(row[0] if row else None), dtype=np.uint32) & IDENT
    rows = connection.execute("SELECT id, person FROM idents").fetchall()
    person_of = np.zeros(max((ident for ident, _ in rows), default=0) + 1, dtype=np.int64)
    for ident, person in rows:
        person_of[ident] = person
    last = connection.execute("SELECT max(ordinal) FROM commits").fetchone()[0] or 0
    persons: NDArray[np.int64] = person_of[idents[: last + 1]]
    return persons


def _changes(connection: sqlite3.Connection, entity: int, persons: "NDArray[np.int64]") -> dict[int, int]:
    """Return the number of changes of a file by person."""
    query = "SELECT group_concat(ordinal) FROM revisions WHERE entity = ?"
    ordinals = connection.execute(query, (entity,)).fetchone()[0]
    if not ordinals:
        return {}
    found, counts = np.unique(persons[np.array(ordinals.split(","), dtype=np.int64)], return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def imported_ordinals(connection: sqlite3.Connection) -> "NDArray[np.int64]":
    """Return the changes that brought in code from elsewhere: who imported it did not write it."""
    rows = connection.execute("SELECT ordinal FROM commits WHERE imported").fetchall()
    return np.array([ordinal for (ordinal,) in rows], dtype=np.int64)


def owned_lines(
    connection: sqlite3.Connection,
    entity: int,
    persons: "NDArray[np.int64]",
    imported: "NDArray[np.int64] | None" = None,
) -> dict[int, int]:
    """Return the number of lines of a file by person.

    Lines of unknown origin are left out, lines of imported changes, and lines that are newer than `persons`.
    """
    row = connection.execute("SELECT packed FROM origins WHERE entity = ?", (entity,)).fetchone()
    origins = np.frombuffer(unpack(row[0] if row else None), dtype=np.uint32)
    known = origins[(origins > 0) & (origins < len(persons))]
    if imported is not None and len(imported):
        known = known[~np.isin(known, imported)]
    found, counts = np.unique(persons[known], return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _people(connection: sqlite3.Connection, numbers: list[int], newest: int) -> list[tuple[int, str, str, int, int]]:
    """Return (number, name, e-mail, is bot, when they were last active in Unix seconds or 0) of these persons.

    A person is active who wrote, committed, merged or co-authored a change up to the ordinal `newest`.
    """
    return connection.execute(
        "SELECT n.value, coalesce(p.name, ''), coalesce(p.email, ''), coalesce(p.bot, 0),"
        " (SELECT coalesce(max(max(coalesce((SELECT max(clock) FROM commits WHERE author = i.id), 0), coalesce("
        "(SELECT clock FROM commits WHERE ordinal = (SELECT max(ordinal) FROM activity WHERE ident = i.id"
        " AND ordinal <= ?)), 0))), 0) FROM idents i WHERE i.person = n.value)"
        " FROM json_each(?) n LEFT JOIN persons p ON p.id = n.value",
        (newest, json.dumps(numbers)),
    ).fetchall()
