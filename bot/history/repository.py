"""Reads the history of the whole repository: its authors, its bus factor and its hotspots."""

import sqlite3
from collections import Counter, defaultdict
from math import log

from bot.domain.history import Author, Hotspot, RepositoryHistory
from bot.domain.periods import YEAR
from bot.history.index import HistoryIndex

HOTSPOTS = 100
# Avelino et al., "A novel approach for estimating truck factors", ICPC 2016, section III.
_DOA_FLOOR = 3.293
_DOA_SHARE = 0.75


def degree_of_authorship(*, first: bool, changes: int, acceptances: int) -> float:
    """Return the degree of authorship: Fritz et al., "A degree-of-knowledge model to capture source code familiarity",
    ICSE 2010.
    """
    return 3.293 + 1.098 * first + 0.164 * changes - 0.321 * log(1 + acceptances)


def repository_history(index: HistoryIndex, now: int) -> RepositoryHistory:
    """Return the history of a repository. It takes about a hundred milliseconds for 20,000 commits."""
    connection = index.connection
    owners = authors_by_file(connection)
    leaving = people_of_bus_factor(owners)
    names = dict(connection.execute("SELECT id, name FROM persons"))
    return RepositoryHistory(
        changes=index.changes,
        authors=_authors(connection, owners),
        bus_factor=len(leaving) if owners else None,
        bus_factor_people=tuple(names[person] for person in leaving),
        hotspots=hotspots_of(index, now),
    )


def authors_by_file(connection: sqlite3.Connection) -> dict[int, set[int]]:
    """Return the authors of each code file by entity: persons with a high degree of authorship, without bots."""
    rows = connection.execute(
        "SELECT r.entity, i.person, count(*), min(r.ordinal) FROM entities e JOIN revisions r ON r.entity = e.id"
        " JOIN commits c ON c.ordinal = r.ordinal JOIN idents i ON i.id = c.author JOIN persons p ON p.id = i.person"
        " WHERE e.alive AND e.flags & 1 AND NOT e.flags & 28 AND NOT p.bot AND NOT c.imported"
        " GROUP BY r.entity, i.person"
    )
    by_file: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for entity, person, changes, first in rows:
        by_file[entity].append((first, person, changes))
    return {entity: _authors_of(people) for entity, people in by_file.items()}


def _authors_of(people: list[tuple[int, int, int]]) -> set[int]:
    total = sum(changes for _, _, changes in people)
    creator = min(people)[1]
    degrees = {
        person: degree_of_authorship(first=person == creator, changes=own, acceptances=total - own)
        for _, person, own in people
    }
    highest = max(degrees.values())
    return {person for person, doa in degrees.items() if doa >= _DOA_FLOOR and doa > _DOA_SHARE * highest}


def people_of_bus_factor(owners: dict[int, set[int]]) -> list[int]:
    """Remove the author of the most files until more than half of the files have no author. Return the removed ones."""
    left = {entity: set(people) for entity, people in owners.items()}
    removed: list[int] = []
    while left and 2 * sum(not people for people in left.values()) <= len(left):
        counts = Counter(person for people in left.values() for person in people)
        person = min(counts, key=lambda candidate: (-counts[candidate], candidate))
        removed.append(person)
        for people in left.values():
            people.discard(person)
    return removed


def _authors(connection: sqlite3.Connection, owners: dict[int, set[int]]) -> tuple[Author, ...]:
    files = Counter(person for people in owners.values() for person in people)
    rows = connection.execute(
        "SELECT p.id, p.name, p.email, p.bot, count(*), max(c.clock) FROM commits c JOIN idents i ON i.id = c.author"
        " JOIN persons p ON p.id = i.person GROUP BY p.id ORDER BY count(*) DESC, p.id"
    )
    return tuple(
        Author(name, email, bool(bot), changes, last, files[person]) for person, name, email, bot, changes, last in rows
    )


def hotspots_of(index: HistoryIndex, now: int) -> tuple[Hotspot, ...]:
    """Return the files with the most revisions in the last 365 days, most revisions first.

    Returns nothing if lines are unknown, because a hotspot needs them.
    """
    if not index.has_lines:
        return ()
    rows = index.connection.execute(
        "SELECT e.path, count(*), sum(r.added), sum(r.deleted), e.lines, sum(c.fix) FROM commits c"
        " JOIN revisions r ON r.ordinal = c.ordinal JOIN entities e ON e.id = r.entity"
        " WHERE c.clock > ? AND c.clock <= ? AND NOT c.bot AND NOT c.mass AND NOT c.versions"
        " AND e.alive AND e.flags & 1 AND NOT e.flags & 30 GROUP BY e.id"
        " ORDER BY count(*) DESC, sum(r.added + r.deleted) DESC LIMIT ?",
        (now - YEAR, now, HOTSPOTS),
    )
    return tuple(Hotspot(*row) for row in rows)
