"""`GET /repositories/{id}/similar`: the stored insights of the newest completed analysis, most alike first."""

from uuid import UUID

from sqlalchemy import update

from bot.db.tables import InsightRow
from tests.web.asking import Api, assert_problem


async def test_what_is_similar_to_a_pull_request_comes_most_alike_first(api: Api) -> None:
    place = f"/repositories/{api.rows.public}/similar"
    assert (await api(f"{place}?pull_request=7")).body["items"] == []
    insights = (await api(f"/repositories/{api.rows.public}/insights?limit=2")).body["items"]
    async with api.web.db.writing() as session:
        for insight, score in zip(insights, (0.2, 0.6), strict=True):
            changed = {"type": "similarity", "confidence_score": score}
            await session.execute(update(InsightRow).where(InsightRow.id == UUID(insight["id"])).values(**changed))
    answer = (await api(f"{place}?pull_request=7")).body
    assert [item["confidence_score"] for item in answer["items"]] == [0.6, 0.2]
    assert answer["total"] == 2


async def test_without_an_analysis_nothing_is_similar_and_the_number_is_required(api: Api) -> None:
    place = f"/repositories/{api.rows.public}/similar"
    assert (await api(f"{place}?pull_request=8")).body["items"] == []
    assert_problem(await api(place), 422)
    assert_problem(await api(f"{place}?pull_request=x"), 422)
