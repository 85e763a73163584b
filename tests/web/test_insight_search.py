"""The list of insights: remarks first, a search by words, and one entry for those that say the same."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.db.tables import InsightRow
from tests.web.conftest import Web
from tests.web.filled import Filled, fill
from tests.web.visiting import get


@pytest.fixture
async def rows(web: Web) -> Filled:
    """The newest of five insights is a note, the next one praise; three remarks differ in their words."""
    rows = await fill(web.db)
    changes: list[dict[str, Any]] = [
        {"standing": "note"},
        {"standing": "praise"},
        {"title": "`settle` grew", "locations": [{"path": "app/Money_bag.py", "start_line": 3, "end_line": 4}]},
        {"title": "100 % of the lines", "description": "Nobody else knows `money`."},
        {"title": "a shell is started", "rule": "security/S602"},
    ]
    async with web.db.writing() as session:
        await session.execute(update(InsightRow).values(description="d", rule="a/b", locations=[]))
        for identifier, values in zip(rows.insights, changes, strict=True):
            await session.execute(update(InsightRow).where(InsightRow.id == identifier).values(**values))
    return rows


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("show=remarks", 3),
        ("show=notes", 1),
        ("show=praise", 1),
        ("show=all", 5),
        ("show=open", 0),
        ("q=GREW", 1),
        ("q=money", 2),  # in a path, and in a description
        ("q=money+app", 1),
        ("q=s602", 1),
        ("q=money_bag", 1),
        ("q=moneyXbag", 0),
        ("q=y_b", 1),
        ("q=l_y", 0),  # an underscore is no wildcard
        ("q=%25", 1),
        ("q=%5C", 0),
        ("q=a+b+c+d+e+f", 0),
        ("q=+++", 3),
        ("q=start_line", 0),  # a key of the stored places
    ],
)
async def test_words_and_standings_choose(web: Web, rows: Filled, query: str, count: int) -> None:
    seen = await get(web, f"/repositories/{rows.public}/insights?{query}")
    assert seen.status == 200
    assert seen.text.count('<article class="insight') == count


@pytest.mark.parametrize("query", ["show=nonsense", "q=%00", f"q={'x' * 401}"])
async def test_wrong_searches_are_refused(web: Web, rows: Filled, query: str) -> None:
    assert (await get(web, f"/repositories/{rows.public}/insights?{query}")).status == 422


async def test_insights_that_say_the_same_are_one_entry(web: Web, rows: Filled) -> None:
    place = f"/repositories/{rows.public}/insights"
    first, second, third = rows.insights[2:]
    async with web.db.writing() as session:
        await session.execute(
            update(InsightRow).where(InsightRow.id == third).values(title="`settle` grew", rule="a/b")
        )
    shown = (await get(web, place)).text
    assert shown.count('<article class="insight') == 2
    assert "1 more that says the same" in shown and "3 insights" in shown
    assert all(f'href="/insights/{one}"' in shown for one in (first, second, third))
    async with web.db.writing() as session:
        await session.execute(update(InsightRow).where(InsightRow.id.in_([first, second])).values(fingerprint="f" * 16))
    shown = (await get(web, place)).text
    assert shown.count('<article class="insight') == 1 and "2 more that say the same" in shown


async def test_the_evidence_is_a_table(web: Web, rows: Filled) -> None:
    async with web.db.writing() as session:
        evidence = {"before": {"ccn": 9}, "files": [{"path": "a.py", "changes": 12345}]}
        await session.execute(update(InsightRow).values(evidence=evidence))
    shown = (await get(web, f"/repositories/{rows.public}/insights")).text
    assert '<th scope="row">before, ccn</th><td>9</td>' in shown and "<td>12,345</td>" in shown
    assert "<pre" not in shown and "&#34;ccn&#34;" not in shown
