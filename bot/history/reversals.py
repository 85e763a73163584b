"""Finds the change whose patch another change reverses, whatever its message says.

A change reverses an earlier one if it deletes exactly the lines that the earlier one added, and adds exactly those that
it deleted, in the same files. The origin of the deleted lines names the earlier change, so that no text of past patches
is kept: a key of 32 bits per change is compared.
"""

from collections.abc import Sequence
from zlib import crc32

from bot.history.patch import FilePatch
from bot.history.state import FileState

# A smaller patch is as often an edit of the same lines as a revert.
_LEAST_LINES = 4
_MOST_LINES = 20_000
_PLUS, _MINUS, _NO_END = b"\n+", b"\n-", b"\n\\ No newline at end of file"

# The files that one change alters: the state of each before it, and its patch.
Altered = Sequence[tuple[FileState, FilePatch]]


def undo_key(files: Altered) -> int | None:
    """Return the key that a change which reverses this one has as `redo_key`; None if it is too small or too large."""
    return _key(files, added=sum(patch.added for _, patch in files), of_deleted=True) if _is_usual(files) else None


def redo_key(files: Altered) -> int:
    """Return the key of a change as the reversal of an earlier one."""
    return _key(files, added=sum(patch.deleted for _, patch in files), of_deleted=False)


def reversed_origin(files: Altered) -> int:
    """Return the only change that all deleted lines come from; 0 if there are several or none."""
    if not _is_usual(files):
        return 0
    found = 0
    for state, patch in files:
        for _, count, _, start in patch.hunks:
            for origin in set(state.origins[start : start + count]):
                if not origin or (found and origin != found):
                    return 0
                found = origin
    return found


def _is_usual(files: Altered) -> bool:
    lines = sum(patch.added + patch.deleted for _, patch in files)
    return _LEAST_LINES <= lines <= _MOST_LINES and all(patch.readable for _, patch in files)


def _key(files: Altered, *, added: int, of_deleted: bool) -> int:
    """Return a checksum of the files, of how many lines the earlier change added, and of those that it deleted."""
    total = crc32(str(added).encode())
    for state, patch in sorted(files, key=lambda one: one[0].number) if len(files) > 1 else files:
        total = crc32(str(state.number).encode(), total)
        for body in patch.bodies:
            total = crc32(_deleted(body) if of_deleted else _added(body), total)
    return total


def _deleted(body: bytes) -> bytes:
    """Return the deleted lines of a hunk with their signs. Without context they stand before the added ones."""
    end = body.find(_PLUS)
    return _bare(body[body.find(b"\n") : end if end >= 0 else len(body)])


def _added(body: bytes) -> bytes:
    """Return the added lines of a hunk as `_deleted` returns them in the reversed patch."""
    start = body.find(_PLUS)
    return _bare(body[start:].replace(_PLUS, _MINUS)) if start >= 0 else b""


def _bare(lines: bytes) -> bytes:
    """Return lines without what git writes after the last one: of the file, and of the record (`-z`)."""
    return lines.replace(_NO_END, b"").rstrip(b"\n\0") if lines else lines
