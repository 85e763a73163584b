"""The first page and the overview: open remarks, health, activity, and numbers that agree; the error page."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from bot.db.at_a_glance import ACTIVITY, Glance, glances
from bot.db.history_tables import OpenPullRow
from bot.db.snapshots import save_snapshots
from bot.db.tables import Analysis, InsightRow, Repository
from bot.domain.insights import Severity
from bot.domain.trends import MetricTrend, TrendPoint, Trends
from bot.trends.registry import METRICS
from tests.snapshots import JUDGED
from tests.tokens import token_for
from tests.web.conftest import Web
from tests.web.filled import BEGIN, HOSTILE, Filled, fill
from tests.web.visiting import get


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


async def opened(web: Web, rows: Filled) -> None:
    """Pull request 7 of the public repository is open at the analyzed head."""
    async with web.db.writing() as session:
        session.add(OpenPullRow(repository_id=rows.public, number=7, base_ref="main", head_sha="a" * 40, files=[],
                                functions=[], seen_at=BEGIN))  # fmt: skip


def trends(values: list[float]) -> Trends:
    points = tuple(
        TrendPoint(start=date(2025, 1, 6) + timedelta(weeks=number), value=value, n=1)
        for number, value in enumerate(values)
    )
    metric = MetricTrend(key=ACTIVITY, name="Changes", definition="", unit="", source="commits", points=points)
    return Trends(until=date(2026, 1, 1), period="week", metrics=(metric,))


def test_the_activity_is_the_first_metric_of_the_trends() -> None:
    assert METRICS[0].key == ACTIVITY


@pytest.mark.parametrize(
    ("remarks", "analyzed", "health"),
    [
        ({}, False, "unknown"),
        ({}, True, "good"),
        ({Severity.LOW: 3}, False, "good"),
        ({Severity.LOW: 3, Severity.MEDIUM: 1}, True, "fair"),
        ({Severity.HIGH: 1, Severity.MEDIUM: 9}, False, "poor"),
        ({Severity.CRITICAL: 1}, True, "poor"),
        ({Severity.HIGH: 0, Severity.INFO: 2}, True, "good"),
    ],
)
def test_the_health_is_that_of_the_worst_open_remark(remarks: dict[Severity, int], analyzed: bool, health: str) -> None:
    assert Glance(remarks=remarks, analyzed=analyzed).health == health


async def test_remarks_are_open_on_the_repository_and_on_the_newest_head_of_open_pull_requests(
    web: Web, rows: Filled
) -> None:
    async def total() -> int:
        return (await glances(web.db, [rows.public, rows.private]))[rows.public].total

    assert await total() == 0  # nothing says that pull request 7 is open
    await opened(web, rows)
    assert await total() == 5
    async with web.db.writing() as session:
        await session.execute(update(InsightRow).where(InsightRow.id == rows.insights[0]).values(standing="note"))
        await session.execute(update(InsightRow).where(InsightRow.id == rows.insights[1]).values(current=False))
    assert await total() == 3
    async with web.db.writing() as session:
        await session.execute(update(OpenPullRow).values(head_sha="b" * 40))
    assert await total() == 0  # a newer head is not analyzed yet
    async with web.db.writing() as session:
        await session.execute(delete(OpenPullRow))
        await session.execute(
            update(Analysis).where(Analysis.id == rows.analysis).values(kind="full", pull_number=None)
        )
    assert await total() == 3


async def test_the_first_page_the_overview_and_the_list_show_the_same_number(web: Web, rows: Filled) -> None:
    place = f"/repositories/{rows.public}"
    assert "not known yet" in (await get(web, "/")).text
    await opened(web, rows)
    await save_snapshots(web.db, rows.public, "a" * 40, [trends([3.0, 0.0, 8.0]), JUDGED])
    home = (await get(web, "/")).text
    assert f'<a href="{place}/insights?show=open">5</a>' in home and "1 high, 4 low" in home and "▲ poor" in home
    assert '<svg class="sparkline"' in home and "Changes per week: 3.7 lately, 8 at most" in home
    overview = (await get(web, place)).text
    assert "5 open remarks: 1 high, 4 low" in overview and "▲ poor" in overview and "Change risk" not in overview
    worst, second = overview.index("number 0"), overview.index("number 4")
    assert worst < second  # the only high one is the oldest
    assert "22%" in overview and "2 of 9 changes, within 90 days" in overview
    listed = (await get(web, f"{place}/insights?show=open")).text
    assert "5 insights, newest first; only open remarks" in listed
    health = (await get(web, "/badge/octo/public.svg")).text
    assert "poor, 5 open remarks" in health


async def test_an_instance_without_repositories_says_what_to_do_next(web: Web) -> None:
    shown = (await get(web, "/")).text
    assert "No repositories yet" in shown and "gitinsight up --demo" in shown and "<form" not in shown
    signed_in = (await get(web, "/", await token_for(web.settings, web.db))).text
    assert "You have access to no repository" in signed_in
    assert "GitInsight 0." in shown and 'href="/docs"' in shown  # the footer


async def test_a_path_without_a_page_is_answered_in_the_frame(web: Web, rows: Filled) -> None:
    for path in ("/nonsense", "/repositories", f"/repositories/{rows.public}/nonsense", "/%3Cscript%3E"):
        seen = await get(web, path)
        assert seen.status == 404 and "<h1>Not found</h1>" in seen.text and 'name="q"' in seen.text, path
        assert "<script" not in seen.text.lower()
    unknown = await get(web, f"/repositories/{uuid4()}")
    assert unknown.text == (await get(web, "/nonsense")).text
    token = await token_for(web.settings, web.db, "mia")
    assert "mia" in (await get(web, "/nonsense", token)).text
    for path in ("/api/v1/nonsense", "/static/nonsense.css", "/assets/nonsense.js"):
        assert "<h1>" not in (await get(web, path)).text, path
    async with web.client.post("/nonsense") as answer:
        assert answer.status == 404


async def test_names_of_strangers_stay_text(web: Web, rows: Filled) -> None:
    await opened(web, rows)
    hard = f"</title>\u202e{HOSTILE}"
    async with web.db.writing() as session:
        facts = {"description": hard, "language": hard}
        await session.execute(update(Repository).values(full_name=hard, facts=facts))
        await session.execute(update(InsightRow).values(locations=[{"path": hard, "start_line": 1, "end_line": 1}]))
    for path in ("/", f"/repositories/{rows.public}", f"/repositories/{rows.public}/insights?q=%3Cscript%3E"):
        seen = await get(web, path)
        shown = seen.text.replace('<script type="module" src="/static/charts.js"></script>', "").lower()
        assert seen.status == 200 and "\u202e" not in shown, path
        assert "<script" not in shown and "<img" not in shown and shown.count("</title>") == shown.count("<title>"), (
            path
        )


def test_a_glance_without_remarks_has_no_worst() -> None:
    empty = Glance(remarks={}, analyzed=True)
    assert empty.worst is None and replace(empty, remarks={Severity.LOW: 1}).worst is Severity.LOW
