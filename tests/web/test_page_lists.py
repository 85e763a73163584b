"""Lists on pages: filters, paging and its limits, hostile text, and the messages of empty lists."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy import update

from bot.db.history_tables import OpenPullRow, PredictionRow
from bot.db.snapshots import save_snapshots
from bot.db.tables import Analysis, Repository
from bot.domain.snapshots import Hotspots
from bot.web.pages import plotly
from tests.snapshots import HOT, JUDGED
from tests.web.conftest import Web
from tests.web.filled import BEGIN, HOSTILE, Filled, fill
from tests.web.visiting import get

HARD = f"</script>\u202e{HOSTILE}" + "x" * 300


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 5),
        ("type=security", 1),
        ("type=&severity=&pull_request=&since=", 5),
        ("severity=low&pull_request=7", 2),
        ("since=2026-01-03", 0),
        ("since=2026-01-02&severity=high", 1),
        ("page=2", 0),
        ("page=100000", 0),
    ],
)
async def test_insights_are_filtered(web: Web, rows: Filled, query: str, count: int) -> None:
    seen = await get(web, f"/repositories/{rows.public}/insights?{query}")
    assert seen.status == 200
    assert seen.text.count('<article class="insight') == count
    assert ("No remarks match" in seen.text) is (count == 0)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=100001", "page=x", "page=１", "type=nonsense", "severity=%00", "since=tomorrow",
     "pull_request=0", "pull_request=99999999999999999999"],
)  # fmt: skip
async def test_invalid_queries_are_422(web: Web, rows: Filled, query: str) -> None:
    seen = await get(web, f"/repositories/{rows.public}/insights?{query}")
    assert seen.status == 422 and "The request failed" in seen.text
    assert "default-src 'none'" in seen.headers["Content-Security-Policy"]


async def test_a_failed_analysis_is_labelled_as_one(web: Web, rows: Filled) -> None:
    """Its check run is neutral, as that of an analysis with remarks."""
    pages = [f"/repositories/{rows.public}/analyses"]
    async with web.db.writing() as session:
        change = update(Analysis).where(Analysis.repository_id == rows.public).values(status="failed", error="No room.")
        changed = await session.execute(change.returning(Analysis.id, Analysis.conclusion))
        for identifier, conclusion in changed.all():
            assert conclusion == "neutral"
            pages.append(f"/repositories/{rows.public}/analyses/{identifier}")
    for page in pages:
        seen = await get(web, page)
        assert '<span class="state failed">failed</span>' in seen.text
        assert '<span class="state neutral">' not in seen.text


async def test_analyses_are_paged(web: Web, rows: Filled) -> None:
    async with web.db.writing() as session:
        for number in range(120):
            session.add(
                Analysis(
                    repository_id=rows.public, key=f"k{number}", subject=f"s{number}", ref=f"b{number:03}",
                    head_sha="c" * 40, status="completed", created_at=BEGIN + timedelta(minutes=number + 1),
                )
            )  # fmt: skip
    place = f"/repositories/{rows.public}/analyses"
    first, last, beyond = [(await get(web, f"{place}?page={page}&message=saved")).text for page in (1, 3, 9)]
    assert "Push to b119" in first and "Push to b069" not in first and "Page 1 of 3 · 121 analyses" in first
    assert f'href="{place}?page=2"' in first and "Newer" not in first
    assert "Pull request #7" in last and f'href="{place}?page=2"' in last and "Older" not in last
    assert f'href="{place}?page=3"' in beyond


async def test_repositories_are_searched(web: Web, rows: Filled) -> None:
    for query, found in (("q=PUB", True), ("q=%25", False), ("state=completed", True), ("state=failed", False)):
        seen = await get(web, f"/?{query}")
        assert ("octo/public" in seen.text, "No repositories match" in seen.text) == (found, not found), query
    assert (await get(web, "/?q=%00")).status == 422
    assert (await get(web, f"/?q={'x' * 401}")).status == 422


async def test_a_pull_request_shows_its_risk_and_outcome(web: Web, rows: Filled) -> None:
    place = f"/repositories/{rows.public}/pull-requests"
    assert "not predicted" in (await get(web, place)).text
    async with web.db.writing() as session:
        session.add(OpenPullRow(repository_id=rows.public, number=7, base_ref="main", head_sha="a" * 40, files=[],
                                functions=[], seen_at=BEGIN))  # fmt: skip
        session.add(PredictionRow(repository_id=rows.public, analysis_id=rows.analysis, pull_request=7,
                                  head_sha="a" * 40, model_version="m", probability=0.42, percentile=0.9, features={},
                                  made_at=BEGIN))  # fmt: skip
    shown = (await get(web, place)).text
    assert "42%, higher than 90% of earlier changes" in shown and ">open" in shown.replace("\n", "")
    for outcome, words in ((None, "too recent to know"), (True, "needed a fix"), (False, "no fix within 90 days")):
        async with web.db.writing() as session:
            await session.execute(update(PredictionRow).values(landed_sha="d" * 40, outcome=outcome))
        shown = (await get(web, place)).text
        assert words in shown and "d" * 10 in shown


async def test_the_pages_of_a_new_repository_have_empty_states(web: Web, rows: Filled) -> None:
    async with web.db.writing() as session:
        row = await session.get_one(Repository, rows.public)
        empty = Repository(id=uuid4(), github_id=99, installation_id=row.installation_id, full_name="octo/empty",
                           private=False, default_branch="", facts={}, created_at=BEGIN, updated_at=BEGIN)  # fmt: skip
        session.add(empty)
    for path, words in (
        ("", "not known yet"),
        ("/insights", "No remarks match"),
        ("/pull-requests", "No pull requests have been analyzed yet"),
        ("/analyses", "No analyses yet"),
        ("/history", "not indexed yet"),
    ):
        seen = await get(web, f"/repositories/{empty.id}{path}")
        assert seen.status == 200 and words in seen.text, path
    assert (await get(web, f"/repositories/{empty.id}/charts/trends")).status == 404


async def test_hostile_text_stays_text_on_every_page(web: Web, rows: Filled) -> None:
    content = Hotspots(changes=1, files=(replace(HOT, path=HARD),))
    await save_snapshots(web.db, rows.public, "a" * 40, [content])
    async with web.db.writing() as session:
        await session.execute(
            update(Repository).where(Repository.id == rows.public).values(full_name=HARD[:400], default_branch=HARD)
        )
        await session.execute(update(Analysis).values(ref=HARD, pull_number=None, error=HARD))
    place = f"/repositories/{rows.public}"
    analysis = f"{place}/analyses/{rows.analysis}"
    for path in ("/", place, f"{place}/insights", f"{place}/analyses", f"{place}/history", analysis):
        seen = await get(web, path)
        assert seen.status == 200
        shown = seen.text.replace('<script type="module" src="/static/charts.js"></script>', "")
        for tag in ("<script", "</script", "<img"):
            assert tag not in shown.lower(), path
    seen = await get(web, f"{place}/charts/hotspots")
    assert seen.headers["Content-Type"].startswith("application/json") and "</script>" in seen.text
    assert seen.headers["X-Content-Type-Options"] == "nosniff"


async def test_plotly_is_served_unchanged_and_cached(web: Web, rows: Filled) -> None:
    await save_snapshots(web.db, rows.public, "a" * 40, [replace(JUDGED, points=())])
    async with web.client.get(f"/repositories/{rows.public}/charts/calibration") as answer:
        address = (await answer.json())["script"]
    for accepted, sent_as in (("gzip, br", "gzip"), ("identity", None)):
        async with web.client.get(address, headers={"Accept-Encoding": accepted}) as answer:
            body = await answer.read()
            tag, kept = answer.headers["ETag"], answer.headers["Cache-Control"]
            assert answer.headers.get("Content-Encoding") == sent_as
        assert sha256(body).hexdigest() == plotly.SHA256
        assert f"plotly.js (basic - minified) v{plotly.VERSION}".encode() in body[:200] and "immutable" in kept
    async with web.client.get(address, headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
    for name in ("risk", "nonsense"):
        assert (await get(web, f"/repositories/{rows.public}/charts/{name}")).status == 404
