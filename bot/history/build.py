"""Updates the index to a commit. It continues from the last checkpoint if possible; otherwise it rebuilds the index."""

import gc
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from bot.domain.kinds import ClassifierFrom, KindClassifier
from bot.errors import ObjectsMissing
from bot.history.commit_indexer import CommitIndexer
from bot.history.idents import Idents, mailmap_digest
from bot.history.prepare import PreparedCommit, prepared
from bot.history.records import ChangeRecord, read_changes, read_sides
from bot.history.schema import FORMAT, IndexUnusable, locked, open_index, remove_index
from bot.history.side_branches import SideBranches, read_side_branches
from bot.history.store import Store

_BATCH_COMMITS = 2_000
_BATCH_SECONDS = 5.0

Progress = Callable[[int, int | None], None]


class Source(Protocol):
    """The streams of one repository, as `bot.git.history_stream.HistorySource` provides them.

    head: the full sha of the newest commit.
    lines: whether the change stream contains patches.
    gap: the id of a missing object; empty if none is known.
    """

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
    """The result of an update.

    added: the number of commits that were read.
    total: the number of commits in the index.
    rebuilt: whether an existing index was replaced.
    """

    added: int
    total: int
    rebuilt: bool


@dataclass(frozen=True, slots=True)
class _Task:
    """The arguments of one update.

    settings: values about the clone that are stored in `meta`.
    """

    path: Path
    mailmap: bytes
    now: int
    settings: dict[str, Any]
    progress: Progress | None
    classifier: ClassifierFrom | None
    faults: Collection[int] | None


class _MustRebuild(Exception):
    """The index is not of the history of the head, or it lacks lines that can be read now."""


def update(
    path: Path,
    source: Source | None,
    *,
    mailmap: bytes = b"",
    shallow: bool = False,
    now: int | None = None,
    progress: Progress | None = None,
    classifier: ClassifierFrom | None = None,
    faults: Collection[int] | None = None,
    wait: float = 600.0,
) -> Updated:
    """Update the index at `path` to the first-parent history of the source's head.

    source: None for an empty repository.
    now: Unix seconds; later commit times are ignored.
    progress: is called with the number of commits that were read, and the total or None.
    classifier: names the kind of changes that nobody wrote down; None to leave it to the rules of their words.
    faults: the numbers of issues and pull requests that are labelled as faults; None if that is not known.
    wait: the maximum number of seconds to wait for another writer. Raises RetryLater after that.
    Raises the errors of the source.
    """
    moment = int(time.time()) if now is None else now
    task = _Task(path, mailmap, moment, {"shallow": int(shallow)}, progress, classifier, faults)
    with locked(path, wait), _without_gc():
        existed = path.is_file()
        try:
            return replace(_update(task, source), rebuilt=False)
        except (_MustRebuild, IndexUnusable, sqlite3.DatabaseError):
            remove_index(path)
            return replace(_update(task, source), rebuilt=existed)


def _update(task: _Task, source: Source | None) -> Updated:
    """Continue the index. If the clone lacks objects, try again with the objects that it has."""
    try:
        return _continue(task, source)
    except ObjectsMissing:
        assert source is not None  # noqa: S101 - only a source raises it
        with closing(open_index(task.path, write=True)) as connection:
            stored_head = Store(connection).meta().get("head")
        with source.despite_gaps(stored_head) as readable:
            return _continue(task, readable)


def _continue(task: _Task, source: Source | None) -> Updated:
    with closing(open_index(task.path, write=True)) as connection:
        store = Store(connection)
        meta = store.meta()
        stored_head = meta.get("head")
        if source is None:
            if stored_head:
                raise _MustRebuild
            return _update_meta(task, store, meta)
        if meta.get("gap") and source.filled(meta["gap"]):
            raise _MustRebuild
        if meta.get("shallow") and not task.settings["shallow"]:
            raise _MustRebuild  # the rest of the history was fetched
        if stored_head == source.head:
            return _update_meta(task, store, meta)
        if not meta.get("lines", 1):
            source = source.without_lines()
        elif stored_head and not source.lines:
            raise _MustRebuild
        added = _add_commits(task, store, meta, source)
        if added > _BATCH_COMMITS:
            connection.execute("PRAGMA optimize")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Updated(added, meta.get("commits", 0) + added, rebuilt=False)


