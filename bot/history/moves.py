"""Lines that only moved: what a change takes away and brings again, in whichever file, came with an earlier change.

Blame names the change that moved or indented a line; a fault in it is older (Kim et al., "Automatic identification of
bug-introducing changes", ASE 2006, for the layout; Neto et al., "The impact of refactoring changes on the SZZ
algorithm", SANER 2018, for code that moves). Lines are the same when they are without their whitespace.
"""

from collections.abc import Sequence
from zlib import crc32

from bot.history.patch import FilePatch, brought, removed
from bot.history.state import FileState
from bot.history.store import Store
from bot.history.traits import traits_of

# Shorter ones (`else:`, `});`) stand everywhere, and prove no move.
_TELLING = 6
# Lines that one change takes away and that are looked at: more than that is no refactoring, and would fill the memory.
_MOST_LINES = 100_000
# Moved lines held in memory between checkpoints.
_MOST_HELD = 400_000

Changed = Sequence[tuple[FileState, str, FilePatch]]


class Moves:
    """Where the lines that a change moved came from. `empty`: nothing is stored yet, and nothing looked up."""

    def __init__(self, store: Store, *, empty: bool) -> None:
        self._store = store
        self._empty = empty
        self._by_change: dict[int, dict[int, int]] = {}
        self._held = 0

    def note(self, ordinal: int, files: Changed) -> None:
        """Take in one change. files: entities before it, their paths before it, and what it does to them."""
        gone = _gone(files)
        if not gone:
            return
        moved = {}
        for _, path, patch in files:
            if traits_of(path).blamed and patch.added:
                for body in patch.bodies:
                    for line in map(squeezed, brought(body)):
                        if line in gone:
                            moved[crc32(line)] = self.origin(gone[line], line)
        if moved:
            self._by_change[ordinal] = moved
            self._held += len(moved)
            self._store.rows["moves"] += [(ordinal << 32 | key, origin) for key, origin in moved.items()]

    def origin(self, ordinal: int, line: bytes) -> int:
        """The change that a squeezed line came with, of which the change `ordinal` is the last that moved it."""
        moved = self._by_change.get(ordinal)
        if moved is None:
            if self._empty:
                return ordinal
            moved = self._by_change[ordinal] = self._load(ordinal)
            self._held += len(moved)
        return moved.get(crc32(line), ordinal)

    def forget(self) -> None:
        """After a checkpoint: let go of what is loaded, when it is much."""
        if self._held > _MOST_HELD:
            self._by_change.clear()
            self._held = 0
            self._empty = False

    def _load(self, ordinal: int) -> dict[int, int]:
        within = (ordinal << 32, (ordinal + 1) << 32)
        rows = self._store.connection.execute("SELECT key, origin FROM moves WHERE key >= ? AND key < ?", within)
        return {key & 0xFFFFFFFF: origin for key, origin in rows}


def squeezed(line: bytes) -> bytes:
    """A line without any whitespace: equal for what only moved, or was indented anew."""
    return b"".join(line.split())


def _gone(files: Changed) -> dict[bytes, int]:
    """The lines that a change takes away where it brings others too, and what each came with."""
    if not any(patch.added for _, _, patch in files):
        return {}
    gone: dict[bytes, int] = {}
    for state, path, patch in files:
        if not patch.deleted or not traits_of(path).blamed:
            continue
        origins = state.origins
        for (_, count, _, old), body in zip(patch.hunks, patch.bodies, strict=True):
            if count and len(gone) < _MOST_LINES:
                came = origins[old : old + count]
                gone |= {
                    line: origin
                    for line, origin in zip(map(squeezed, removed(body, count)), came, strict=False)
                    if origin and len(line) >= _TELLING
                }
    return gone
