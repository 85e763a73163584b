"""The state of files and authors after the newest indexed commit. It is loaded from the index on first use."""

from array import array
from dataclasses import dataclass, field

from bot.history.packing import pack, parse_numbers, unpack
from bot.history.past_changes import PastChanges
from bot.history.store import Store
from bot.history.traits import Traits, traits_of

# The maximum numbers of line origins (4 bytes each) and files in memory after a checkpoint.
MAX_LINES_LOADED = 16_000_000
MAX_FILES_LOADED = 200_000


@dataclass(slots=True)
class FileState:
    """One entity.

    origins: for each line the ordinal of the commit that blame names; 0 if it is unknown.
    changes_by: the number of changes by author ident.
    last_clock: the clock of the newest change.
    ordinals: of all changes, ascending.
    fixes: the clocks of the changes that were fixes.
    churn: the lines that all changes added and deleted.
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
    churn: int = 0

    @property
    def changes(self) -> int:
        """The number of changes."""
        return len(self.ordinals)

    @property
    def traits(self) -> Traits:
        """The traits of the current path."""
        return traits_of(self.path)

    def add_change(self, ordinal: int, ident: int, clock: int, fix: int, lines: int) -> None:
        """Count one change. lines: added and deleted."""
        self.churn += lines
        self.changes_by[ident] = self.changes_by.get(ident, 0) + 1
        self.ordinals.append(ordinal)
        self.last_clock = clock
        if fix:
            self.fixes.append(clock)


@dataclass(slots=True)
class AuthorState:
    """One person.

    clocks: of their changes, ascending.
    subsystems: the ordinals of their changes by subsystem.
    """

    clocks: "array[int]" = field(default_factory=lambda: array("q"))
    subsystems: dict[str, "array[int]"] = field(default_factory=dict)

    def add_change(self, subsystem: str, ordinal: int) -> None:
        """Count one change of a subsystem."""
        self.subsystems.setdefault(subsystem, array("I")).append(ordinal)


class Files:
    """All entities by their current path.

    empty: the index has no entities yet, so that no query is needed.
    """

    def __init__(self, store: Store, *, empty: bool) -> None:
        self._store = store
        self._empty = empty
        self._by_path: dict[str, FileState | None] = {}
        self._dirty: dict[int, FileState] = {}
        self._past: PastChanges | None = None
        self._next = (store.connection.execute("SELECT max(id) FROM entities").fetchone()[0] or 0) + 1

    def get(self, path: str) -> FileState | None:
        """Return the entity at a path, or the last one that was deleted there."""
        if path in self._by_path:
            return self._by_path[path]
        found = None if self._empty else self._load(path)
        self._by_path[path] = found
        return found

    def create(self, path: str, ordinal: int) -> FileState:
        """Create an entity at a path."""
        self._discard(path)
        state = self._by_path[path] = FileState(self._next, path, created=ordinal)
        self._next += 1
        self._dirty[state.number] = state
        return state

    def detach(self, path: str) -> FileState | None:
        """Remove the entity from its path and return it. `attach` puts it at another path."""
        state = self.get(path)
        self._by_path[path] = None
        return state

    def attach(self, state: FileState, path: str) -> None:
        """Put a detached entity at a path."""
        self._discard(path)
        state.path = path
        self._by_path[path] = state

    def mark_changed(self, state: FileState) -> None:
        """Have this entity written at the next checkpoint."""
        self._dirty[state.number] = state

    def collect_rows(self) -> None:
        """Add the rows of all entities that changed since the last checkpoint to the store."""
        for state in self._dirty.values():
            self._store.rows["entities"].append(
                (state.number, state.path, int(state.alive), state.traits.flags, len(state.origins), state.created)
            )
            self._store.rows["origins"].append((state.number, pack(state.origins)))
        self._dirty.clear()

    def trim(self) -> None:
        """Free the memory after a checkpoint if many entities or lines are loaded."""
        self._past = None
        loaded = [state for state in self._by_path.values() if state is not None]
        if len(loaded) > MAX_FILES_LOADED or sum(len(state.origins) for state in loaded) > MAX_LINES_LOADED:
            self._by_path.clear()
            self._empty = False

    def _discard(self, path: str) -> None:
        """Take the path from the entity that has it, because another one gets it."""
        old = self.get(path)
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
        past = self._past.of_entity(row[0], connection)
        state.ordinals, state.fixes = past.ordinals, past.fixes
        state.changes_by, state.last_clock, state.churn = past.changes_by, past.last_clock, past.churn
        return state


class Authors:
    """The states of persons, loaded on first use."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: dict[int, AuthorState] = {}

    def get(self, person: int) -> AuthorState:
        """Return the state of a person."""
        state = self._states.get(person)
        if state is None:
            state = self._states[person] = self._load(person)
        return state

    def add_change(self, person: int, ident: int, clock: int, ordinal: int, subsystems: set[str]) -> None:
        """Count one change, and add its rows to the store."""
        state = self.get(person)
        state.clocks.append(clock)
        for subsystem in sorted(subsystems):
            state.add_change(subsystem, ordinal)
            self._store.rows["subsystems"].append((ident, subsystem, ordinal))

    def join(self, person: int, into: int) -> None:
        """Give the changes of a person to the one that it turned out to be. The index may still have both."""
        own, other = self.get(into), self.get(person)
        own.clocks = array("q", sorted(own.clocks + other.clocks))
        for subsystem, ordinals in other.subsystems.items():
            own.subsystems[subsystem] = array("I", sorted(own.subsystems.get(subsystem, array("I")) + ordinals))
        del self._states[person]

    def _load(self, person: int) -> AuthorState:
        connection = self._store.connection
        state = AuthorState()
        idents = "SELECT id FROM idents WHERE person = ?"
        query = f"SELECT group_concat(clock) FROM commits WHERE author IN ({idents})"  # noqa: S608
        state.clocks.extend(parse_numbers(connection.execute(query, (person,)).fetchone()[0]))
        rows = connection.execute(
            f"SELECT subsystem, group_concat(ordinal) FROM subsystems WHERE ident IN ({idents})"  # noqa: S608
            " AND ordinal <= (SELECT max(ordinal) FROM commits) GROUP BY subsystem",
            (person,),
        )
        for subsystem, ordinals in rows:
            state.subsystems[subsystem] = array("I", parse_numbers(ordinals))
        return state
