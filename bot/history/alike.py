"""Reads what past changes share with a proposed one: files, and lines at the changed places."""

import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.files import FileChange, Hunk
from bot.history.index import HistoryIndex
from bot.history.packing import parse_numbers, unpack

# Lines before and after a hunk that count as its place. A function is rarely known by its changed lines alone.
_AROUND = 3
_MAX_FILES = 100
_LAST_CHANGES = 400  # of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """One past change. person: the number of its author. kind: as in `messages.Kind`."""

    ordinal: int
    sha: str
    when: int
    subject: str
    kind: str
    person: int
    is_bot: bool
    is_mass: bool
    is_merge: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """What past changes share with a proposed one, by ordinal.

    entities: the changed files that each changed too, with their paths.
    weights: of the changed files: ln of how rare a change of the file is. A changelog that each change touches has 0.
    lines: how many of the lines at and around the changed places each wrote.
    replaced: how many of the changed or deleted lines each wrote.
    places: how many lines these places have.
    """

    entities: dict[int, dict[int, str]] = field(default_factory=dict)
    weights: dict[int, float] = field(default_factory=dict)
    lines: Counter[int] = field(default_factory=Counter)
    replaced: Counter[int] = field(default_factory=Counter)
    places: int = 0

    def weight(self, ordinal: int) -> float:
        """Return the sum of the weights of the files that a past change shares."""
        return sum(self.weights[entity] for entity in self.entities.get(ordinal, ()))


def compared_files(files: Sequence[FileChange]) -> list[FileChange]:
    """Return the files of a change that past changes are compared by."""
    return [file for file in files if file.left_out is None][:_MAX_FILES]


def shared_with(
    index: HistoryIndex, files: Sequence[FileChange], since: Mapping[str, tuple[Hunk, ...]] | None
) -> Shared:
    """Read what past changes share with a change of these files. The index must end at its base (`as_of`).

    since: how the files changed from there to the head of the index, as in `proposal.ProposedChange`.
    """
    found: dict[int, dict[int, str]] = defaultdict(dict)
    weights: dict[int, float] = {}
    lines: Counter[int] = Counter()
    replaced: Counter[int] = Counter()
    places = 0
    for file in compared_files(files):
        path = file.old_path or file.path
        query = "SELECT id FROM entities WHERE path = ? AND path <> '' AND alive"
        row = index.connection.execute(query, (path,)).fetchone()
        if row is None:
            continue
        entity = int(row[0])
        ordinals = _changes_of(index.connection, entity)
        weights[entity] = _weight(len(ordinals), index.changes)
        for ordinal in ordinals[-_LAST_CHANGES:]:
            found[ordinal][entity] = file.path
        origins = _origins(index.connection, entity) if since is not None else ()
        later = since.get(path, ()) if since is not None else ()
        around = _places(file, _AROUND)
        places += len(around)
        lines.update(origins[number] for number in moved(around, later) if number < len(origins))
        replaced.update(origins[number] for number in moved(_places(file, 0), later) if number < len(origins))
    return Shared(dict(found), weights, lines, replaced, places)


def past_rows(index: HistoryIndex, ordinals: Collection[int]) -> list[PastRow]:
    """Read past changes by their ordinals."""
    marks = ",".join("?" * len(ordinals))
    rows = index.connection.execute(
        "SELECT c.ordinal, c.sha, c.clock, c.subject, c.kind, i.person, c.bot, c.mass, c.parents > 1"  # noqa: S608
        f" FROM commits c JOIN idents i ON i.id = c.author"
        f" WHERE c.parents > 0 AND c.ordinal IN ({marks}) ORDER BY c.ordinal",
        tuple(ordinals),
    )
    names = ("ordinal", "sha", "when", "subject", "kind", "person", "is_bot", "is_mass", "is_merge")
    return [PastRow(**dict(zip(names, row, strict=True))) for row in rows]


def file_likeness(index: HistoryIndex, shared: Shared, ordinals: Iterable[int]) -> dict[int, float]:
    """Return the cosine of the changed files of each past change and of the proposed one, weighted by rarity."""
    own = math.sqrt(sum(weight**2 for weight in shared.weights.values()))
    known = dict(shared.weights)
    found = {}
    for ordinal in ordinals:
        common = sum(shared.weights[entity] ** 2 for entity in shared.entities.get(ordinal, ()))
        if common > 0:
            theirs = _all_weights(index, ordinal, known)
            found[ordinal] = common / (own * math.sqrt(sum(weight**2 for weight in theirs)))
    return found


def _all_weights(index: HistoryIndex, ordinal: int, known: dict[int, float]) -> list[float]:
    entities = [
        row[0] for row in index.connection.execute("SELECT entity FROM revisions WHERE ordinal = ?", (ordinal,))
    ]
    for entity in entities:
        if entity not in known:
            query = "SELECT count(*) FROM revisions WHERE entity = ?"
            known[entity] = _weight(index.connection.execute(query, (entity,)).fetchone()[0], index.changes)
    return [known[entity] for entity in entities]


def _weight(changes: int, all_changes: int) -> float:
    return math.log((1 + all_changes) / (1 + changes))


def _changes_of(connection: sqlite3.Connection, entity: int) -> list[int]:
    query = "SELECT group_concat(ordinal) FROM revisions WHERE entity = ?"
    return parse_numbers(connection.execute(query, (entity,)).fetchone()[0])


def _origins(connection: sqlite3.Connection, entity: int) -> Sequence[int]:
    row = connection.execute("SELECT packed FROM origins WHERE entity = ?", (entity,)).fetchone()
    return unpack(row[0] if row else None)


def _places(file: FileChange, around: int) -> set[int]:
    """Return the 0-based numbers of the lines of the old file in the hunks, and so many around them."""
    lines = (file.before or "").count("\n") + 1
    found: set[int] = set()
    for hunk in file.hunks:
        start = _start(hunk)
        found.update(range(max(0, start - around), min(lines, start + hunk.old_count + around)))
    return found


def moved(numbers: Iterable[int], hunks: Sequence[Hunk]) -> Iterator[int]:
    """Yield where lines are after hunks, both as 0-based numbers. Lines that the hunks change are left out."""
    later = iter(hunks)
    hunk, shift = next(later, None), 0
    for number in sorted(numbers):
        while hunk is not None and number >= _start(hunk) + hunk.old_count:
            shift += hunk.new_count - hunk.old_count
            hunk = next(later, None)
        if hunk is None or number < _start(hunk):
            yield number + shift


def _start(hunk: Hunk) -> int:
    """Return the 0-based number of the first old line. An insertion is after the line that it names."""
    return hunk.old_start - 1 + (hunk.old_count == 0)
