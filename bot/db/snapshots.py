"""What the history index tells of each repository, kept for the API and the pages: they have no mirror."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select

from bot.db.engine import Database, now
from bot.db.tables import Installation, Repository, Snapshot

# How the first look at a repository goes: {"status": "running" | "failed", "done": …, "total": …, "reason": …}
LEARNING = "learning"


async def save_snapshots(
    db: Database, repository_id: UUID, head_sha: str, contents: Mapping[str, Mapping[str, Any]]
) -> None:
    """Replace the snapshots of these kinds. Whoever does the same at the same time waits, and has the last word."""
    moment = now()
    async with db.writing() as session:
        query = select(Repository.id).where(Repository.id == repository_id)
        if await session.scalar(query if db.is_sqlite else query.with_for_update()) is None:
            return  # it was deleted meanwhile
        await session.execute(
            delete(Snapshot).where(Snapshot.repository_id == repository_id, Snapshot.kind.in_(contents))
        )
        for kind, content in contents.items():
            session.add(
                Snapshot(
                    repository_id=repository_id,
                    kind=kind,
                    head_sha=head_sha,
                    content=dict(content),
                    created_at=moment,
                )
            )


async def get_snapshots(db: Database, repository_id: UUID, kinds: Sequence[str]) -> dict[str, Snapshot]:
    """Snapshots by kind; those that are not there are left out."""
    query = select(Snapshot).where(Snapshot.repository_id == repository_id, Snapshot.kind.in_(kinds))
    async with db.reading() as session:
        return {row.kind: row for row in await session.scalars(query)}


async def forget_snapshot(db: Database, repository_id: UUID, kind: str) -> None:
    """Remove the snapshot of a kind, if there is one."""
    async with db.writing() as session:
        await session.execute(delete(Snapshot).where(Snapshot.repository_id == repository_id, Snapshot.kind == kind))


async def unlearned(db: Database, *, known_for: timedelta, tried_before: timedelta) -> list[UUID]:
    """Repositories known for a while whose history nobody has looked at, or looked at in vain some time ago."""
    moment: datetime = now()
    learned = select(Snapshot.id).where(Snapshot.repository_id == Repository.id, Snapshot.kind == "hotspots")
    tried = select(Snapshot.id).where(
        Snapshot.repository_id == Repository.id,
        Snapshot.kind == LEARNING,
        Snapshot.created_at > moment - tried_before,
    )
    query = (
        select(Repository.id)
        .join(Installation, Installation.id == Repository.installation_id)
        .where(
            Repository.auto_analyze,
            Repository.created_at < moment - known_for,
            Installation.suspended.is_(False),
            ~exists(learned),
            ~exists(tried),
        )
        .order_by(Repository.created_at)
        .limit(20)
    )
    async with db.reading() as session:
        return list(await session.scalars(query))
