"""Bringing the index up to a head: from the last checkpoint while that is part of its history, else from the start."""

import gc
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from bot.history.change import Taker
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
    def changes(self, since: str | None = None) -> Iterator[bytes]: ...
    def sides(self, since: str | None = None) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Updated:
    """added: commits read now; total: commits in the index; rebuilt: an index was there and could not be continued."""

    added: int
    total: int
    rebuilt: bool


class _Broken(Exception):
    """What is stored is no part of the head's history."""


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
    settings: dict[str, Any] = {"shallow": int(shallow)}
    with locked(path, wait), _no_collection():
        existed = path.is_file()
        try:
            return _continue(path, source, mailmap, moment, settings, progress, rebuilt=False)
        except (_Broken, IndexUnusable, sqlite3.DatabaseError):
            remove_index(path)
            return _continue(path, source, mailmap, moment, settings, progress, rebuilt=existed)


def _continue(
    path: Path,
    source: Source | None,
    mailmap: bytes,
    now: int,
    settings: dict[str, Any],
    progress: Progress | None,
    *,
    rebuilt: bool,
) -> Updated:
    with closing(open_index(path, write=True)) as connection:
        store = Store(connection)
        meta = store.meta()
        last = meta.get("head")
        if source is None or last == source.head:
            if source is None and last:
                raise _Broken
            if source is None or meta.get("mailmap") != digest(mailmap) or not meta.get("complete"):
                Idents(store, mailmap, stored_digest=meta.get("mailmap")).write()
                store.write({"complete": 1, "format": FORMAT, **settings})
            return Updated(0, meta.get("commits", 0), rebuilt)
        changes = source.changes(last)
        try:
            records = _joined(read_changes(changes), last)
            sides = read_side_branches(read_sides(source.sides(last)), source.head)
            idents = Idents(store, mailmap, stored_digest=meta.get("mailmap"))
            taker = Taker(store, idents, sides, meta, now)
            added = _read(records, taker, store, idents, sides, settings, progress)
        finally:
            close = getattr(changes, "close", None)
            if close:
                close()
        if store.meta().get("head") != source.head:
            raise IndexUnusable("the stream ended before the head")
        idents.write()
        if added > _BATCH_COMMITS:
            connection.execute("PRAGMA optimize")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Updated(added, taker.ordinal, rebuilt)


def _joined(records: Iterator[ChangeRecord], last: str | None) -> Iterator[ChangeRecord]:
    """The records themselves, once the first is known to follow on `last`. Raises _Broken when it does not."""
    first = next(records, None)
    if last is not None and (first is None or first.parents[:1] != (last,)):
        raise _Broken
    return records if first is None else chain([first], records)


def _read(
    records: Iterator[ChangeRecord],
    taker: Taker,
    store: Store,
    idents: Idents,
    sides: Sides,
    settings: dict[str, Any],
    progress: Progress | None,
) -> int:
    done = 0
    first = taker.ordinal == 0
    checkpoint = time.monotonic() + _BATCH_SECONDS
    for record in records:
        if first and done == 0:
            settings = settings | {"truncated": int(bool(record.parents))}
        taker.take(record)
        done += 1
        if done % _BATCH_COMMITS == 0 or time.monotonic() > checkpoint:
            taker.checkpoint(settings | ({"complete": 0} if first else {}))
            if progress:
                progress(done, sides.changes or None)
            checkpoint = time.monotonic() + _BATCH_SECONDS
    taker.checkpoint(settings | {"complete": 1, "format": FORMAT})
    if progress:
        progress(done, sides.changes or None)
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
