"""Bringing the index up to a head: from the last checkpoint while that is part of its history, else from the start."""

import gc
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from bot.errors import ObjectsMissing
from bot.history.commit_indexer import CommitIndexer
from bot.history.idents import Idents, digest
from bot.history.records import ChangeRecord, read_changes, read_sides
from bot.history.schema import FORMAT, IndexUnusable, locked, open_index, remove_index
from bot.history.sides import Sides, read_side_branches
from bot.history.store import Store

_BATCH_COMMITS = 2_000
_BATCH_SECONDS = 5.0

Progress = Callable[[int, int | None], None]


class Source(Protocol):
    """The streams of one repository; `bot.git.history_stream.HistorySource` is one. head: a full sha."""

    @property
    def head(self) -> str: ...
    @property
    def lines(self) -> bool: ...
    @property
    def gap(self) -> str: ...
    def changes(self, since: str | None = None) -> Iterator[bytes]: ...
    def sides(self, since: str | None = None) -> Iterator[bytes]: ...
    def without_lines(self) -> "Source": ...
    def despite_gaps(self, since: str | None = None) -> AbstractContextManager["Source"]: ...
    def filled(self, gap: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Updated:
    """added: commits read now; total: commits in the index; rebuilt: an index was there and could not be continued."""

    added: int
    total: int
    rebuilt: bool


@dataclass(frozen=True, slots=True)
class _Task:
    """What every attempt of one update has in common. settings: what `meta` says of the clone."""

    path: Path
    mailmap: bytes
    now: int
    settings: dict[str, Any]
    progress: Progress | None


class _Broken(Exception):
    """What is stored is no part of the head's history, or says less than could be said now."""


def update(
    path: Path,
    source: Source | None,
    *,
    mailmap: bytes = b"",
    shallow: bool = False,
    now: int | None = None,
    progress: Progress | None = None,
    wait: float = 600.0,
) -> Updated:
    """Make the index at `path` say all of the first-parent history of the source's head. None: an empty repository.

    now: Unix seconds, for telling times in the future; progress: called with (done, total or None).
    Raises RetryLater when another worker writes for longer than `wait` seconds, and what the source raises.
    """
    moment = int(time.time()) if now is None else now
    task = _Task(path, mailmap, moment, {"shallow": int(shallow)}, progress)
    with locked(path, wait), _no_collection():
        existed = path.is_file()
        try:
            return replace(_despite_gaps(task, source), rebuilt=False)
        except (_Broken, IndexUnusable, sqlite3.DatabaseError):
            remove_index(path)
            return replace(_despite_gaps(task, source), rebuilt=existed)


def _despite_gaps(task: _Task, source: Source | None) -> Updated:
    """Read on; where the clone lacks objects, once more with what is there."""
    try:
        return _continue(task, source)
    except ObjectsMissing:
        assert source is not None  # noqa: S101 - it raised
        with closing(open_index(task.path, write=True)) as connection:
            last = Store(connection).meta().get("head")
        with source.despite_gaps(last) as patched:
            return _continue(task, patched)


def _continue(task: _Task, source: Source | None) -> Updated:
    with closing(open_index(task.path, write=True)) as connection:
        store = Store(connection)
        meta = store.meta()
        last = meta.get("head")
        if source is None:
            if last:
                raise _Broken
            return _settled(task, store, meta)
        if meta.get("gap") and source.filled(meta["gap"]):
            raise _Broken
        if last == source.head:
            return _settled(task, store, meta)
        if not meta.get("lines", 1):
            source = source.without_lines()
        elif last and not source.lines:
            raise _Broken
        added = _add(task, store, meta, source)
        if added > _BATCH_COMMITS:
            connection.execute("PRAGMA optimize")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Updated(added, meta.get("commits", 0) + added, rebuilt=False)


def _settled(task: _Task, store: Store, meta: dict[str, Any]) -> Updated:
    """No commit is to be read; the mailmap may have changed."""
    if not meta.get("head") or meta.get("mailmap") != digest(task.mailmap) or not meta.get("complete"):
        Idents(store, task.mailmap, stored_digest=meta.get("mailmap")).write()
        store.write({"complete": 1, "format": FORMAT, **task.settings})
    return Updated(0, meta.get("commits", 0), rebuilt=False)


def _add(task: _Task, store: Store, meta: dict[str, Any], source: Source) -> int:
    """Take in what came after the last checkpoint; how many commits that were."""
    last = meta.get("head")
    changes = source.changes(last)  # begins at once, while the sides are read

    @cache
    def sides() -> Sides:
        return read_side_branches(read_sides(source.sides(last)), source.head)

    try:
        # Of a whole history they tell how long it is; an update without merges does without.
        total = None if meta.get("complete") else sides().changes or None
        records = _joined(read_changes(changes), last)
        idents = Idents(store, task.mailmap, stored_digest=meta.get("mailmap"))
        indexer = CommitIndexer(store, idents, sides, meta, task.now, lines=source.lines)
        gap = source.gap or meta.get("gap") or ""
        settings = task.settings | {"lines": int(source.lines), "gap": gap}
        added = _read(records, indexer, settings, task.progress, total)
    finally:
        close = getattr(changes, "close", None)
        if close:
            close()
    if store.meta().get("head") != source.head:
        raise IndexUnusable("the stream ended before the head")
    idents.write()
    return added


def _joined(records: Iterator[ChangeRecord], last: str | None) -> Iterator[ChangeRecord]:
    """The records themselves, once the first is known to follow on `last`. Raises _Broken when it does not."""
    first = next(records, None)
    if last is not None and (first is None or first.parents[:1] != (last,)):
        raise _Broken
    return records if first is None else chain([first], records)


def _read(
    records: Iterator[ChangeRecord],
    indexer: CommitIndexer,
    settings: dict[str, Any],
    progress: Progress | None,
    total: int | None,
) -> int:
    done = 0
    first = indexer.ordinal == 0
    checkpoint = time.monotonic() + _BATCH_SECONDS
    for record in records:
        if first and done == 0:
            settings = settings | {"truncated": int(bool(record.parents))}
        indexer.add(record)
        done += 1
        if done % _BATCH_COMMITS == 0 or time.monotonic() > checkpoint:
            indexer.checkpoint(settings | ({"complete": 0} if first else {}))
            if progress:
                progress(done, total)
            checkpoint = time.monotonic() + _BATCH_SECONDS
    indexer.checkpoint(settings | {"complete": 1, "format": FORMAT})
    if progress:
        progress(done, total)
    return done


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the cycle collector: the states are many, live long and have no cycles, and it would visit them all."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
