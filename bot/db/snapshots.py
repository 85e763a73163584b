"""Snapshots: stored facts on a whole repository. The REST API and the pages read them, because they have no mirror."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import delete, exists, func, select

from bot.db.engine import Database, now
from bot.db.history_tables import Snapshot
from bot.db.tables import Installation, Repository
from bot.domain.back_test import BackTest
from bot.domain.file_details import FileDetails
from bot.domain.model_card import ModelCard
from bot.domain.past import Past
from bot.domain.patterns import Patterns
from bot.domain.snapshots import (
    KINDS,
    Coupling,
    Hotspots,
    IndexingProgress,
    Ownership,
    SnapshotContent,
    kind_of,
)
from bot.domain.trends import Trends

log = logging.getLogger(__name__)
Content = TypeVar("Content", bound=SnapshotContent)


@dataclass(frozen=True, slots=True)
class Stored(Generic[Content]):
    """A snapshot.

    content: the facts.
    head_sha: the commit that they describe.
    created_at: when they were stored.
    """

    content: Content
    head_sha: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots of one repository; None for each kind that is not stored or not requested."""

    hotspots: Stored[Hotspots] | None = None
    ownership: Stored[Ownership] | None = None
    coupling: Stored[Coupling] | None = None
    model_card: Stored[ModelCard] | None = None
    back_test: Stored[BackTest] | None = None
    learning: Stored[IndexingProgress] | None = None
    trends: Stored[Trends] | None = None
    patterns: Stored[Patterns] | None = None
    files: Stored[FileDetails] | None = None


def content_of(stored: Stored[Content] | None) -> Content | None:
    """The facts of a snapshot, if there is one."""
    return None if stored is None else stored.content


async def save_snapshots(db: Database, repository_id: UUID, head_sha: str, contents: Iterable[SnapshotContent]) -> None:
    """Replace the snapshots of these kinds. Of two simultaneous writers, the later one wins."""
    moment = now()
    rows = [
        Snapshot(
            repository_id=repository_id,
            kind=kind_of(type(content)),
            head_sha=head_sha,
            content=_json(content),
            created_at=moment,
        )
        for content in contents
    ]
    async with db.writing() as session:
        query = select(Repository.id).where(Repository.id == repository_id)
        if await session.scalar(query if db.is_sqlite else query.with_for_update()) is None:
            return  # it was deleted meanwhile
        kinds = [row.kind for row in rows]
        await session.execute(delete(Snapshot).where(Snapshot.repository_id == repository_id, Snapshot.kind.in_(kinds)))
        session.add_all(rows)


async def get_snapshots(db: Database, repository_id: UUID, *contents: type[SnapshotContent]) -> Snapshots:
    """The snapshots of these kinds, or of all kinds. A row that does not match its kind any more counts as absent."""
    kinds = [kind for kind, content in KINDS if not contents or content in contents]
    query = select(Snapshot).where(Snapshot.repository_id == repository_id, Snapshot.kind.in_(kinds))
    async with db.reading() as session:
        rows = {row.kind: row for row in await session.scalars(query)}

    def stored(content: type[Content]) -> Stored[Content] | None:
        return _stored(rows.get(kind_of(content)), content)

    return Snapshots(
        hotspots=stored(Hotspots),
        ownership=stored(Ownership),
        coupling=stored(Coupling),
        model_card=stored(ModelCard),
        back_test=stored(BackTest),
        learning=stored(IndexingProgress),
        trends=stored(Trends),
        patterns=stored(Patterns),
        files=stored(FileDetails),
    )


def past_of(snapshots: Snapshots) -> Past:
    """The facts of the snapshots that insights are made of."""
    return Past(
        hotspots=content_of(snapshots.hotspots),
        ownership=content_of(snapshots.ownership),
        coupling=content_of(snapshots.coupling),
        patterns=content_of(snapshots.patterns),
        trends=content_of(snapshots.trends),
    )


async def get_snapshot(db: Database, repository_id: UUID, content: type[Content]) -> Stored[Content] | None:
    """The snapshot of one kind. A row that does not match its kind any more counts as absent."""
    query = select(Snapshot).where(Snapshot.repository_id == repository_id, Snapshot.kind == kind_of(content))
    async with db.reading() as session:
        row = await session.scalar(query)
    return _stored(row, content)


def _json(content: SnapshotContent) -> dict[str, Any]:
    written = msgspec.to_builtins(content)
    return {one.name: written[one.name] for one in fields(content) if getattr(content, one.name) != one.default}


def _stored(row: Snapshot | None, content: type[Content]) -> Stored[Content] | None:
    """The snapshot of a row. Keys that this version does not know are left out."""
    if row is None:
        return None
    try:
        return Stored(msgspec.convert(row.content, content), row.head_sha, row.created_at)
    except msgspec.ValidationError as misfit:
        log.warning("the snapshot %s of repository %s is left out: %s", row.kind, row.repository_id, misfit)
        return None


async def delete_snapshot(db: Database, repository_id: UUID, content: type[SnapshotContent]) -> None:
    """Remove the snapshot of a kind, if there is one."""
    kind = kind_of(content)
    async with db.writing() as session:
        await session.execute(delete(Snapshot).where(Snapshot.repository_id == repository_id, Snapshot.kind == kind))


async def find_unindexed(db: Database, *, known_for: timedelta, tried_before: timedelta) -> list[UUID]:
    """Repositories whose history is not indexed: created before `known_for`, and not tried since `tried_before`."""
    moment: datetime = now()
    indexed = select(Snapshot.id).where(Snapshot.repository_id == Repository.id, Snapshot.kind == kind_of(Hotspots))
    tried = select(Snapshot.id).where(
        Snapshot.repository_id == Repository.id,
        Snapshot.kind == kind_of(IndexingProgress),
        Snapshot.created_at > moment - tried_before,
    )
    # The first of each installation, then the second of each, …
    turn = func.row_number().over(partition_by=Repository.installation_id, order_by=Repository.created_at)
    query = (
        select(Repository.id)
        .join(Installation, Installation.id == Repository.installation_id)
        .where(
            Repository.auto_analyze,
            Repository.created_at < moment - known_for,
            Installation.suspended.is_(False),
            ~exists(indexed),
            ~exists(tried),
        )
        .order_by(turn, Repository.created_at)
        .limit(20)
    )
    async with db.reading() as session:
        return list(await session.scalars(query))
