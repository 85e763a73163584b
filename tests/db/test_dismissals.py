"""Dismissals in the database: which insights they cover, how they end, and their entries of the audit log."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import inspect, select, update

from bot.db import audit, repositories
from bot.db.audit import Actor
from bot.db.digests import claim_digest, due_digests
from bot.db.dismissals import delete_dismissal, dismissed_ids, find_dismissals, save_dismissal
from bot.db.engine import Database, now
from bot.db.github_tables import DismissalRow
from bot.db.notification_tables import MailItem, MailSubscription, Outbox
from bot.db.tables import InsightRow
from bot.domain.dismissals import DismissReason
from bot.domain.notifications import NotificationKind
from tests.web.filled import Filled, fill

ANN = Actor(None, "ann")


@dataclass
class Stored:
    """A database with insights. same: another insight with the fingerprint of the first one."""

    db: Database
    rows: Filled
    first: UUID
    same: UUID
    worse: UUID

    async def dismissed(self) -> set[UUID]:
        async with self.db.reading() as session:
            return set(await session.scalars(dismissed_ids(self.rows.public)))

    async def actions(self) -> list[str]:
        return [entry.action for entry in (await audit.list_entries(self.db, limit=50, offset=0)).items][::-1]


@pytest.fixture
async def stored(database_url: str) -> AsyncIterator[Stored]:
    db = Database(database_url)
    rows = await fill(db)
    copies: list[UUID] = []
    async with db.writing() as session:
        first = await session.get_one(InsightRow, rows.insights[0])
        values = {column.key: getattr(first, column.key) for column in inspect(InsightRow).column_attrs}
        for before in (1, 9):
            copy = InsightRow(**values | {"id": uuid4(), "evidence": {"before": before}})
            session.add(copy)
            copies.append(copy.id)
    yield Stored(db, rows, rows.insights[0], *copies)
    await db.close()


async def test_a_dismissal_covers_the_rows_with_its_fingerprint_and_evidence(stored: Stored) -> None:
    db = stored.db
    made = await save_dismissal(db, stored.first, DismissReason.WRONG, "no", ANN)
    assert made is not None
    assert (made.reason, made.note, made.by) == (DismissReason.WRONG, "no", "ann")
    assert await stored.dismissed() == {stored.first, stored.same}
    assert await find_dismissals(db, stored.rows.public) == {made.fingerprint: made}
    assert await find_dismissals(db, stored.rows.private) == {}
    async with db.reading() as session:
        changed = {row.id: row.updated_at for row in await session.scalars(select(InsightRow))}
    assert changed[stored.first] is not None
    assert changed[stored.worse] is None


async def test_the_same_dismissal_again_changes_nothing_and_another_replaces_it(stored: Stored) -> None:
    first = await save_dismissal(stored.db, stored.first, DismissReason.WRONG, "", ANN)
    assert await save_dismissal(stored.db, stored.first, DismissReason.WRONG, "", Actor(None, "bob")) == first
    assert await stored.actions() == ["insight.dismiss"]
    other = await save_dismissal(stored.db, stored.worse, DismissReason.BY_DESIGN, "", ANN)
    assert other is not None
    assert await stored.dismissed() == {stored.worse}
    assert list((await find_dismissals(stored.db, stored.rows.public)).values()) == [other]
    assert await stored.actions() == ["insight.dismiss", "insight.dismiss"]


async def test_undo(stored: Stored) -> None:
    await save_dismissal(stored.db, stored.first, DismissReason.WRONG, "", ANN)
    assert await delete_dismissal(stored.db, stored.same, ANN)
    assert await stored.dismissed() == set()
    assert await find_dismissals(stored.db, stored.rows.public) == {}
    assert not await delete_dismissal(stored.db, stored.same, ANN)
    assert await stored.actions() == ["insight.dismiss", "insight.restore"]


async def test_later_ends_after_30_days_without_any_job(stored: Stored) -> None:
    await save_dismissal(stored.db, stored.first, DismissReason.LATER, "", ANN)
    assert len(await stored.dismissed()) == 2
    async with stored.db.writing() as session:
        await session.execute(update(DismissalRow).values(created_at=now() - timedelta(days=30, seconds=1)))
    assert await stored.dismissed() == set()
    assert await find_dismissals(stored.db, stored.rows.public) == {}
    again = await save_dismissal(stored.db, stored.first, DismissReason.LATER, "", ANN)
    assert again is not None
    assert not again.has_ended(now())
    assert len(await stored.dismissed()) == 2


async def test_two_simultaneous_dismissals_are_one(stored: Stored) -> None:
    both = [save_dismissal(stored.db, one, DismissReason.WRONG, "", ANN) for one in (stored.first, stored.same)]
    first, second = await asyncio.gather(*both)
    assert first == second
    assert await stored.actions() == ["insight.dismiss"]


async def test_unknown_insights_and_deleted_repositories(stored: Stored) -> None:
    assert await save_dismissal(stored.db, uuid4(), DismissReason.WRONG, "", ANN) is None
    assert not await delete_dismissal(stored.db, uuid4(), ANN)
    await save_dismissal(stored.db, stored.first, DismissReason.WRONG, "", ANN)
    assert await repositories.remove(stored.db, stored.rows.public, ANN)
    async with stored.db.reading() as session:
        assert list(await session.scalars(select(DismissalRow))) == []


async def mailed(stored: Stored, *remarks: UUID) -> None:
    """A daily subscription, and yesterday's notification of these remarks."""
    yesterday = now() - timedelta(days=1, hours=12)
    named = [{"id": str(one), "severity": "low", "title": "t"} for one in remarks]
    counts = {"remarks": len(named), "by_severity": {"low": len(named), "high": 0}}
    async with stored.db.writing() as session:
        subscription = MailSubscription(address="ann@example.org", repository_id=stored.rows.public, created_at=now())
        notification = Outbox(
            repository_id=stored.rows.public,
            kind=NotificationKind.COMPLETED,
            payload={"counts": counts, "remarks": named, "remarks_left_out": 0},
            created_at=yesterday,
        )
        session.add_all([subscription, notification])
        await session.flush()
        session.add(MailItem(subscription_id=subscription.id, outbox_id=notification.id))


async def test_a_digest_leaves_out_what_was_dismissed_since(stored: Stored) -> None:
    await mailed(stored, stored.first, stored.worse)
    await save_dismissal(stored.db, stored.first, DismissReason.WRONG, "", ANN)
    (due,) = await due_digests(stored.db, now(), limit=9)
    claimed = await claim_digest(stored.db, due, now())
    assert claimed is not None
    payload = claimed.entries[0].payload
    assert [one["id"] for one in payload["remarks"]] == [str(stored.worse)]
    assert payload["counts"] == {"remarks": 1, "by_severity": {"low": 1, "high": 0}}


async def test_a_digest_of_dismissed_remarks_only_is_not_sent(stored: Stored) -> None:
    await mailed(stored, stored.first, stored.same)
    await save_dismissal(stored.db, stored.first, DismissReason.WRONG, "", ANN)
    (due,) = await due_digests(stored.db, now(), limit=9)
    assert await claim_digest(stored.db, due, now()) is None
    assert await due_digests(stored.db, now() + timedelta(days=2), limit=9) == []
