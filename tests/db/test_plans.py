"""No list of the API walks over a whole table, and none asks once per row; on both databases."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, insert, text

from bot.db import (
    access,
    at_a_glance,
    audit,
    dismissals,
    inbox_list,
    insight_lists,
    page_queries,
    predictions,
    repository_views,
    stored_analyses,
    stored_insights,
    stored_items,
    sync_states,
    trends,
    whole_analyses,
)
from bot.db.engine import Database
from bot.db.insight_lists import InsightFilter
from bot.db.repository_views import RepositoryFilter
from bot.db.snapshots import get_snapshot, get_snapshots
from bot.db.stored_items import ItemFilter
from bot.db.tables import Analysis, InsightRow, Installation, Repository
from bot.domain.analyses import AnalysisKind, AnalysisStatus, RepositoryStatus
from bot.domain.deliveries import DeliveryStatus
from bot.domain.dismissals import DismissReason
from bot.domain.insights import InsightType, Severity, Standing
from bot.domain.items import ItemKind
from bot.domain.snapshots import Hotspots

ROWS = 3_000
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Asked:
    """The statements that were sent, with their parameters."""

    statements: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def recorded(db: Database, verb: str = "SELECT") -> Iterator[Asked]:
    """Every statement of the block that begins with `verb`."""
    asked = Asked()

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(verb):
            asked.statements.append((statement, parameters))

    others = [db.single_statements] if isinstance(db.single_statements, Engine) else []
    engines = [db.engine.sync_engine, *others]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


def _insight(number: int, repository_id: UUID, analysis_id: UUID) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "repository_id": repository_id,
        "analysis_id": analysis_id,
        "pull_request": number % 50,
        "head_sha": "a" * 40,
        "type": ("security", "code_quality", "hotspot")[number % 3],
        "rule": "a/b",
        "standing": "remark",
        "severity": ("low", "high", "info", "medium")[number % 4],
        "title": "t",
        "description": "d",
        "remedy": "",
        "confidence_score": 0.5,
        "confidence_reason": "",
        "evidence": {},
        "locations": [],
        "tags": [],
        "fingerprint": f"{number:016x}",
        "model_version": "1",
        "created_at": MOMENT + timedelta(minutes=number),
    }


async def fill(db: Database, repositories: int = 40) -> tuple[UUID, UUID]:
    """Many rows of several repositories; (a repository, one of its analyses)."""
    ids = [(uuid4(), uuid4()) for _ in range(repositories)]
    async with db.writing() as session:
        session.add(Installation(id=1, account="o", suspended=False, created_at=MOMENT))
        await session.flush()
        for number, (repository_id, _) in enumerate(ids):
            session.add(
                Repository(
                    id=repository_id,
                    github_id=number,
                    installation_id=1,
                    full_name=f"o/{number:04}",
                    default_branch="main",
                    facts={"language": "Go"},
                    created_at=MOMENT,
                    updated_at=MOMENT,
                )
            )
        await session.flush()
        for repository_id, analysis_id in ids:
            for number in range(30):
                session.add(
                    Analysis(
                        id=analysis_id if number == 0 else uuid4(),
                        repository_id=repository_id,
                        key=f"k{number}",
                        subject="pull/7",
                        pull_number=number,
                        ref="main",
                        head_sha="a" * 40,
                        status="completed",
                        created_at=MOMENT + timedelta(minutes=number),
                        finished_at=MOMENT,
                    )
                )
        await session.flush()
        rows = [_insight(n, *ids[n % 2]) for n in range(ROWS)]
        await session.execute(insert(InsightRow), rows)
    for row in rows[:20]:
        await dismissals.save_dismissal(db, row["id"], DismissReason.WRONG, "", audit.COMMAND_LINE)
    async with db.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE"))
    return ids[0]


async def ask_everything(db: Database, repository_id: UUID, analysis_id: UUID, limit: int = 20) -> None:
    """Every query behind a GET of the API and of the pages."""
    page: Any = {"limit": limit, "offset": 0}
    wanted = RepositoryFilter(github_ids=frozenset(range(30)))
    await repository_views.list_repositories(db, **page)
    for one in (wanted, replace(wanted, analysis_status=RepositoryStatus.COMPLETED)):
        await repository_views.list_repositories(db, **page, filters=one)
    await repository_views.get_repository(db, repository_id)
    await repository_views.repository_named(db, "o/0007")
    await at_a_glance.glance(db, repository_id)
    await at_a_glance.glances(db, [repository_id, uuid4()])
    await stored_analyses.list_analyses(db, repository_id, **page)
    await stored_analyses.analyses_of_pull(db, repository_id, 7, limit=limit)
    await predictions.get_prediction(db, analysis_id)
    for filtered in (
        InsightFilter(standing=Standing.REMARK, dismissed=False),
        InsightFilter(standing=Standing.REMARK, severity=Severity.HIGH, dismissed=False, is_open=True),
        InsightFilter(standing=Standing.REMARK, words=("shell", "a_b")),
        InsightFilter(),
        InsightFilter(type=InsightType.SECURITY),
        InsightFilter(severity=Severity.HIGH),
        InsightFilter(pull_request=7),
        InsightFilter(since=MOMENT + timedelta(days=2)),
        InsightFilter(analysis_id=analysis_id),
        InsightFilter(dismissed=False),
        InsightFilter(dismissed=True),
    ):
        listed = await insight_lists.list_insights(db, repository_id, filtered, **page)
    await stored_insights.insight_history(db, listed.items[0], limit=limit)
    await dismissals.find_dismissals(db, repository_id)
    await trends.days(db, repository_id, MOMENT + timedelta(days=2))
    await whole_analyses.estimate(db, repository_id, AnalysisKind.FULL)
    await whole_analyses.insights_count(db, analysis_id)
    await get_snapshots(db, repository_id, Hotspots)
    await get_snapshot(db, repository_id, Hotspots)
    await access.get_live_token(db, uuid4(), "access")
    await access.list_users(db, **page)
    await access.live_tokens(db, uuid4())
    await page_queries.newest_whole_analysis(db, repository_id)
    await page_queries.list_pulls(db, repository_id, **page)
    await page_queries.list_work(db, AnalysisStatus.FAILED, **page)
    for chosen in (
        ItemFilter(),
        ItemFilter(kind=ItemKind.ISSUE, state="open"),
        ItemFilter(label="bug", author="anna", since=MOMENT, q="crash"),
    ):
        await stored_items.list_items(db, repository_id, chosen, **page)
    await stored_items.list_contributors(db, repository_id, **page)
    await stored_items.titles_of(db, repository_id, range(limit))
    await stored_items.releases(db, repository_id)
    await sync_states.get_states(db, repository_id)
    await audit.list_entries(db, **page)
    for status in (None, DeliveryStatus.FAILED):
        for repository in ("", "o/0007"):
            await inbox_list.list_deliveries(db, inbox_list.DeliveryFilter(status, repository), **page)


# Users are few, and so are repositories: counting them, or searching their names, looks at each.
LARGE = (
    "insights",
    "analyses",
    "tokens",
    "snapshots",
    "predictions",
    "audit_log",
    "deliveries",
    "items",
    "responses",
    "contributors",
    "releases",
    "sync_states",
)


async def plan_of(db: Database, statement: str, parameters: Any) -> list[str]:
    """The lines of the plan that the database makes with indexes wherever it can."""
    async with db.engine.connect() as connection:
        rows: Any
        if db.is_sqlite:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [str(row[3]) for row in rows]
        await connection.exec_driver_sql("SET enable_seqscan = off")
        rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return [str(row[0]) for row in rows]


async def test_no_list_walks_over_a_whole_table(db: Database) -> None:
    repository_id, analysis_id = await fill(db)
    with recorded(db) as asked:
        await ask_everything(db, repository_id, analysis_id)
    assert len(asked.statements) > 25
    walks = []
    for statement, parameters in asked.statements:
        for line in await plan_of(db, statement, parameters):
            whole = "Seq Scan on" in line or ("SCAN" in line and "USING" not in line)
            if whole and any(f" {table}" in line for table in LARGE):
                walks.append((line, statement))
    assert walks == []


async def test_the_deliveries_of_a_repository_come_from_its_own_index(db: Database) -> None:
    with recorded(db) as asked:
        for status in (None, DeliveryStatus.DONE):
            wanted = inbox_list.DeliveryFilter(status, "o/0007")
            await inbox_list.list_deliveries(db, wanted, limit=20, offset=0)
    lines = [line for one in asked.statements for line in await plan_of(db, *one)]
    assert [line for line in lines if "ix_deliveries_repository_status_received_at" in line]
    assert not [line for line in lines if "ix_deliveries_status_received_at" in line]


async def test_the_order_of_a_list_comes_from_an_index(db: Database) -> None:
    """A list of insights is not sorted after it was found: that would read all of them for each page."""
    repository_id, _ = await fill(db)
    for filtered in (
        InsightFilter(standing=Standing.REMARK, words=("shell", "a_b")),
        InsightFilter(),
        InsightFilter(type=InsightType.SECURITY),
        InsightFilter(severity=Severity.HIGH),
        InsightFilter(dismissed=False),
    ):
        with recorded(db) as asked:
            await insight_lists.list_insights(db, repository_id, filtered, limit=20, offset=0)
        statement, parameters = next(one for one in asked.statements if "LIMIT" in one[0])
        plan = "\n".join(await plan_of(db, statement, parameters))
        if filtered.words:  # the total, of the newest 10,000; any index of the repository does
            assert "ix_insights_repository_id_" in plan, plan
            continue
        # What is sorted is the page alone, outside of the subquery that finds it.
        assert "ix_insights_repository_id_current" in plan
        assert plan.count("TEMP B-TREE") + plan.count("Sort Key") <= 1, plan


async def test_a_larger_page_asks_no_more(db: Database) -> None:
    repository_id, analysis_id = await fill(db)
    counts = []
    for limit in (1, 100):
        with recorded(db) as asked:
            await ask_everything(db, repository_id, analysis_id, limit)
        counts.append(len(asked.statements))
    assert counts[0] == counts[1]