def _update_meta(task: _Task, store: Store, meta: dict[str, Any]) -> Updated:
    """Finish an update without new commits. The mailmap may have changed."""
    if not meta.get("head") or meta.get("mailmap") != mailmap_digest(task.mailmap) or not meta.get("complete"):
        Idents(store, task.mailmap, stored_digest=meta.get("mailmap")).write()
        store.write({"complete": 1, "format": FORMAT, **task.settings})
    return Updated(0, meta.get("commits", 0), rebuilt=False)


def _add_commits(task: _Task, store: Store, meta: dict[str, Any], source: Source) -> int:
    """Index the commits since the last checkpoint. Returns their number."""
    stored_head = meta.get("head")
    changes = source.changes(stored_head)  # git starts now, while the side branches are read

    @cache
    def side_branches() -> SideBranches:
        return read_side_branches(read_sides(source.sides(stored_head)), source.head)

    try:
        # The first indexing reads the side branches for the total; a later update reads them only for a merge.
        total = None if meta.get("complete") else side_branches().first_parent_commits or None
        records = _continuing(read_changes(changes), stored_head)
        idents = Idents(store, task.mailmap, stored_digest=meta.get("mailmap"))
        indexer = CommitIndexer(store, idents, side_branches, meta, task.now, lines=source.lines)
        gap = source.gap or meta.get("gap") or ""
        settings = task.settings | {"lines": int(source.lines), "gap": gap}
        if stored_head is None:
            settings["faults"] = int(task.faults is not None)
        classifier = task.classifier(meta.get("kinds", b"")) if task.classifier else None
        commits = prepared(records, classifier, faults=task.faults or (), lines=source.lines)
        added = _index_commits(commits, indexer, settings, classifier, task.progress, total)
    finally:
        close = getattr(changes, "close", None)
        if close:
            close()
    if store.meta().get("head") != source.head:
        raise IndexUnusable("the change stream ended before the head")
    idents.write()
    return added


def _continuing(records: Iterator[ChangeRecord], stored_head: str | None) -> Iterator[ChangeRecord]:
    """Return the records. Raises _MustRebuild if the first one is not a child of the stored head."""
    first = next(records, None)
    if stored_head is not None and (first is None or first.parents[:1] != (stored_head,)):
        raise _MustRebuild
    return records if first is None else chain([first], records)


def _index_commits(
    commits: Iterator[PreparedCommit],
    indexer: CommitIndexer,
    settings: dict[str, Any],
    classifier: KindClassifier | None,
    progress: Progress | None,
    total: int | None,
) -> int:
    """Index the commits, with a checkpoint after each batch. Returns their number.

    What the classifier learned may be ahead of the checkpoint by a batch. If the update ends there, the next one
    learns these commits twice.
    """
    done = 0
    is_new = indexer.ordinal == 0
    next_checkpoint = time.monotonic() + _BATCH_SECONDS
    for commit in commits:
        if is_new and done == 0:
            settings = settings | {"truncated": int(bool(commit.record.parents))}
        indexer.add(commit)
        done += 1
        if done % _BATCH_COMMITS == 0 or time.monotonic() > next_checkpoint:
            indexer.checkpoint(settings | _learned(classifier) | ({"complete": 0} if is_new else {}))
            if progress:
                progress(done, total)
            next_checkpoint = time.monotonic() + _BATCH_SECONDS
    indexer.checkpoint(settings | _learned(classifier) | {"complete": 1, "format": FORMAT})
    if progress:
        progress(done, total)
    return done


def _learned(classifier: KindClassifier | None) -> dict[str, Any]:
    return {"kinds": classifier.to_bytes()} if classifier else {}


@contextmanager
def _without_gc() -> Iterator[None]:
    """Disable the garbage collector. It would visit many long-lived states, and none of them has cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
