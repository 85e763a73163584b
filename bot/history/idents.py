"""Author idents as git has them, numbered, and the persons they are as the mailmap of the moment says."""

import hashlib
from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.history.packing import IDENT, pack, unpack
from bot.history.people import Ident, Mailmap, is_bot, merge_people, person_key
from bot.history.store import Store

NOBODY = 0xFFFFFFFF
_BLAMELESS = ~IDENT


def digest(mailmap: bytes) -> str:
    """What tells one mailmap from another in `meta`."""
    return hashlib.sha256(mailmap).hexdigest()


class Idents:
    """Numbers idents in the order of their first appearance; a person has the number of their first ident."""

    def __init__(self, store: Store, mailmap: bytes, *, stored_digest: str | None) -> None:
        self._store = store
        self._mailmap = mailmap
        self._map = Mailmap(mailmap)
        self._numbers: dict[Ident, int] = {}
        self._persons: dict[str, int] = {}
        self._person_of: dict[int, int] = {}
        self._bots: dict[int, bool] = {}
        rows = store.connection.execute("SELECT id, name, email, bot FROM idents ORDER BY id").fetchall()
        for number, name, email, bot in rows:
            self._register(number, (name, email), bool(bot))
        self._new: set[int] = set()
        self._stale = stored_digest != digest(mailmap)
        self._all = self._stale
        if self._stale and rows:
            self.write()

    def number(self, ident: Ident) -> int:
        """The ident's number; a new one is written with the next checkpoint."""
        found = self._numbers.get(ident)
        if found is None:
            found = len(self._numbers) + 1
            self._register(found, ident, is_bot(*ident))
            self._store.rows["idents"].append((found, *ident, self._person_of[found], int(self._bots[found])))
            self._stale = True
            self._new.add(self._person_of[found])
        return found

    def person(self, number: int) -> int:
        """Who an ident is."""
        return self._person_of[number]

    def bot(self, number: int) -> bool:
        """Whether an ident is a program's."""
        return self._bots[number]

    @property
    def persons(self) -> dict[int, int]:
        """The person behind each ident."""
        return self._person_of

    @property
    def stale(self) -> bool:
        """Whether the tables do not say yet who is who."""
        return self._stale

    def write(self) -> None:
        """Write who is who where the tables do not say it: persons with new idents, or all for a new mailmap."""
        if not self._stale:
            return
        chosen = [
            (ident, number)
            for ident, number in self._numbers.items()
            if self._all or self._person_of[number] in self._new
        ]
        idents: list[tuple[Any, ...]] = []
        persons = []
        for person in merge_people([ident for ident, _ in chosen], self._mailmap):
            first = chosen[person.idents[0]][1]
            persons.append((first, person.name, person.email, int(person.bot)))
            idents += [(first, chosen[position][1]) for position in person.idents]
        self._store.write_people(idents, persons, {"mailmap": digest(self._mailmap)}, anew=self._all)
        self._stale = self._all = False
        self._new.clear()

    def _register(self, number: int, ident: Ident, bot: bool) -> None:
        self._numbers[ident] = number
        self._bots[number] = bot
        self._person_of[number] = self._persons.setdefault(person_key(*self._map.resolve(*ident)), number)


class Owners:
    """The person behind each ordinal, as an array that line origins can index, and who cannot be blamed for a fault.

    What is stored is the ident of each ordinal, with the highest bit for the blameless, in one packed row.
    """

    def __init__(self, store: Store, idents: Idents) -> None:
        self._store = store
        row = store.connection.execute("SELECT packed FROM authors").fetchone()
        self._packed = unpack(row[0] if row else None) or array("I", [0])
        stored = np.array(self._packed, dtype=np.uint32)
        person_of = np.full(max(idents.persons, default=0) + 1, NOBODY, dtype=np.uint32)
        person_of[list(idents.persons)] = list(idents.persons.values())
        self._array: NDArray[np.uint32] = np.full(max(1024, 2 * len(stored)), NOBODY, dtype=np.uint32)
        self._array[: len(stored)] = person_of[stored & IDENT]
        self._blameless = set(np.flatnonzero(stored & _BLAMELESS).tolist())

    def add(self, ident: int, person: int, *, blameless: bool) -> None:
        """Say whose the next change is."""
        ordinal = len(self._packed)
        self._packed.append(ident | (int(_BLAMELESS) if blameless else 0))
        if blameless:
            self._blameless.add(ordinal)
        if ordinal >= len(self._array):
            self._array = np.concatenate([self._array, np.full(len(self._array), NOBODY, dtype=np.uint32)])
        self._array[ordinal] = person

    def blamable(self, ordinal: int) -> bool:
        """Whether a fix may point at a change: not at the first of all, a mass change, or a bot's."""
        return ordinal not in self._blameless

    def gather(self) -> None:
        """The row to write at a checkpoint."""
        self._store.rows["authors"].append((1, pack(self._packed)))

    def lines_of(self, person: int, origins: Any) -> int:
        """How many of these lines come from changes of a person."""
        if not origins:
            return 0
        return int(np.count_nonzero(self._array[np.frombuffer(origins, dtype=np.uint32)] == person))
