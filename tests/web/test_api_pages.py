"""Pages of a long list of insights: by offset and by cursor they are the same, at any depth."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert

from bot.db.tables import InsightRow
from bot.web.auth import Role
from tests.tokens import token_for
from tests.web.asking import Api
from tests.web.filled import BEGIN

ROWS = 1_300


def row(number: int, repository_id: UUID, analysis_id: UUID) -> dict[str, object]:
    """Four of each moment, so that the id decides; every second one of another severity."""
    return {
        "id": uuid4(),
        "repository_id": repository_id,
        "analysis_id": analysis_id,
        "pull_request": number,
        "head_sha": "a" * 40,
        "type": "code_quality",
        "rule": "complexity/worse",
        "standing": "remark",
        "severity": "low" if number % 2 else "high",
        "title": "t",
        "description": "d",
        "remedy": "r",
        "confidence_score": 0.5,
        "confidence_reason": "c",
        "evidence": {"number": number},
        "locations": [{"path": "a.py", "start_line": 1, "end_line": 2}],
        "tags": ["x"],
        "fingerprint": f"{number:016x}",
        "model_version": "1",
        "created_at": BEGIN + timedelta(seconds=number // 4, days=1),
    }


async def viewer(api: Api) -> str:
    return await token_for(api.web.settings, api.web.db, role=Role.VIEWER)


async def test_cursors_and_offsets_lead_to_the_same_pages(api: Api) -> None:
    rows = [row(number, api.rows.public, api.rows.analysis) for number in range(ROWS)]
    async with api.web.db.writing() as session:
        await session.execute(insert(InsightRow), rows)
    place = f"/repositories/{api.rows.public}/insights"
    token = await viewer(api)
    seen: list[str] = []
    cursor, offset = "", 0
    while True:
        page = (await api(f"{place}?limit=100{cursor}", token)).body
        by_offset = (await api(f"{place}?limit=100&offset={offset}", token)).body
        assert page == by_offset
        assert page["offset"] == offset
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor, offset = f"&after={page['next']}", offset + 100
    assert len(seen) == len(set(seen)) == page["total"] == ROWS + 5
    expected = sorted(rows, key=lambda one: (one["created_at"], str(one["id"])), reverse=True)
    assert seen[:ROWS] == [str(one["id"]) for one in expected]
    # From a known place on, a page between two others is the same one too, and so is one of a filter.
    assert [one["id"] for one in (await api(f"{place}?limit=7&offset=1213", token)).body["items"]] == seen[1213:1220]
    high = (await api(f"{place}?limit=3&offset=600&severity=high", token)).body
    of_filter = [str(one["id"]) for one in expected if one["severity"] == "high"]
    assert [one["id"] for one in high["items"]] == of_filter[600:603]


async def test_a_cursor_holds_while_insights_are_added(api: Api) -> None:
    place, token = f"/repositories/{api.rows.public}/insights", await viewer(api)
    first = (await api(f"{place}?limit=2", token)).body
    async with api.web.db.writing() as session:
        new = row(1, api.rows.public, api.rows.analysis)
        await session.execute(insert(InsightRow), [new | {"created_at": BEGIN + timedelta(days=90)}])
    second = (await api(f"{place}?limit=2&after={first['next']}", token)).body
    assert [one["id"] for one in second["items"]] == [str(one) for one in api.rows.insights[2:4]]


async def test_a_malformed_cursor_is_refused(api: Api) -> None:
    place, token = f"/repositories/{api.rows.public}/insights", await viewer(api)
    for cursor in ("x", "1-2", f"1-{'9' * 18}-{'a' * 32}", f"1-1-{'A' * 32}", f"-1-1-{'a' * 32}", f"1-1-{'a' * 32}%0A"):
        assert (await api(f"{place}?after={cursor}", token)).status == 422, cursor
    far = f"999999999-{'9' * 17}-{'f' * 32}"
    answer = await api(f"{place}?after={far}", token)
    assert answer.status == 200
