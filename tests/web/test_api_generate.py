"""Insights from all that is stored, and what is missing, why and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.audit import COMMAND_LINE
from bot.db.dismissals import save_dismissal
from bot.db.engine import now
from bot.db.github_tables import SyncStateRow
from bot.db.snapshots import save_snapshots
from bot.db.tables import InsightRow
from bot.domain.dismissals import DismissReason
from bot.domain.patterns import Patterns
from bot.domain.snapshots import SnapshotContent
from bot.domain.sync import SyncResource, SyncStatus
from bot.insights.patterns import pattern_insights
from tests.insights.test_history import owned, ownership
from tests.patterns.samples import PATTERNS
from tests.snapshots import COUPLING, HOTSPOTS, OWNERSHIP
from tests.web.asking import Answer, Api, assert_problem

LATER = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


async def ask(api: Api, **body: Any) -> Answer:
    return await api("/ai/generate-insights", method="POST", body={"repository_id": str(api.rows.public), **body})


async def store(api: Api, *, patterns: Patterns | None = None) -> None:
    known: list[SnapshotContent] = [HOTSPOTS, OWNERSHIP, COUPLING]
    known += [patterns] if patterns else []
    await save_snapshots(api.web.db, api.rows.public, "c" * 40, known)


async def synced(api: Api, *resources: SyncResource, **columns: Any) -> None:
    """Store that these resources are synced completely, or the given state."""
    state = {"status": SyncStatus.DONE, "completed_at": now()} | columns
    async with api.web.db.writing() as session:
        for resource in resources:
            facts = {"position": None, "etags": {}, "done": 3, "reason": "", "updated_at": now()} | state
            session.add(SyncStateRow(repository_id=api.rows.public, resource=resource, **facts))


def rules(answer: Answer) -> list[str]:
    return [insight["data"]["rule"] for insight in answer.body["insights"]]


async def test_nothing_stored_is_409_with_every_reason(api: Api) -> None:
    answer = await ask(api)
    assert_problem(answer, 409)
    assert answer.body["missing"] == ["commits", "issues", "pull_requests"]
    assert "not indexed yet" in answer.body["detail"] and "not synced from GitHub yet" in answer.body["detail"]
    assert (await ask(api, data_sources=["issues"])).body["missing"] == ["issues"]


async def test_what_is_not_synced_is_missing_and_the_rest_is_answered(api: Api) -> None:
    await store(api, patterns=replace(PATTERNS, issues=None, pulls=None))
    refused = {"status": SyncStatus.REFUSED, "completed_at": None, "reason": "GitHub denies it.", "due_at": LATER}
    await synced(api, SyncResource.PULLS, **refused)
    answer = await ask(api)
    assert (answer.status, answer.body["as_of"]) == (200, "c" * 40)
    issues, pulls = answer.body["missing"]
    assert (issues["source"], issues["until"]) == ("issues", None) and "not synced" in issues["reason"]
    assert (pulls["source"], pulls["until"]) == ("pull_requests", "2030-01-02T03:04:05Z")
    assert "GitHub denies it." in pulls["reason"]
    found = rules(answer)
    assert {"repository/hotspot", "repository/coupling", "repository/pattern/fix-area"} <= set(found)
    assert not {"repository/pattern/topic", "repository/pattern/slow-review"} & set(found)
    assert (await ask(api, data_sources=["commits"])).body["missing"] == []


async def test_all_sources_and_types_are_answered_in_order(api: Api) -> None:
    await store(api, patterns=PATTERNS)
    await synced(api, SyncResource.ISSUES, SyncResource.PULLS)
    answer = await ask(
        api,
        data_sources=["commits", "issues", "pull_requests"],
        insight_types=["trends", "patterns", "recommendations"],
    )
    assert answer.body["missing"] == []
    types = [insight["type"] for insight in answer.body["insights"]]
    assert types.index("pattern") < types.index("recommendation") == len(types) - types.count("recommendation")
    assert {"topic", "slow-review", "duplicate", "cluster"} <= {rule.rpartition("/")[2] for rule in rules(answer)}
    advice = [insight for insight in answer.body["insights"] if insight["type"] == "recommendation"]
    known = {insight["fingerprint"] for insight in answer.body["insights"]}
    assert advice and all({one["fingerprint"] for one in each["data"]["findings"]} <= known for each in advice)
    assert all(each["data"]["way_out"].startswith("First: ") for each in advice)
    only = await ask(api, insight_types=["recommendations"])
    assert rules(only) == [each["data"]["rule"] for each in advice]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("issues", {"pattern/topic", "pattern/duplicate", "recommendation/answer-topic"}),
        ("pull_requests", {"pattern/slow-review", "pattern/closed-overlap", "recommendation/faster-review"}),
    ],
)
async def test_insights_rest_on_the_requested_sources_only(api: Api, source: str, expected: set[str]) -> None:
    await store(api, patterns=PATTERNS)
    await synced(api, SyncResource.ISSUES, SyncResource.PULLS)
    assert set(rules(await ask(api, data_sources=[source]))) == {f"repository/{rule}" for rule in expected}


async def test_what_is_synced_but_not_evaluated_yet_says_so(api: Api) -> None:
    await store(api)
    await synced(api, SyncResource.ISSUES, SyncResource.PULLS)
    answer = await ask(api)
    assert [one["source"] for one in answer.body["missing"]] == ["issues", "pull_requests"]
    assert all("not evaluated yet" in one["reason"] for one in answer.body["missing"])


async def test_a_dismissed_insight_and_what_rests_on_it_are_left_out(api: Api) -> None:
    await store(api, patterns=replace(PATTERNS, clusters=(), follow_ups=(), topics=(), slow_reviews=()))
    assert {"repository/pattern/fix-cause", "repository/recommendation/fix-cause"} <= set(rules(await ask(api)))
    area = next(one for one in pattern_insights(PATTERNS) if one.rule == "repository/pattern/fix-cause")
    async with api.web.db.writing() as session:
        row = await session.scalar(select(InsightRow).where(InsightRow.repository_id == api.rows.public))
        assert row is not None
        row.fingerprint, row.rule, row.evidence = area.fingerprint, area.rule, dict(area.evidence)
    assert await save_dismissal(api.web.db, row.id, DismissReason.BY_DESIGN, "", COMMAND_LINE)
    left = set(rules(await ask(api)))
    assert not {"repository/pattern/fix-cause", "repository/recommendation/fix-cause"} & left
    assert "repository/hotspot" in left


async def test_the_quality_of_the_code_is_a_finding(api: Api) -> None:
    hot = replace(HOTSPOTS, files=(replace(HOTSPOTS.files[0], revisions=40, fixes=12, score=0.9),))
    gone = ownership(owned(hot.files[0].path, 0.9))
    await save_snapshots(api.web.db, api.rows.public, "c" * 40, [hot, gone, Patterns(changes=PATTERNS.changes)])
    assert "repository/recommendation/knowledge" not in rules(await ask(api))
    async with api.web.db.writing() as session:
        row = await session.scalar(select(InsightRow).where(InsightRow.repository_id == api.rows.public))
        assert row is not None
        row.type, row.rule, row.severity, row.standing = "code_quality", "repository/function", "high", "remark"
        row.locations = [{"path": hot.files[0].path, "start_line": 3, "end_line": 90}]
        row.evidence = {"function": "Loop.run"}
        row.created_at = now() - timedelta(days=1)
    advice = next(one for one in (await ask(api)).body["insights"] if one["type"] == "recommendation")
    assert advice["data"]["rule"] == "repository/recommendation/knowledge"
    assert advice["data"]["way_out"].startswith("First: begin with this: ")
