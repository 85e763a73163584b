"""Full analyses in the database: replacing, keeping, cancelling, estimating."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from bot.db import analyses, whole_analyses
from bot.db.analyses import Claimed, claim
from bot.db.audit import COMMAND_LINE
from bot.db.engine import Database, now
from bot.db.tables import Analysis, InsightRow, Installation, Repository
from bot.domain.analyses import WHOLE_REPOSITORY_KINDS, AnalysisKind, AnalysisStatus, Scope
from bot.domain.change import Report
from bot.domain.insights import Confidence, Insight, InsightType, Severity

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


async def a_repository(db: Database) -> UUID:
    identifier = uuid4()
    async with db.writing() as session:
        session.add(Installation(id=1, account="o", suspended=False, created_at=MOMENT))
        await session.flush()
        session.add(
            Repository(
                id=identifier,
                github_id=1,
                installation_id=1,
                full_name="o/r",
                default_branch="main",
                facts={},
                created_at=MOMENT,
                updated_at=MOMENT,
            )
        )
    return identifier


async def claimed(db: Database, repository_id: UUID, scope: Scope = Scope()) -> Claimed:  # noqa: B008 - frozen
    row = await whole_analyses.start(db, repository_id, scope, COMMAND_LINE)
    assert row is not None
    found = await claim(db, row.id)
    assert found is not None
    return found


def report(*types: InsightType) -> Report:
    insights = tuple(
        Insight(
            type=one,
            rule="a/b",
            title="t",
            description="d",
            severity=Severity.LOW,
            confidence=Confidence(1.0, "r"),
            fingerprint=one.value,
        )
        for one in types
    )
    return Report(
        repository="o/r", head_sha="a" * 40, merge_base="a" * 40, engine="1", insights=insights, files_analyzed=1
    )


async def current(db: Database) -> set[tuple[UUID, str]]:
    async with db.reading() as session:
        rows = await session.scalars(select(InsightRow).where(InsightRow.current.is_(True)))
        return {(row.analysis_id, row.type) for row in rows}


async def test_only_what_was_looked_at_again_is_replaced(db: Database) -> None:
    repository_id = await a_repository(db)
    first = await claimed(db, repository_id)
    both = (InsightType.SECURITY, InsightType.CODE_QUALITY)
    assert await whole_analyses.save_whole_report(db, first, report(*both), both)
    second = await claimed(db, repository_id)
    assert await whole_analyses.save_whole_report(db, second, report(), [InsightType.SECURITY])
    assert await current(db) == {(first.id, "code_quality")}
    third = await claimed(db, repository_id)
    assert await whole_analyses.save_whole_report(db, third, report(*both), both)
    assert await current(db) == {(third.id, "code_quality"), (third.id, "security")}
    assert await whole_analyses.insights_count(db, first.id) == 2


async def test_a_cancelled_analysis_writes_nothing_more(db: Database) -> None:
    repository_id = await a_repository(db)
    held = await claimed(db, repository_id)
    assert await whole_analyses.cancel(db, held.id, COMMAND_LINE)
    assert not await whole_analyses.cancel(db, held.id, COMMAND_LINE)
    assert not await whole_analyses.save_whole_report(db, held, report(InsightType.SECURITY), [InsightType.SECURITY])
    assert not await analyses.extend_lease(db, held)
    await analyses.finish(db, held, AnalysisStatus.COMPLETED, None)
    async with db.reading() as session:
        row = await session.get_one(Analysis, held.id)
    assert (row.status, row.error) == ("failed", "Cancelled by command line.")
    assert await current(db) == set()


async def test_the_estimate_is_the_median_of_its_kind(db: Database) -> None:
    repository_id = await a_repository(db)
    assert await whole_analyses.estimate(db, repository_id, AnalysisKind.FULL) is None
    full, quick = AnalysisKind.FULL, AnalysisKind.QUICK
    for kind, seconds in ((full, 10), (full, 30), (full, 20), (quick, 1)):
        held = await claimed(db, repository_id, Scope(kind=kind))
        async with db.writing() as session:
            times = {"started_at": MOMENT, "finished_at": MOMENT + timedelta(seconds=seconds)}
            await session.execute(update(Analysis).where(Analysis.id == held.id).values(status="completed", **times))
    assert await whole_analyses.estimate(db, repository_id, AnalysisKind.FULL) == 20
    assert await whole_analyses.estimate(db, repository_id, AnalysisKind.QUICK) == 1
    assert await whole_analyses.estimate(db, repository_id, AnalysisKind.SECURITY) == 15


async def test_the_sweep_finds_each_analysis_by_its_kind(db: Database) -> None:
    repository_id = await a_repository(db)
    row = await whole_analyses.start(db, repository_id, Scope(), COMMAND_LINE)
    assert row is not None
    async with db.writing() as session:
        await session.execute(update(Analysis).values(created_at=now() - timedelta(minutes=1)))
    assert await analyses.find_unleased(db, WHOLE_REPOSITORY_KINDS) == [row.id]
    assert await analyses.find_unleased(db, [AnalysisKind.CHANGE]) == []
