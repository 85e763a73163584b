"""The passes over a resource in the database: when one begins, what is stored of it, how it ends.

The first pass reads everything, and so does one pass a week, which finds what is gone; those between read what has
changed. Each function writes in one transaction that also extends the lease.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.db import sync_states
from bot.db.engine import Database, now
from bot.db.github_tables import ItemRow, ResponseRow, SyncStateRow
from bot.db.sync_states import StoredState, SyncLease
from bot.domain.sync import SyncResource, SyncStatus
from bot.sync.positions import Page, Position, position_json, read_position
from bot.sync.readers import OVERLAP
from bot.sync.resources import Resource

States = Mapping[SyncResource, StoredState]

_DAY = timedelta(days=1)
_SPREAD = timedelta(minutes=30)
# Resources whose next pass is due within this time are read together.
_TOGETHER = timedelta(hours=2)
_WHOLE_AFTER = timedelta(days=7) - _TOGETHER
_MAX_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Pass:
    """A running pass. began: when; with `position`, what a killed worker leaves to the next one."""

    resource: Resource
    position: Position
    began: datetime
    done: int
    total: int | None


def is_due(state: StoredState) -> bool:
    """Whether a pass over a resource is to begin or to go on now."""
    if state.state.due_at is None:
        return True
    early = _TOGETHER if state.state.status is SyncStatus.DONE else timedelta()
    return state.state.due_at <= now() + early


async def begin_pass(db: Database, lease: SyncLease, resource: Resource, states: States) -> Pass:
    """Go on with the pass that is stored, or begin one."""
    stored = states[resource.name]
    if stored.position is not None and stored.pass_started_at is not None:
        position = read_position(stored.position)
        return Pass(resource, position, stored.pass_started_at, stored.state.done, stored.state.total)
    began = now()
    is_whole = stored.full_at is None or (resource.is_relisted and began - stored.full_at >= _WHOLE_AFTER)
    since = stored.state.since - OVERLAP if stored.state.since and not is_whole else None
    # Pull requests that changed after this time may not be stored yet. The next pass reads their reviews.
    newest = states[SyncResource.PULLS].state.since if resource.name is SyncResource.REVIEWS else None
    position = Position(is_whole=is_whole, since=since, newest=newest)
    columns = {"position": position_json(position), "pass_started_at": began, "done": 0, "total": None, "due_at": None}
    await _set(db, lease, resource.name, "", columns | {"status": SyncStatus.RUNNING})
    return Pass(resource, position, began, 0, None)


async def store_page(db: Database, lease: SyncLease, running: Pass, page: Page) -> Pass | None:
    """Store a page and where the pass goes on. Returns the pass after it; None if it has ended."""
    done = running.done + page.done
    total = page.total if page.total is not None else running.total

    def store(session: Session) -> None:
        sync_states.extend(session, lease)
        running.resource.write(session, lease.repository_id, page.found, now())
        if page.next is None:
            columns = _end(session, lease.repository_id, running, page)
        else:
            position = position_json(replace(page.next, failures=0))
            columns = {"status": SyncStatus.RUNNING, "position": position, "done": done, "total": total}
            columns |= {"due_at": None, "reason": ""}
        sync_states.set_state(session, lease.repository_id, running.resource.name, **columns)

    await db.write(store)
    return None if page.next is None else replace(running, position=page.next, done=done, total=total)


def _end(session: Session, repository_id: UUID, running: Pass, page: Page) -> dict[str, Any]:
    """Delete what a complete pass did not find. Returns the columns of a resource after its pass."""
    moment, last, resource = now(), page.last, running.resource
    if last.since is None and resource.is_relisted and not page.is_unchanged:
        _delete_gone(session, repository_id, running)
    stored = sync_states.count_rows(session, resource.table, repository_id, *resource.kinds)
    columns: dict[str, Any] = {
        "status": SyncStatus.DONE,
        "position": None,
        "etags": {last.etag_url: last.etag} if last.etag and last.etag_url else {},
        "done": stored,
        "total": stored,
        "completed_at": moment,
        "due_at": _next_day(moment),
        "reason": "",
    }
    if last.newest is not None:
        columns["since"] = min(last.newest, moment)  # a time in the future would hide what changes until then
    return columns | ({"full_at": moment} if last.is_whole else {})


def _delete_gone(session: Session, repository_id: UUID, running: Pass) -> None:
    """Delete what GitHub did not list in a complete pass.

    The list of issues has the pull requests, too, and cannot miss one. A list by page numbers can, if one is deleted
    meanwhile: `/pulls` counts only where GitHub refuses the issues.
    """
    resource = running.resource
    gone = [*resource.kinds]
    if resource.name is SyncResource.ISSUES:
        gone = []
    elif resource.name is SyncResource.PULLS and not _is_refused(session, repository_id, SyncResource.ISSUES):
        return
    if resource.table is ItemRow:
        unseen = (ItemRow.repository_id == repository_id, ItemRow.seen_at < running.began, *gone)
        numbers = select(ItemRow.number).where(*unseen)
        answers = (ResponseRow.repository_id == repository_id, ResponseRow.number.in_(numbers))
        session.execute(delete(ResponseRow).where(*answers))
    sync_states.delete_unseen(session, resource.table, repository_id, running.began, *gone)


def _is_refused(session: Session, repository_id: UUID, name: SyncResource) -> bool:
    ours = (SyncStateRow.repository_id == repository_id, SyncStateRow.resource == name)
    return session.scalar(select(SyncStateRow.status).where(*ours)) is SyncStatus.REFUSED


async def refuse(db: Database, lease: SyncLease, name: SyncResource, reason: str, *, restart: bool = True) -> None:
    """Store that GitHub refuses a resource. It is tried again in a day. restart: from the beginning."""
    columns = {"status": SyncStatus.REFUSED, "due_at": _next_day(now())} | ({"position": None} if restart else {})
    await _set(db, lease, name, reason, columns)


async def postpone(db: Database, lease: SyncLease, running: Pass, seconds: float, reason: str) -> None:
    """Store that a page cannot be read now. Each failure makes the wait four times as long, up to six hours."""
    failures = running.position.failures
    wait = min(timedelta(seconds=seconds) * 4.0 ** min(failures, 10), _MAX_WAIT)
    position = position_json(replace(running.position, failures=failures + 1))
    columns = {"status": SyncStatus.FAILED, "position": position, "due_at": now() + wait}
    await _set(db, lease, running.resource.name, reason, columns)


async def wait_for_pulls(db: Database, lease: SyncLease, states: States) -> bool:
    """Let the reviews wait for the first pass over the pull requests. Returns whether they must."""
    pulls = states[SyncResource.PULLS].state
    if pulls.completed_at is not None or pulls.status is SyncStatus.REFUSED:
        return False
    if pulls.due_at is not None:
        columns = {"status": SyncStatus.WAITING, "due_at": pulls.due_at}
        await _set(db, lease, SyncResource.REVIEWS, "Reviews are read after the pull requests.", columns)
    return True


async def delay_all(db: Database, lease: SyncLease, until: datetime, reason: str) -> None:
    """Let all resources of the repository wait. reason: a sentence."""
    told = sync_states.sentence(f"{reason} The sync goes on at {until:%Y-%m-%d %H:%M} UTC.")

    def delay(session: Session) -> None:
        sync_states.extend(session, lease)
        sync_states.delay_all(session, lease.repository_id, until, told)

    await db.write(delay)


async def _set(db: Database, lease: SyncLease, name: SyncResource, reason: str, columns: Mapping[str, Any]) -> None:
    def store(session: Session) -> None:
        sync_states.extend(session, lease)
        sync_states.set_state(session, lease.repository_id, name, reason=sync_states.sentence(reason), **columns)

    await db.write(store)


def _next_day(moment: datetime) -> datetime:
    """About a day later, so that the passes of many repositories spread."""
    return moment + _DAY + _SPREAD * random.uniform(-1, 1)  # noqa: S311 - not a secret
