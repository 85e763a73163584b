"""The file of the history index: its tables, how it is opened and checked, and the lock of its writer."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.domain.features import FEATURES
from bot.errors import RetryLater

# Increase this with every change of the tables or of their contents. An index of another format is rebuilt.
FORMAT = 12
_APPLICATION = 0x47494849

# commits: the first-parent commits of the branch. `ordinal` numbers them from 1, oldest first. `clock` is a time that
#   never decreases. `mass`: changes too many files. `coupled`: counts for temporal coupling, as in `revisions`.
#   `pull`: the number of the pull request. `versions`: raises versions only. `imported`: brings in code from elsewhere.
#   `undo_key`: see `bot.history.reversals`.
# revisions: `tests`: how many of the added lines belong to inline tests.
# activity: who took part in a change besides its author: committed, merged or co-authored it.
# side_commits: commits of side branches, with the ordinal of the merge that introduced them.
# entities: files, followed across renames. origins: the packed ordinal of each line of an entity.
# authors: one row; the packed ident of each ordinal.
# links: the change `introduced_by` introduced the lines that the fix `fix` deletes, or was reverted by it (`how`:
#   "lines", "around", "revert", or "named" by a trailer of the fix).
#   `undone_by`: the change that reverted this revert.
# moves: (ordinal << 32 | checksum of a line) that a change moved, and the ordinal that introduced the line.
_TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE idents (id INTEGER PRIMARY KEY, name TEXT, email TEXT, person INTEGER, bot INTEGER);
CREATE INDEX ident_by_person ON idents (person);
CREATE INDEX ident_by_email ON idents (email COLLATE NOCASE);
CREATE TABLE persons (id INTEGER PRIMARY KEY, name TEXT, email TEXT, bot INTEGER);
CREATE TABLE commits (
    ordinal INTEGER PRIMARY KEY, sha TEXT, author INTEGER, merged_by INTEGER, author_time INTEGER, commit_time INTEGER,
    clock INTEGER, parents INTEGER, kind TEXT, fix INTEGER, mass INTEGER, bot INTEGER, files INTEGER, added INTEGER,
    deleted INTEGER, coupled INTEGER, subject TEXT, pull INTEGER, versions INTEGER,
    imported INTEGER, undo_key INTEGER);
CREATE UNIQUE INDEX commit_by_sha ON commits (sha);
CREATE INDEX commit_by_author ON commits (author, clock);
CREATE INDEX commit_by_clock ON commits (clock, coupled);
CREATE INDEX commit_coupled ON commits (ordinal) WHERE coupled = 1;
CREATE INDEX commit_of_fix ON commits (ordinal, clock) WHERE fix = 1;
CREATE INDEX commit_by_pull ON commits (pull) WHERE pull IS NOT NULL;
CREATE TABLE co_authors (ordinal INTEGER, ident INTEGER, PRIMARY KEY (ordinal, ident)) WITHOUT ROWID;
CREATE TABLE activity (ident INTEGER, ordinal INTEGER, PRIMARY KEY (ident, ordinal)) WITHOUT ROWID;
CREATE TABLE issues (ordinal INTEGER, number INTEGER, PRIMARY KEY (ordinal, number)) WITHOUT ROWID;
CREATE TABLE side_commits (sha TEXT PRIMARY KEY, ordinal INTEGER) WITHOUT ROWID;
CREATE TABLE entities (id INTEGER PRIMARY KEY, path TEXT, alive INTEGER, flags INTEGER, lines INTEGER, created INTEGER);
CREATE INDEX entity_by_path ON entities (path);
CREATE TABLE renames (ordinal INTEGER, entity INTEGER, old_path TEXT, path TEXT);
CREATE TABLE revisions (
    ordinal INTEGER, entity INTEGER, status TEXT, added INTEGER, deleted INTEGER, lines_before INTEGER, coupled INTEGER,
    tests INTEGER, PRIMARY KEY (ordinal, entity)) WITHOUT ROWID;
CREATE INDEX revision_by_entity ON revisions (entity, coupled, ordinal, added, deleted);
CREATE TABLE origins (entity INTEGER PRIMARY KEY, packed BLOB);
CREATE TABLE authors (id INTEGER PRIMARY KEY, packed BLOB);
CREATE TABLE features (ordinal INTEGER PRIMARY KEY, {", ".join(f"{name} REAL" for name in FEATURES)});
CREATE TABLE links (
    fix INTEGER, introduced_by INTEGER, how TEXT, path TEXT, lines INTEGER, first_line INTEGER, undone_by INTEGER);
CREATE INDEX link_by_introduced_by ON links (introduced_by);
CREATE INDEX link_by_fix ON links (fix);
CREATE TABLE moves (key INTEGER PRIMARY KEY, origin INTEGER);
CREATE TABLE subsystems (
    ident INTEGER, subsystem TEXT, ordinal INTEGER, PRIMARY KEY (ident, subsystem, ordinal)) WITHOUT ROWID;
"""


class IndexUnusable(Exception):
    """The file is missing, damaged, or not an index of this format. `update` rebuilds it."""


def index_path(repository: Path) -> Path:
    """Return the path of the index of a mirror. It is beside the mirror."""
    return repository.with_name(repository.name + ".history.db")


def open_index(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open an index. With `write`, create it if it does not exist. Raises IndexUnusable."""
    if not write and not path.is_file():
        raise IndexUnusable("the index does not exist yet")
    is_new = not path.is_file()
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    try:
        if is_new:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                f"BEGIN; {_TABLES} PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {FORMAT}; COMMIT;"
            )
        _check(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -16000")
        if not write:
            connection.execute("PRAGMA query_only = 1")
    except (sqlite3.DatabaseError, IndexUnusable) as error:
        connection.close()
        raise IndexUnusable(str(error)) from error
    return connection


def _check(connection: sqlite3.Connection) -> None:
    """Check the application id and the format. SQLite itself rejects a truncated file."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise IndexUnusable("the file is not a history index")
    if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
        raise IndexUnusable("the index has another format")


def remove_index(path: Path) -> None:
    """Delete an index. Processes that have it open continue to read it. The lock file stays; others may wait for it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def locked(path: Path, wait: float) -> Iterator[None]:
    """Hold the writer's lock of an index. Only one process can hold it; the kernel releases it if that process dies.

    wait: the maximum number of seconds to wait for the lock. Raises RetryLater after that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + wait
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise RetryLater("the history index is being written by another worker") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
