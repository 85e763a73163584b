"""What the index knows of files and authors at one moment of history, loaded from its tables when first asked for."""

from array import array
from dataclasses import dataclass, field

from bot.history.packing import numbers_in, pack, unpack
from bot.history.past_changes import PastChanges
from bot.history.store import Store
from bot.history.traits import Traits, traits_of

# Origins held in memory between checkpoints, in lines of 4 bytes, and files.
MAX_LINES_HELD = 16_000_000
MAX_FILES_HELD = 200_000


@dataclass(slots=True)
class FileState:
    """One entity. origins: the ordinal of the commit that each of its lines comes from, 0 where it is not known.

    changes_by: changes by author ident. ordinals: of all changes. fixes: clocks of the fixes that touched it.
    """

    number: int
    path: str
    alive: bool = True
    created: int = 0
    origins: "array[int]" = field(default_factory=lambda: array("I"))
    changes_by: dict[int, int] = field(default_factory=dict)
    last_clock: int = 0
    ordinals: "array[int]" = field(default_factory=lambda: array("I"))
    fixes: "array[int]" = field(default_factory=lambda: array("q"))

    @property
    def changes(self) -> int:
        return len(self.ordinals)

    @property
    def traits(self) -> Traits:
        return traits_of(self.path)

    def touch(self, ordinal: int, ident: int, clock: int, fix: int) -> None:
        """Count one change."""
        self.changes_by[ident] = self.changes_by.get(ident, 0) + 1
        self.ordinals.append(ordinal)
        self.last_clock = clock
        if fix:
            self.fixes.append(clock)


@dataclass(slots=True)
class AuthorState:
    """One person so far. clocks: of their changes, ascending. subsystems: ordinals of them by first folder."""

    clocks: "array[int]" = field(default_factory=lambda: array("q"))
    subsystems: dict[str, "array[int]"] = field(default_factory=dict)

    def touch(self, subsystem: str, ordinal: int) -> None:
        """Count one change of a subsystem."""
        self.subsystems.setdefault(subsystem, array("I")).append(ordinal)


class Files:
    """All entities, by the path that they have now. `empty`: nothing is stored yet, and nothing looked up."""

    def __init__(self, store: Store, *, empty: bool) -> None:
        self._store = store
        self._empty = empty
        self._by_path: dict[str, FileState | None] = {}
        self._dirty: dict[int, FileState] = {}
        self._past: PastChanges | None = None
        self._next = (store.connection.execute("SELECT max(id) FROM entities").fetchone()[0] or 0) + 1

    def at(self, path: str) -> FileState | None:
        """The entity that lives at a path, or lived there last."""
        if path in self._by_path:
            return self._by_path[path]
        found = None if self._empty else self._load(path)
        self._by_path[path] = found
        return found

    def create(self, path: str, ordinal: int) -> FileState:
        """A new entity at a path. One that lay dead there has no path any more."""
        self._bury(path)
        state = self._by_path[path] = FileState(self._next, path, created=ordinal)
        self._next += 1
        self._dirty[state.number] = state
        return state

    def leave(self, path: str) -> FileState | None:
        """Take the entity away from its path, to `move` it."""
        state = self.at(path)
        self._by_path[path] = None
        return state

    def move(self, state: FileState, path: str) -> None:
        """Put an entity at a path."""
        self._bury(path)
        state.path = path
        self._by_path[path] = state

    def changed(self, state: FileState) -> None:
        """Remember that this entity has to be written."""
        self._dirty[state.number] = state

    def gather(self) -> None:
        """Rows of all that changed since the last checkpoint."""
        for state in self._dirty.values():
            self._store.rows["entities"].append(
                (state.number, state.path, int(state.alive), state.traits.flags, len(state.origins), state.created)
            )
            self._store.rows["origins"].append((state.number, pack(state.origins)))
        self._dirty.clear()

    def forget(self) -> None:
        """After a checkpoint: let go of what is loaded, when it is much."""
        self._past = None
        held = [state for state in self._by_path.values() if state is not None]
        if len(held) > MAX_FILES_HELD or sum(len(state.origins) for state in held) > MAX_LINES_HELD:
            self._by_path.clear()
            self._empty = False

    def _bury(self, path: str) -> None:
        old = self.at(path)
        if old is not None:
            old.path = ""
            old.alive = False
            self._dirty[old.number] = old

    def _load(self, path: str) -> FileState | None:
        connection = self._store.connection
        row = connection.execute(
            "SELECT id, alive, created FROM entities WHERE path = ? AND path <> ''", (path,)
        ).fetchone()
        if row is None:
            return None
        packed = connection.execute("SELECT packed FROM origins WHERE entity = ?", (row[0],)).fetchone()
        state = FileState(row[0], path, bool(row[1]), row[2], unpack(packed[0] if packed else None))
        self._past = self._past or PastChanges.load(connection)
        past = self._past.of(row[0], connection)
        state.ordinals, state.fixes = past.ordinals, past.fixes
        state.changes_by, state.last_clock = past.changes_by, past.last_clock
        return state


class Authors:
    """All persons that were asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: dict[int, AuthorState] = {}

    def of(self, person: int) -> AuthorState:
        """A person's state, from the tables when it is not here yet."""
        state = self._states.get(person)
        if state is None:
            state = self._states[person] = self._load(person)
        return state

    def touch(self, person: int, ident: int, clock: int, ordinal: int, subsystems: set[str]) -> None:
        """Count one change; its rows go with the next checkpoint."""
        state = self.of(person)
        state.clocks.append(clock)
        for subsystem in sorted(subsystems):
            state.touch(subsystem, ordinal)
            self._store.rows["subsystems"].append((ident, subsystem, ordinal))

    def _load(self, person: int) -> AuthorState:
        connection = self._store.connection
        state = AuthorState()
        own = "SELECT id FROM idents WHERE person = ?"
        query = f"SELECT group_concat(clock) FROM commits WHERE author IN ({own})"  # noqa: S608
        state.clocks.extend(numbers_in(connection.execute(query, (person,)).fetchone()[0]))
        rows = connection.execute(
            f"SELECT subsystem, group_concat(ordinal) FROM subsystems WHERE ident IN ({own})"  # noqa: S608
            " AND ordinal <= (SELECT max(ordinal) FROM commits) GROUP BY subsystem",
            (person,),
        )
        for subsystem, listed in rows:
            state.subsystems[subsystem] = array("I", numbers_in(listed))
        return state
