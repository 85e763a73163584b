"""When a repository is analyzed for the first time: once its history is indexed, and once its items are synced."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from bot.db import analyses, whole_analyses
from bot.db.audit import SCHEDULER
from bot.db.engine import Database, now
from bot.db.first_analyses import OF_HISTORY, OF_ITEMS, find_first_due
from bot.db.github_tables import SyncStateRow
from bot.db.notification_tables import Outbox
from bot.db.sealed import Sealer
from bot.db.snapshots import save_snapshots
from bot.db.tables import Analysis, Installation, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus, Scope
from bot.domain.change import Report
from bot.domain.insights import Confidence, Insight, InsightType, Severity
from bot.domain.sync import SyncResource, SyncStatus
from tests.endpoints import set_endpoint
from tests.snapshots import HOTSPOTS
from tests.web.filled import fill

MINUTE = timedelta(minutes=1)
FIRST = Scope(kind=AnalysisKind.QUICK, scheduled=True)
FOUND = Insight(
    type=InsightType.RECOMMENDATION,
    rule="a/b",
    title="Do this",
    description="d",
    severity=Severity.LOW,
    confidence=Confidence(0.9, "r"),
    fingerprint="f",
)


@dataclass
class Indexed:
    """A database with one repository whose history is indexed; that of the other one is not."""

    db: Database
    id: UUID

    async def due(self, at_once: int = 5) -> list[tuple[UUID, str]]:
        return await find_first_due(self.db, known_for=MINUTE, at_once=at_once)

    async def start(self, scope: Scope = FIRST, key: str = "") -> UUID | None:
        row = await whole_analyses.start(self.db, self.id, scope, SCHEDULER, key=key)
        return row.id if row else None

    async def end(self, analysis: UUID | None, status: AnalysisStatus = AnalysisStatus.COMPLETED) -> None:
        claimed = await analyses.claim(self.db, analysis) if analysis else None
        assert claimed is not None
        report = Report(
            repository="o/r", head_sha="b" * 40, merge_base="b" * 40, engine="1", insights=(FOUND,), files_analyzed=0
        )
        if status is AnalysisStatus.COMPLETED:
            assert await whole_analyses.save_whole_report(self.db, claimed, report, list(InsightType))
        await analyses.finish(self.db, claimed, status, None)

    async def synced(self, **refused: SyncStatus) -> None:
        """Store that all has been read, except these resources."""
        async with self.db.writing() as session:
            await session.execute(delete(SyncStateRow))
            for one in SyncResource:
                status = refused.get(one.value, SyncStatus.DONE)
                done = status is SyncStatus.DONE
                facts: dict[str, Any] = {"position": None, "etags": {}, "done": 1, "reason": "", "updated_at": now()}
                row = SyncStateRow(repository_id=self.id, resource=one, status=status, **facts)
                row.completed_at = now() if done else None
                session.add(row)

    async def change(self, table: type[Any], **values: Any) -> None:
        async with self.db.writing() as session:
            await session.execute(update(table).values(**values))

    async def told(self) -> list[str]:
        async with self.db.reading() as session:
            return [row.payload["analysis_id"] for row in await session.scalars(select(Outbox))]


@pytest.fixture
async def indexed(database_url: str) -> AsyncIterator[Indexed]:
    db = Database(database_url)
    filled = await fill(db)
    await save_snapshots(db, filled.public, "b" * 40, [HOTSPOTS])
    yield Indexed(db, filled.public)
    await db.close()


async def test_the_first_one_follows_once_the_history_is_indexed(indexed: Indexed) -> None:
    assert await indexed.due() == [(indexed.id, OF_HISTORY)]
    first = await indexed.start(key=OF_HISTORY)
    assert await indexed.start(key=OF_HISTORY) is None
    assert await indexed.due() == []
    await indexed.end(first, AnalysisStatus.FAILED)
    assert await indexed.due() == []  # the weekly one tries again


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (Repository, {"auto_analyze": False}),
        (Repository, {"created_at": datetime(2200, 1, 1, tzinfo=UTC)}),
        (Installation, {"suspended": True}),
    ],
)
async def test_nothing_is_due_that_nobody_wants_analyzed(
    indexed: Indexed, table: type[Any], values: dict[str, Any]
) -> None:
    await indexed.change(table, **values)
    assert await indexed.due() == []


async def test_what_a_person_had_analyzed_needs_no_first_one(indexed: Indexed) -> None:
    await indexed.end(await indexed.start(Scope(kind=AnalysisKind.SECURITY)))
    assert await indexed.due() == [(indexed.id, OF_HISTORY)]
    await indexed.end(await indexed.start(Scope()))
    assert await indexed.due() == []


async def test_another_one_follows_once_the_items_are_synced(indexed: Indexed) -> None:
    await indexed.end(await indexed.start(key=OF_HISTORY))
    await indexed.synced(reviews=SyncStatus.RUNNING)
    assert await indexed.due() == []
    await indexed.synced(issues=SyncStatus.REFUSED, pulls=SyncStatus.REFUSED)
    assert await indexed.due() == []
    await indexed.synced(issues=SyncStatus.REFUSED)
    assert await indexed.due() == [(indexed.id, OF_ITEMS)]
    await indexed.end(await indexed.start(key=OF_ITEMS))
    await indexed.synced()  # the next night
    assert await indexed.due() == []


async def test_one_is_enough_for_what_is_indexed_and_synced_already(indexed: Indexed) -> None:
    await indexed.synced()
    assert await indexed.due() == [(indexed.id, OF_ITEMS)]
    await indexed.end(await indexed.start(key=OF_ITEMS))
    assert await indexed.due() == []


async def test_a_few_are_analyzed_at_once(indexed: Indexed) -> None:
    assert await indexed.due(at_once=0) == []
    await indexed.start(Scope(kind=AnalysisKind.SECURITY))
    assert await indexed.due(at_once=1) == []
    assert await indexed.due(at_once=2) == [(indexed.id, OF_HISTORY)]


async def test_nobody_is_told_of_it_and_the_weekly_one_tells_what_it_found(indexed: Indexed) -> None:
    await set_endpoint(indexed.db, Sealer(["a key of the tests"]), indexed.id, "https://example.org/hook")
    for key, status in ((OF_HISTORY, AnalysisStatus.COMPLETED), (OF_ITEMS, AnalysisStatus.FAILED)):
        await indexed.end(await indexed.start(key=key), status)
    assert await indexed.told() == []
    weekly = await indexed.start(Scope(scheduled=True))
    await indexed.end(weekly)
    assert await indexed.told() == [str(weekly)]
    async with indexed.db.reading() as session:
        [row] = await session.scalars(select(Outbox))
        assert [one["title"] for one in row.payload["highlights"]] == ["Do this"]


async def test_it_does_not_count_as_the_weekly_one(indexed: Indexed) -> None:
    week = timedelta(days=7)
    await indexed.end(await indexed.start(key=OF_HISTORY))
    assert await whole_analyses.find_due(indexed.db, older_than=week, at_once=5) == [indexed.id]
    await indexed.end(await indexed.start(Scope(scheduled=True)))
    assert await whole_analyses.find_due(indexed.db, older_than=week, at_once=5) == []
    before = now() - timedelta(days=8)
    await indexed.change(Analysis, created_at=before, head_sha="a" * 40)
    quick = await indexed.start(Scope(kind=AnalysisKind.QUICK))
    await indexed.end(quick)
    assert await whole_analyses.find_due(indexed.db, older_than=week, at_once=5) == [indexed.id]
