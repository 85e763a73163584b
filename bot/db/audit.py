"""The audit log: who changed what, when, in which request; written in the transaction of the change.

Returns rows (`AuditRow`): the admins' page shows them as they are.
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
    """Who changes something. user_id: None for the command line. request_id: of the request that asked for it."""

    user_id: UUID | None
    name: str
    request_id: str = ""


COMMAND_LINE = Actor(None, "command line")


def record(
    session: AsyncSession,
    by: Actor,
    action: str,
    subject: tuple[UUID | str, str],
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry to the transaction at hand. action: `repository.delete`. subject: its id and its name."""
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
    """The log, newest first."""
    query = select(AuditRow).order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit).offset(offset)
    async with db.reading() as session:
        total = await session.scalar(select(func.count(AuditRow.id))) or 0
        return Page(list(await session.scalars(query)), total)
