"""Detects lines that a change moves or indents, and records which earlier change introduced them.

Blame names the change that moved a line, but a fault in the line is older (Kim et al., "Automatic identification of
bug-introducing changes", ASE 2006, for the layout; Neto et al., "The impact of refactoring changes on the SZZ
algorithm", SANER 2018, for moved code). A change moves a line if it deletes it and adds it again, in any file. Lines
are compared without whitespace.
"""

from collections.abc import Sequence
from zlib import crc32

from bot.history.patch import FilePatch, added_lines, deleted_lines
from bot.history.state import FileState
from bot.history.store import Store
from bot.history.traits import traits_of

# Shorter lines (`else:`, `});`) are common and do not indicate a move.
_MIN_LENGTH = 6
# The maximum number of deleted lines that are examined per change. It limits the memory; no refactoring has more.
_MAX_LINES = 100_000
# The maximum number of moved lines in memory between checkpoints.
_MAX_LOADED = 400_000

# The files that one change alters: the state of the entity and its path before the change, and its patch.
ChangedFiles = Sequence[tuple[FileState, str, FilePatch]]


class Moves:
    """The lines that each change moved, and the changes that introduced them.

    empty: the index has no moves yet, so that no query is needed.
    """

    def __init__(self, store: Store, *, empty: bool) -> None:
        self._store = store
        self._empty = empty
        self._by_change: dict[int, dict[int, int]] = {}
        self._loaded = 0

    def record(self, ordinal: int, files: ChangedFiles) -> None:
        """Record the lines that one change moves. files: its changed files, before it."""
        deleted = _deleted_lines(files)
        if not deleted:
            return
        moved = {}
        for _, path, patch in files:
            if traits_of(path).blamable and patch.added:
                for body in patch.bodies:
                    for line in map(normalized, added_lines(body)):
                        if line in deleted:
                            moved[crc32(line)] = self.introduced_by(deleted[line], line)
        if moved:
            self._by_change[ordinal] = moved
            self._loaded += len(moved)
            self._store.rows["moves"] += [(ordinal << 32 | key, origin) for key, origin in moved.items()]

    def introduced_by(self, ordinal: int, line: bytes) -> int:
        """Return the change that introduced a normalized line. `ordinal` is the change that blame names."""
        moved = self._by_change.get(ordinal)
        if moved is None:
            if self._empty:
                return ordinal
            moved = self._by_change[ordinal] = self._load(ordinal)
            self._loaded += len(moved)
        return moved.get(crc32(line), ordinal)

    def trim(self) -> None:
        """Free the memory after a checkpoint if many lines are loaded."""
        if self._loaded > _MAX_LOADED:
            self._by_change.clear()
            self._loaded = 0
            self._empty = False

    def _load(self, ordinal: int) -> dict[int, int]:
        bounds = (ordinal << 32, (ordinal + 1) << 32)
        rows = self._store.connection.execute("SELECT key, origin FROM moves WHERE key >= ? AND key < ?", bounds)
        return {key & 0xFFFFFFFF: origin for key, origin in rows}


def normalized(line: bytes) -> bytes:
    """Return a line without whitespace."""
    return b"".join(line.split())


def _deleted_lines(files: ChangedFiles) -> dict[bytes, int]:
    """Return the normalized lines that a change deletes, with their origins. Empty if the change adds no lines."""
    if not any(patch.added for _, _, patch in files):
        return {}
    deleted: dict[bytes, int] = {}
    for state, path, patch in files:
        if not patch.deleted or not traits_of(path).blamable:
            continue
        for (_, count, _, start), body in zip(patch.hunks, patch.bodies, strict=True):
            if count and len(deleted) < _MAX_LINES:
                origins = state.origins[start : start + count]
                deleted |= {
                    line: origin
                    for line, origin in zip(map(normalized, deleted_lines(body, count)), origins, strict=False)
                    if origin and len(line) >= _MIN_LENGTH
                }
    return deleted
