"""What is computed from snapshots is dismissed by the insight that the newest analysis stored of it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.db import analyses, whole_analyses
from bot.db.audit import SCHEDULER
from bot.db.snapshots import get_snapshots, past_of, save_snapshots
from bot.domain.analyses import AnalysisKind, AnalysisStatus, Scope
from bot.domain.change import Report
from bot.domain.insights import InsightType
from bot.insights.whole import whole_insights
from bot.web.auth import Role
from tests.patterns.samples import CAUSE, PATTERNS
from tests.snapshots import COUPLING, EVERY_KIND, HOTSPOTS, OWNERSHIP
from tests.tokens import token_for
from tests.web.asking import Api, assert_problem
from tests.web.visiting import get

HEAD = "c" * 40
ADVICE = "repository/recommendation/fix-cause"
# With at most five recommendations: those from commits only are the same as those from all sources.
KNOWN = replace(PATTERNS, untested_fixes=(), forgotten_names=(), flaky_tests=None, pipeline_repairs=())
GROWN = replace(KNOWN, fix_causes=(replace(CAUSE, fixes=32, tested=8, changes=40, fixes_year=16, changes_year=18),))
COMMITS_ONLY = {"data_sources": ["commits"]}


@pytest.fixture
async def token(api: Api) -> str:
    await save_snapshots(api.web.db, api.rows.public, HEAD, [HOTSPOTS, OWNERSHIP, COUPLING, KNOWN])
    return await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)


async def analyze(api: Api) -> None:
    """Store what the snapshots show, as an analysis of the whole repository does."""
    db = api.web.db
    row = await whole_analyses.start(db, api.rows.public, Scope(kind=AnalysisKind.QUICK), SCHEDULER)
    claimed = await analyses.claim(db, row.id) if row else None
    assert claimed is not None
    report = Report(
        repository="octo/public",
        head_sha=HEAD,
        merge_base=HEAD,
        engine="1",
        insights=tuple(whole_insights(past_of(await get_snapshots(db, api.rows.public)), [])),
        files_analyzed=0,
    )
    assert await whole_analyses.save_whole_report(db, claimed, report, list(InsightType))
    await analyses.finish(db, claimed, AnalysisStatus.COMPLETED, None)


async def generated(api: Api) -> dict[str, dict[str, Any]]:
    """The generated insights by rule; of several with one rule, the first."""
    answer = await api("/ai/generate-insights", "", "POST", {"repository_id": str(api.rows.public), **COMMITS_ONLY})
    assert answer.status == 200
    return {one["data"]["rule"]: one for one in reversed(answer.body["insights"])}


async def history(api: Api, token: str | None) -> str:
    seen = await get(api.web, f"/repositories/{api.rows.public}/history", token)
    assert seen.status == 200
    return seen.text


async def test_a_recommendation_stays_away_from_its_dismissal_until_its_evidence_changes(api: Api, token: str) -> None:
    await analyze(api)
    advice = (await generated(api))[ADVICE]
    stored = (await api(f"/insights/{advice['id']}")).body
    assert (stored["created_at"], stored["updated_at"]) == (advice["created_at"], advice["updated_at"])
    assert stored["fingerprint"] == advice["fingerprint"]
    link, text = f'href="/insights/{advice["id"]}', await history(api, token)
    assert f'{link}">' in text and f'{link}#dismissal">Dismiss</a>' in text

    done = await api(f"/insights/{advice['id']}/dismiss", token, "POST", {"reason": "not_useful", "note": "known"})
    assert (done.status, done.body["reason"]) == (200, "not_useful")
    assert ADVICE not in await generated(api)
    text = await history(api, token)
    assert link not in text and "fixes of <code>preview</code> in" not in text

    await save_snapshots(api.web.db, api.rows.public, HEAD, [GROWN])
    back = (await generated(api))[ADVICE]
    assert "fixes of <code>preview</code> in" in await history(api, token)
    assert back["id"] != advice["id"]  # what is stored has the old evidence: its dismissal does not cover this
    assert_problem(await api(f"/insights/{back['id']}"), 404)
    await analyze(api)
    again = (await generated(api))[ADVICE]
    assert (await api(f"/insights/{again['id']}/dismiss", token, "POST", {"reason": "later"})).status == 200
    assert ADVICE not in await generated(api)


async def test_without_an_analysis_there_is_nothing_to_dismiss(api: Api, token: str) -> None:
    advice = (await generated(api))[ADVICE]
    assert advice["id"] == (await generated(api))[ADVICE]["id"]
    assert_problem(await api(f"/insights/{advice['id']}/dismiss", token, "POST", {"reason": "wrong"}), 404)
    text = await history(api, token)
    assert "fixes of <code>preview</code> in" in text and "#dismissal" not in text


async def test_the_newest_stored_insight_is_the_one_that_is_named(api: Api, token: str) -> None:
    await analyze(api)
    first = await generated(api)
    await analyze(api)
    second = await generated(api)
    assert first.keys() == second.keys()
    assert not {one["id"] for one in first.values()} & {one["id"] for one in second.values()}
    assert all([(await api(f"/insights/{one['id']}")).status == 200 for one in second.values()])


async def test_patterns_and_trends_link_to_their_pages_and_who_may_not_write_cannot_dismiss(
    api: Api, token: str
) -> None:
    await save_snapshots(api.web.db, api.rows.public, HEAD, EVERY_KIND)
    await analyze(api)
    found = await generated(api)
    text, public = await history(api, token), await history(api, None)
    assert "#dismissal" in text and "#dismissal" not in public
    trend = next(one for rule, one in found.items() if rule.startswith("repository/trend/") and "metric" in one["data"])
    for one in (found["repository/pattern/fix-area"], trend):
        assert f'href="/insights/{one["id"]}">' in public
    dismissed = await api(f"/insights/{trend['id']}/dismiss", token, "POST", {"reason": "by_design"})
    assert dismissed.status == 200
    text = await history(api, token)
    assert f'href="/insights/{trend["id"]}#dismissal">' not in text
    assert f'href="/insights/{trend["id"]}">' in text and "dismissed" in text
