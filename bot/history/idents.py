"""Numbers the author idents of git, and finds the person of each ident with the current mailmap."""

import hashlib
from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.history.packing import IDENT, pack, unpack
from bot.history.people import Ident, People, merge_people
from bot.history.programs import is_bot
from bot.history.store import Store

_NOBODY = 0xFFFFFFFF
_NOT_BLAMABLE = ~IDENT


def mailmap_digest(mailmap: bytes) -> str:
    """Return the digest that `meta` stores of a mailmap."""
    return hashlib.sha256(mailmap).hexdigest()


class Idents:
    """All idents, numbered in the order of their first commit. The number of a person is that of their first ident."""

    def __init__(self, store: Store, mailmap: bytes, *, stored_digest: str | None) -> None:
        self._store = store
        self._mailmap = mailmap
        self._people = People(mailmap)
        self._numbers: dict[Ident, int] = {}
        self._absorbed: list[tuple[int, int]] = []
        self._gone: list[int] = []
        self._members: dict[int, list[int]] = {}
        self._person_of: dict[int, int] = {}
        self._bots: dict[int, bool] = {}
        rows = store.connection.execute("SELECT id, name, email, bot FROM idents ORDER BY id").fetchall()
        for number, name, email, bot in rows:
            self._register(number, (name, email), bool(bot))
        self.take_absorbed()
        self._gone.clear()
        self._new: set[int] = set()
        self._stale = stored_digest != mailmap_digest(mailmap)
        self._rewrite_all = self._stale
        if self._stale and rows:
            self.write()

    def number(self, ident: Ident) -> int:
        """Return the number of an ident. A new ident is added to the rows of the next checkpoint."""
        found = self._numbers.get(ident)
        if found is None:
            found = len(self._numbers) + 1
            self._register(found, ident, is_bot(*ident))
            self._store.rows["idents"].append((found, *ident, self._person_of[found], int(self._bots[found])))
            self._stale = True
            self._new.add(found)
        return found

    def person(self, number: int) -> int:
        """Return the person of an ident."""
        return self._person_of[number]

    def bot(self, number: int) -> bool:
        """Return whether an ident is that of a bot."""
        return self._bots[number]

    @property
    def persons(self) -> dict[int, int]:
        """The person of each ident."""
        return self._person_of

    @property
    def stale(self) -> bool:
        """Whether `write` must be called: the persons in the index are out of date."""
        return self._stale

    def write(self) -> None:
        """Write the persons that have new idents; after a change of the mailmap, write all persons."""
        if not self._stale:
            return
        new = {self._person_of[number] for number in self._new}
        chosen = [
            (ident, number)
            for ident, number in self._numbers.items()
            if self._rewrite_all or self._person_of[number] in new
        ]
        idents: list[tuple[Any, ...]] = []
        persons = []
        for person in merge_people([ident for ident, _ in chosen], self._mailmap):
            first = chosen[person.idents[0]][1]
            persons.append((first, person.name, person.email, int(person.bot)))
            idents += [(first, chosen[position][1]) for position in person.idents]
        self._store.write_people(
            idents, persons, {"mailmap": mailmap_digest(self._mailmap)}, None if self._rewrite_all else self._gone
        )
        self._stale = self._rewrite_all = False
        self._new.clear()
        self._gone.clear()

    def take_absorbed(self) -> list[tuple[int, int]]:
        """Return the pairs (person, the person it turned out to be) since the last call."""
        found, self._absorbed = self._absorbed, []
        return found

    def _register(self, number: int, ident: Ident, bot: bool) -> None:
        self._numbers[ident] = number
        self._bots[number] = bot
        joined = self._people.add(number, ident)
        members = self._members.setdefault(joined.person, [])
        members.append(number)
        for other in joined.absorbed:
            self._absorbed.append((other, joined.person))
            self._gone.append(other)
            members += self._members.pop(other)
        for member in members if joined.absorbed else (number,):
            self._person_of[member] = joined.person


class Owners:
    """The author of each ordinal, as an array that line origins can index.

    The index stores the ident of each ordinal in one packed row. The highest bit marks a change that no fix may be
    linked to.
    """

    def __init__(self, store: Store, idents: Idents) -> None:
        self._store = store
        row = store.connection.execute("SELECT packed FROM authors").fetchone()
        self._packed = unpack(row[0] if row else None) or array("I", [0])
        stored = np.array(self._packed, dtype=np.uint32)
        person_of = np.full(max(idents.persons, default=0) + 1, _NOBODY, dtype=np.uint32)
        person_of[list(idents.persons)] = list(idents.persons.values())
        self._array: NDArray[np.uint32] = np.full(max(1024, 2 * len(stored)), _NOBODY, dtype=np.uint32)
        self._array[: len(stored)] = person_of[stored & IDENT]
        self._not_blamable = set(np.flatnonzero(stored & _NOT_BLAMABLE).tolist())

    def add(self, ident: int, person: int, *, blamable: bool) -> None:
        """Add the author of the next change.

        blamable: False for a root commit, a mass change, and a change of a bot.
        """
        ordinal = len(self._packed)
        self._packed.append(ident | (0 if blamable else int(_NOT_BLAMABLE)))
        if not blamable:
            self._not_blamable.add(ordinal)
        if ordinal >= len(self._array):
            self._array = np.concatenate([self._array, np.full(len(self._array), _NOBODY, dtype=np.uint32)])
        self._array[ordinal] = person

    def join(self, person: int, into: int) -> None:
        """Give the changes of a person to the one that it turned out to be."""
        self._array[self._array == person] = into

    def blamable(self, ordinal: int) -> bool:
        """Return whether a fix may be linked to a change."""
        return ordinal not in self._not_blamable

    def collect_rows(self) -> None:
        """Add the row to the store."""
        self._store.rows["authors"].append((1, pack(self._packed)))

    def count_lines(self, person: int, origins: Any) -> int:
        """Return how many lines with these origins are from changes of a person."""
        if not origins:
            return 0
        return int(np.count_nonzero(self._array[np.frombuffer(origins, dtype=np.uint32)] == person))
