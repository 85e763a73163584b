"""Which repositories are analyzed as a whole every week, and what is told of that."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from bot.db import analyses, whole_analyses
from bot.db.audit import SCHEDULER
from bot.db.engine import Database, now
from bot.db.items import save_items
from bot.db.notification_tables import Outbox
from bot.db.sealed import Sealer
from bot.db.snapshots import save_snapshots
from bot.db.tables import Analysis, Installation, Repository
from bot.domain.analyses import AnalysisStatus, Scope
from bot.domain.change import Report
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing
from tests.endpoints import set_endpoint
from tests.patterns.projects import Made
from tests.snapshots import HOTSPOTS
from tests.web.filled import Filled, fill

SEALER = Sealer(["a key of the tests"])
WEEK = timedelta(days=7)
WEEKLY = Scope(scheduled=True)


@dataclass
class Rows:
    """A database with two old repositories whose history is indexed."""

    db: Database
    filled: Filled

    async def due(self, at_once: int = 5) -> list[UUID]:
        return await whole_analyses.find_due(self.db, older_than=WEEK, at_once=at_once)

    async def analyzed(self, *insights: Insight, scope: Scope = WEEKLY, days_ago: float = 0, head: str = "b") -> UUID:
        """A whole analysis of the public repository with these insights, that ended so many days ago."""
        row = await whole_analyses.start(self.db, self.filled.public, scope, SCHEDULER)
        assert row is not None
        async with self.db.writing() as session:
            values = {"created_at": now() - timedelta(days=days_ago), "head_sha": head * 40}
            await session.execute(update(Analysis).where(Analysis.id == row.id).values(**values))
        claimed = await analyses.claim(self.db, row.id)
        assert claimed is not None
        sha = head * 40
        report = Report(
            repository="octo/public", head_sha=sha, merge_base=sha, engine="1", insights=insights, files_analyzed=1
        )
        assert await whole_analyses.save_whole_report(self.db, claimed, report, list(InsightType))
        await analyses.finish(self.db, claimed, AnalysisStatus.COMPLETED, None)
        return row.id

    async def change(self, table: type[Any], **values: Any) -> None:
        async with self.db.writing() as session:
            await session.execute(update(table).values(**values))

    async def told(self) -> list[dict[str, Any]]:
        async with self.db.reading() as session:
            return [row.payload for row in await session.scalars(select(Outbox).order_by(Outbox.created_at))]


@pytest.fixture
async def rows(database_url: str) -> AsyncIterator[Rows]:
    db = Database(database_url)
    filled = await fill(db)
    for repository_id in (filled.public, filled.private):
        await save_snapshots(db, repository_id, "b" * 40, [HOTSPOTS])
    yield Rows(db, filled)
    await db.close()


def insight(name: str, kind: InsightType = InsightType.PATTERN, **facts: Any) -> Insight:
    known = {"title": name, "description": "d", "rule": "a/b", "severity": Severity.LOW, "fingerprint": name}
    return Insight(type=kind, confidence=Confidence(0.9, "r"), **{**known, **facts})


async def test_a_repository_without_a_whole_analysis_is_due_once_it_is_known_for_a_week(rows: Rows) -> None:
    assert set(await rows.due()) == {rows.filled.public, rows.filled.private}
    assert len(await rows.due(at_once=1)) == 1
    await rows.change(Repository, created_at=now() - timedelta(days=6))
    assert await rows.due() == []


@pytest.mark.parametrize(
    ("table", "values"), [(Repository, {"auto_analyze": False}), (Installation, {"suspended": True})]
)
async def test_nothing_is_due_that_nobody_wants_analyzed(rows: Rows, table: type[Any], values: dict[str, Any]) -> None:
    await rows.change(table, **values)
    assert await rows.due() == []


async def test_a_week_later_it_is_due_if_the_branch_moved(rows: Rows) -> None:
    await rows.analyzed(days_ago=8)
    assert await rows.due() == [rows.filled.private]
    await save_snapshots(rows.db, rows.filled.public, "c" * 40, [HOTSPOTS])
    assert await rows.due() == [rows.filled.private, rows.filled.public]
    await rows.analyzed(days_ago=6)
    assert await rows.due() == [rows.filled.private]


async def test_a_week_later_it_is_due_if_an_issue_changed(rows: Rows) -> None:
    await rows.analyzed(days_ago=8)
    made = Made()
    issue = made.issue("It crashes")
    for days, due in ((9, False), (7.5, True)):
        changed = Made().issue("It crashes", number=issue.number, updated_at=now() - timedelta(days=days))
        async with rows.db.writing() as session:
            await save_items(session, rows.filled.public, [changed], now())
        assert (rows.filled.public in await rows.due()) is due


async def test_a_few_are_analyzed_at_once(rows: Rows) -> None:
    row = await whole_analyses.start(rows.db, rows.filled.public, WEEKLY, SCHEDULER)
    assert row is not None
    assert await rows.due(at_once=1) == []
    assert await rows.due(at_once=2) == [rows.filled.private]


async def test_what_is_new_or_changed_is_told_recommendations_first(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.filled.public, "https://example.org/hook")
    same = insight("same", evidence={"fixes": 20})
    grown = insight("grown", evidence={"fixes": 20})
    await rows.analyzed(same, grown, insight("gone"), days_ago=1)
    advice = insight("Do `this`", InsightType.RECOMMENDATION)
    now_grown = insight("grown", evidence={"fixes": 40})
    note = insight("a note", standing=Standing.NOTE)
    other = insight("a hotspot", InsightType.HOTSPOT)
    await rows.analyzed(same, now_grown, note, other, insight("rising", InsightType.TREND), advice)
    first, second = await rows.told()
    assert {one["title"] for one in first["highlights"]} == {"same", "grown", "gone"}
    assert [(one["type"], one["title"]) for one in second["highlights"]] == [
        ("recommendation", "Do `this`"),
        ("trend", "rising"),
        ("pattern", "grown"),
    ]
    assert second["whole_repository"] is True and second["pull_request"] is None


async def test_a_scheduled_analysis_that_finds_nothing_new_is_not_told(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.filled.public, "https://example.org/hook")
    known = insight("same", evidence={"fixes": 20}), insight("hot", InsightType.HOTSPOT)
    await rows.analyzed(*known, days_ago=8)
    await rows.analyzed(*known, days_ago=1)
    assert len(await rows.told()) == 1
    await rows.analyzed(*known, scope=Scope(), days_ago=0.5)
    assert len(await rows.told()) == 2  # a person asked for this one
    await rows.analyzed(*known, insight("hotter", InsightType.HOTSPOT))
    assert len(await rows.told()) == 3


async def test_the_scope_remembers_who_started_it(rows: Rows) -> None:
    row = await whole_analyses.start(rows.db, rows.filled.public, WEEKLY, SCHEDULER)
    assert row is not None
    assert await whole_analyses.scope_of(rows.db, row.id) == WEEKLY
    async with rows.db.reading() as session:
        assert await session.scalar(select(func.count(Analysis.id)).where(Analysis.subject == "full")) == 1
