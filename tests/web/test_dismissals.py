"""Dismissing an insight over REST and on its page: who may, what it changes, and how it is undone."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import inspect, select, update

from bot.db.access_tables import AuditRow
from bot.db.engine import now
from bot.db.github_tables import DismissalRow
from bot.db.snapshots import save_snapshots
from bot.db.tables import InsightRow
from bot.domain.dismissals import DismissReason
from bot.web.auth import Role
from tests.snapshots import EVERY_KIND
from tests.tokens import token_for
from tests.web.asking import Api, assert_problem
from tests.web.filled import HOSTILE
from tests.web.visiting import FOREIGN, get, post

WRONG = {"reason": "wrong", "note": f"see {HOSTILE}"}


@pytest.fixture
async def token(api: Api) -> str:
    return await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)


async def listed(api: Api, query: str = "") -> set[str]:
    answer = await api(f"/repositories/{api.rows.public}/insights?limit=100{query}")
    assert answer.body["total"] == len(answer.body["items"])
    return {one["id"] for one in answer.body["items"]}


async def audited(api: Api) -> list[tuple[str, str]]:
    async with api.web.db.reading() as session:
        query = select(AuditRow.actor, AuditRow.action).where(AuditRow.action.startswith("insight."))
        return [(row.actor, row.action) for row in await session.execute(query.order_by(AuditRow.at))]


async def copied(api: Api, source: UUID, **changed: object) -> UUID:
    """Another insight with the same fingerprint."""
    async with api.web.db.writing() as session:
        row = await session.get_one(InsightRow, source)
        values = {column.key: getattr(row, column.key) for column in inspect(InsightRow).column_attrs}
        copy = InsightRow(**values | {"id": uuid4()} | changed)
        session.add(copy)
        return copy.id


async def test_a_dismissed_insight_is_left_out_of_lists_until_that_is_undone(api: Api, token: str) -> None:
    first, *others = (str(one) for one in api.rows.insights)
    before = (await api(f"/insights/{first}")).body
    assert (before["dismissed"], before["dismissal"], before["updated_at"]) == (False, None, before["created_at"])
    done = await api(f"/insights/{first}/dismiss", token, "POST", WRONG)
    assert (done.status, done.body["reason"], done.body["by"], done.body["ends_at"]) == (200, "wrong", "mia", None)
    assert done.body["note"] == WRONG["note"].strip()

    assert await listed(api) == set(others)
    assert await listed(api, "&dismissed=true") == {first}
    assert await listed(api, "&dismissed=any") == {first, *others}
    pull = (await api(f"/repositories/{api.rows.public}/pull-requests/7")).body
    assert first not in {one["id"] for one in pull["insights"]}
    shown = (await api(f"/insights/{first}")).body
    assert shown["dismissed"] and shown["dismissal"] == done.body
    assert shown["updated_at"] > shown["created_at"] == before["created_at"]

    undone = await api(f"/insights/{first}/dismiss", token, "DELETE")
    assert undone.status == 204
    assert await listed(api) == {first, *others}
    assert (await api(f"/insights/{first}")).body["dismissal"] is None
    assert await audited(api) == [("mia", "insight.dismiss"), ("mia", "insight.restore")]


async def test_both_calls_are_idempotent(api: Api, token: str) -> None:
    place = f"/insights/{api.rows.insights[0]}/dismiss"
    assert (await api(place, token, "DELETE")).status == 204
    first = await api(place, token, "POST", {"reason": "later"})
    again = await api(place, token, "POST", {"reason": "later"})
    assert first.body == again.body
    assert first.body["ends_at"][:10] > first.body["created_at"][:10]
    assert (await api(place, token, "POST", {"reason": "by_design"})).body["reason"] == "by_design"
    for _ in range(2):
        assert (await api(place, token, "DELETE")).status == 204
    assert [action for _, action in await audited(api)] == ["insight.dismiss"] * 2 + ["insight.restore"]


async def test_only_those_who_may_write_to_the_repository_may(api: Api, token: str) -> None:
    place = f"/insights/{api.rows.insights[0]}/dismiss"
    for method in ("POST", "DELETE"):
        assert_problem(await api(place, None, method, WRONG), 401)
        assert_problem(await api(place, "", method, WRONG), 403)
        assert_problem(await api(f"/insights/{uuid4()}/dismiss", token, method, WRONG), 404)
    assert await audited(api) == []
    for wrong in ({"reason": "bored"}, {"note": "x" * 1001}, {"note": "\0"}, {"x": 1}, {"reason": None}):
        assert_problem(await api(place, token, "POST", {"reason": "wrong", **wrong}), 422)
    assert_problem(await api(place, token, "POST", {}), 422)


async def test_a_failed_analyzer_cannot_be_dismissed(api: Api, token: str) -> None:
    async with api.web.db.writing() as session:
        await session.execute(update(InsightRow).values(standing="failure"))
    place = f"/insights/{api.rows.insights[0]}"
    assert_problem(await api(f"{place}/dismiss", token, "POST", WRONG), 409)
    assert (await post(api.web, f"{place}/dismiss", token, WRONG)).status == 409
    assert "cannot be dismissed" in (await get(api.web, place, token)).text


@pytest.fixture
async def history(api: Api) -> tuple[UUID, UUID, UUID]:
    """Three insights with one fingerprint, oldest first; the newest has other evidence."""
    oldest, newest = api.rows.insights[4], api.rows.insights[0]
    fingerprint = {"fingerprint": "f" * 16}
    async with api.web.db.writing() as session:
        await session.execute(update(InsightRow).where(InsightRow.id.in_([oldest, newest])).values(**fingerprint))
        await session.execute(update(InsightRow).where(InsightRow.id == newest).values(evidence={"before": 50}))
    middle = await copied(api, oldest, created_at=(await _created(api, api.rows.insights[2])))
    return oldest, middle, newest


async def _created(api: Api, insight: UUID) -> object:
    async with api.web.db.reading() as session:
        return (await session.get_one(InsightRow, insight)).created_at


async def test_the_history_of_an_insight(api: Api, token: str, history: tuple[UUID, UUID, UUID]) -> None:
    oldest, middle, newest = (str(one) for one in history)
    shown = (await api(f"/insights/{middle}")).body
    assert [one["insight"]["id"] for one in shown["earlier"]] == [oldest]
    assert [one["insight"]["id"] for one in shown["later"]] == [newest]
    assert shown["later"][0]["analysis"]["id"] == str(api.rows.analysis)
    seen = await get(api.web, f"/insights/{middle}")
    assert f'href="/insights/{oldest}"' in seen.text and f'href="/insights/{newest}"' in seen.text
    await api(f"/insights/{oldest}/dismiss", token, "POST", WRONG)
    kept = await listed(api)
    assert newest in kept and not {oldest, middle} & kept


async def test_the_page_of_an_insight(api: Api, token: str) -> None:
    place = f"/insights/{api.rows.insights[0]}"
    public = await get(api.web, place)
    assert public.status == 200
    assert "<script" not in public.text and HOSTILE not in public.text
    assert "number 4" in public.text and '<th scope="row">before</th><td>1</td>' in public.text
    assert "<form" not in public.text.partition("<main")[2]
    done = await post(api.web, f"{place}/dismiss", token, WRONG)
    assert (done.status, done.place) == (303, f"{place}?message=dismissed")
    shown = await get(api.web, done.place, token)
    assert "It is wrong, says mia" in shown.text and "Undo" in shown.text and "&lt;script&gt;" in shown.text
    assert HOSTILE not in shown.text
    anonymous = await get(api.web, place)
    assert "It is wrong" in anonymous.text
    assert "mia" not in anonymous.text and "see &lt;script" not in anonymous.text

    lists = f"/repositories/{api.rows.public}"
    assert f'href="{place}"' not in (await get(api.web, f"{lists}/insights")).text
    assert f'href="{place}"' in (await get(api.web, f"{lists}/insights?dismissed=true")).text
    assert f'href="{place}"' not in (await get(api.web, lists)).text
    analysis = await get(api.web, f"{lists}/analyses/{api.rows.analysis}")
    assert "1 dismissed insight, not counted" in analysis.text

    assert (await post(api.web, f"{place}/restore", token, {})).place == f"{place}?message=restored"
    assert f'href="{place}"' in (await get(api.web, f"{lists}/insights")).text


async def test_forms_of_other_sites_and_of_visitors_are_refused(api: Api, token: str) -> None:
    place = f"/insights/{api.rows.insights[0]}"
    for path in (f"{place}/dismiss", f"{place}/restore"):
        for headers in FOREIGN:
            assert (await post(api.web, path, token, WRONG, headers)).status == 403
        assert (await post(api.web, path, None, WRONG)).status == 404
        viewer = await token_for(api.web.settings, api.web.db, "vic", Role.VIEWER)
        assert (await post(api.web, path, viewer, WRONG)).status == 404
    assert (await post(api.web, f"{place}/dismiss", token, {"reason": "bored"})).status == 422
    assert (await get(api.web, f"/insights/{uuid4()}", token)).status == 404
    long = {"reason": "wrong", "note": "a\r\n" * 500}
    assert (await post(api.web, f"{place}/dismiss", token, long)).status == 303
    assert len(await audited(api)) == 1


async def test_generated_insights_leave_out_dismissed_ones(api: Api) -> None:
    await save_snapshots(api.web.db, api.rows.public, "a" * 40, EVERY_KIND)
    body = {"repository_id": str(api.rows.public), "data_sources": ["commits"]}

    async def generated() -> dict[str, dict[str, Any]]:
        answer = await api("/ai/generate-insights", "", "POST", body)
        return {one["fingerprint"]: one["data"] for one in answer.body["insights"]}

    before = await generated()
    fingerprint, evidence = next(iter(before.items()))
    async with api.web.db.writing() as session:
        session.add(
            DismissalRow(
                repository_id=api.rows.public,
                fingerprint=fingerprint,
                rule=evidence["rule"],
                reason=DismissReason.WRONG,
                note="",
                evidence=evidence,
                by="mia",
                created_at=now(),
            )
        )
    assert set(await generated()) == set(before) - {fingerprint}
