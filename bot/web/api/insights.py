"""`/api/v1/repositories/{id}/insights` and `/api/v1/insights/{id}`."""

from aiohttp import web

from bot.db import history
from bot.db.history import InsightFilter
from bot.domain import InsightType, Severity
from bot.web.api.answers import insight_json, json_answer, page_answer
from bot.web.api.problems import Endpoint, choice, moment, not_found, optional_integer, paging, path_id, signed_in
from bot.web.health import DATABASE


class Insights(Endpoint):
    """The insights of a repository."""

    async def get(self) -> web.Response:
        """A page, newest first; filters `type`, `severity`, `pull_request` and `since`."""
        signed_in(self.request)
        db, repository_id = self.request.app[DATABASE], path_id(self.request)
        limit, offset = paging(self.request)
        wanted = InsightFilter(
            type=choice(self.request, "type", [one.value for one in InsightType]),
            severity=choice(self.request, "severity", [one.value for one in Severity]),
            pull_request=optional_integer(self.request, "pull_request"),
            since=moment(self.request, "since"),
        )
        if await history.get_repository(db, repository_id) is None:
            raise not_found()
        page = await history.list_insights(db, repository_id, wanted, limit=limit, offset=offset)
        return page_answer(page, [insight_json(row) for row in page.items], limit, offset)


class Insight(Endpoint):
    """One insight."""

    async def get(self) -> web.Response:
        """The insight; 404 when it is unknown."""
        signed_in(self.request)
        row = await history.get_insight(self.request.app[DATABASE], path_id(self.request))
        if row is None:
            raise not_found()
        return json_answer(insight_json(row))
