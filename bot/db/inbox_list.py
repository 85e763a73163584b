"""The inbox for admins: the list of deliveries, without their payloads, which can be large; and the replay of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Subquery, func, select, type_coerce, union_all

from bot.db import audit, frames
from bot.db.audit import Actor
from bot.db.engine import Database
from bot.db.page import Page
from bot.db.tables import Delivery
from bot.domain.deliveries import DeliveryStatus


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """A delivery without its payload.

    size: of the payload, in bytes.
    repository: the full name that the payload names; empty without one.
    """

    id: str
    event: str
    status: DeliveryStatus
    attempts: int
    error: str | None
    received_at: datetime
    size: int
    repository: str


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are listed. repository: a full name; those from before version 0016 of the schema have none."""

    status: DeliveryStatus | None = None
    repository: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions as SQL expressions."""
        of = [Delivery.repository == self.repository] if self.repository else []
        return of if self.status is None else [*of, Delivery.status == self.status]


async def list_deliveries(db: Database, wanted: DeliveryFilter, *, limit: int, offset: int) -> Page[ListedDelivery]:
    """Deliveries, newest first."""
    stored = type_coerce(Delivery.payload, LargeBinary)
    header = type_coerce(func.substr(stored, 1, frames.HEADER), LargeBinary)
    page = _newest(wanted, limit, offset)
    query = (
        select(
            Delivery.id,
            Delivery.event,
            Delivery.status,
            Delivery.attempts,
            Delivery.error,
            Delivery.received_at,
            header,
            Delivery.repository,
        )
        .join(page, page.c.id == Delivery.id)
        .order_by(Delivery.received_at.desc(), Delivery.id)
    )
    count = select(func.count(Delivery.id)).where(*wanted.conditions())
    async with db.reading() as session:
        total = await session.scalar(count) or 0
        rows = [_listed(row) for row in await session.execute(query)]
        return Page(rows, total)


def _listed(row: Sequence[Any]) -> ListedDelivery:
    identifier, event, status, attempts, error, received_at, start, repository = row
    size = frames.content_size(start)
    return ListedDelivery(identifier, event, status, attempts, error, received_at, size, repository or "")


def _newest(wanted: DeliveryFilter, limit: int, offset: int) -> Subquery:
    """The ids of a page. The indexes end with status and time, so the newest of each status are selected and merged."""
    each = []
    for status in DeliveryStatus if wanted.status is None else (wanted.status,):
        some = select(Delivery.id, Delivery.received_at).where(*replace(wanted, status=status).conditions())
        some = some.order_by(Delivery.received_at.desc()).limit(limit + offset)
        each.append(select(some.subquery()))
    found = union_all(*each).subquery()
    return select(found.c.id).order_by(found.c.received_at.desc(), found.c.id).limit(limit).offset(offset).subquery()


async def replay_delivery(db: Database, identifier: str, by: Actor) -> bool:
    """Mark a delivery for another dispatch; False if it is unknown or still waiting. The caller wakes the scheduler."""
    async with db.writing() as session:
        row = await session.get(Delivery, identifier)
        if row is None or row.status is DeliveryStatus.RECEIVED:
            return False
        audit.record(session, by, "delivery.replay", (row.id, row.event), {"status": row.status, "error": row.error})
        row.status, row.attempts, row.error = DeliveryStatus.RECEIVED, 0, None
        return True
