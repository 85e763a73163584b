"""Whose lines a file consists of now, and who changed it how often."""

import json
import sqlite3

import numpy as np

from bot.history.facts import Contributor
from bot.history.state import unpack


def contributors_of(
    connection: sqlite3.Connection, entity: int, person: int | None
) -> tuple[tuple[Contributor, ...], Contributor | None]:
    """Everyone with lines or changes in a file, most lines first, and the one of them who is `person`."""
    lines = owned_lines(connection, entity)
    deliveries = dict(
        connection.execute(
            "SELECT i.person, count(*) FROM revisions r JOIN commits c ON c.ordinal = r.ordinal"
            " JOIN idents i ON i.id = c.author WHERE r.entity = ? GROUP BY i.person",
            (entity,),
        )
    )
    known = sum(lines.values())
    found = {}
    for number in lines.keys() | deliveries.keys():
        own = lines.get(number, 0)
        name, email, bot = _shown(connection, number)
        share = own / known if known else 0.0
        active = last_active(connection, number)
        found[number] = Contributor(name, email, bool(bot), own, share, deliveries.get(number, 0), active)
    ranked = sorted(found, key=lambda number: (-found[number].lines, -found[number].deliveries, number))
    return tuple(found[number] for number in ranked), found.get(person) if person else None


def owned_lines(connection: sqlite3.Connection, entity: int) -> dict[int, int]:
    """Lines by person; those whose origin lies before the index are nobody's."""
    row = connection.execute("SELECT packed FROM origins WHERE entity = ?", (entity,)).fetchone()
    origins, counts = np.unique(np.frombuffer(unpack(row[0] if row else None), dtype=np.uint32), return_counts=True)
    by_ordinal = dict(zip(origins.tolist(), counts.tolist(), strict=True))
    rows = connection.execute(
        "SELECT c.ordinal, i.person FROM json_each(?) o JOIN commits c ON c.ordinal = o.value"
        " JOIN idents i ON i.id = c.author",
        (json.dumps(list(by_ordinal)),),
    )
    lines: dict[int, int] = {}
    for ordinal, person in rows:
        lines[person] = lines.get(person, 0) + by_ordinal[ordinal]
    return lines


def last_active(connection: sqlite3.Connection, person: int) -> int:
    """When a person last made a change, Unix seconds; 0 for never."""
    query = "SELECT max((SELECT max(clock) FROM commits WHERE author = i.id)) FROM idents i WHERE i.person = ?"
    return int(connection.execute(query, (person,)).fetchone()[0] or 0)


def _shown(connection: sqlite3.Connection, person: int) -> tuple[str, str, int]:
    row = connection.execute("SELECT name, email, bot FROM persons WHERE id = ?", (person,)).fetchone()
    return row or ("", "", 0)
