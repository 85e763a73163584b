"""Whose lines a file consists of now, and who changed it how often."""

import json
import sqlite3

import numpy as np
from numpy.typing import NDArray

from bot.domain.history import Contributor
from bot.history.packing import IDENT, unpack


def contributors_of(
    connection: sqlite3.Connection, entity: int, persons: "NDArray[np.int64]"
) -> tuple[Contributor, ...]:
    """Everyone with lines or changes in a file, most lines first.

    persons: as `persons_by_ordinal` gives them.
    """
    lines = owned_lines(connection, entity, persons)
    changes = _changes(connection, entity, persons)
    known = sum(lines.values())
    found = []
    for number, name, email, bot, active in _people(connection, [*lines.keys() | changes.keys()]):
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
    return tuple(sorted(found, key=lambda one: (-one.lines, -one.changes, one.person)))


def persons_by_ordinal(connection: sqlite3.Connection) -> "NDArray[np.int64]":
    """The person behind each change, by ordinal. Read once, it spares a query for each change of each file."""
    row = connection.execute("SELECT packed FROM authors").fetchone()
    idents = np.array(unpack(row[0] if row else None), dtype=np.uint32) & IDENT
    known = connection.execute("SELECT id, person FROM idents").fetchall()
    person_of = np.zeros(max((ident for ident, _ in known), default=0) + 1, dtype=np.int64)
    for ident, person in known:
        person_of[ident] = person
    last = connection.execute("SELECT max(ordinal) FROM commits").fetchone()[0] or 0
    persons: NDArray[np.int64] = person_of[idents[: last + 1]]
    return persons


def _changes(connection: sqlite3.Connection, entity: int, persons: "NDArray[np.int64]") -> dict[int, int]:
    """Changes of a file by person."""
    query = "SELECT group_concat(ordinal) FROM revisions WHERE entity = ?"
    listed = connection.execute(query, (entity,)).fetchone()[0]
    if not listed:
        return {}
    found, counts = np.unique(persons[np.array(listed.split(","), dtype=np.int64)], return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def owned_lines(connection: sqlite3.Connection, entity: int, persons: "NDArray[np.int64]") -> dict[int, int]:
    """Lines by person. Those whose origin is before the index, or after the last of `persons`, are left out."""
    row = connection.execute("SELECT packed FROM origins WHERE entity = ?", (entity,)).fetchone()
    origins = np.frombuffer(unpack(row[0] if row else None), dtype=np.uint32)
    known = origins[(origins > 0) & (origins < len(persons))]
    found, counts = np.unique(persons[known], return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _people(connection: sqlite3.Connection, numbers: list[int]) -> list[tuple[int, str, str, int, int]]:
    """(number, name, address, whether a bot, newest change anywhere in Unix seconds or 0) of these persons."""
    return connection.execute(
        "SELECT n.value, coalesce(p.name, ''), coalesce(p.email, ''), coalesce(p.bot, 0),"
        " (SELECT coalesce(max((SELECT max(clock) FROM commits WHERE author = i.id)), 0) FROM idents i"
        " WHERE i.person = n.value) FROM json_each(?) n LEFT JOIN persons p ON p.id = n.value",
        (json.dumps(numbers),),
    ).fetchall()
