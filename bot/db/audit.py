"""The audit log. Each entry is written in the transaction of the change that it records.

Returns rows (`AuditRow`): the admins' page shows every column.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.access_tables import AuditRow
from bot.db.engine import Database, now
from bot.db.page import Page


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change.

    user_id: None for the command line and the scheduler.
    request_id: of the HTTP request that made the change.
    """

    user_id: UUID | None
    name: str
    request_id: str = ""


COMMAND_LINE = Actor(None, "command line")
SCHEDULER = Actor(None, "scheduler")


def record(
    session: AsyncSession,
    by: Actor,
    action: str,
    subject: tuple[UUID | str, str],
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry to the session's transaction.

    action: such as `repository.delete`.
    subject: id and name of the changed object.
    """
    session.add(
        AuditRow(
            at=now(),
            actor_id=by.user_id,
            actor=by.name[:255],
            action=action,
            subject_id=str(subject[0]),
            subject=subject[1][:400],
            request_id=by.request_id[:100],
            changes=dict(changes or {}),
        )
    )


async def list_entries(db: Database, *, limit: int, offset: int) -> Page[AuditRow]:
    """The entries of the log, newest first."""
    query = select(AuditRow).order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit).offset(offset)
    async with db.reading() as session:
        total = await session.scalar(select(func.count(AuditRow.id))) or 0
        return Page(list(await session.scalars(query)), total)
