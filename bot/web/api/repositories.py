"""`/api/v1/repositories`."""

from aiohttp import web

from bot.db import history
from bot.web.api.answers import json_answer, page_answer, repository_json
from bot.web.api.problems import Endpoint, not_found, optional_text, paging, path_id, signed_in
from bot.web.health import DATABASE


class Repositories(Endpoint):
    """All repositories the app is installed on."""

    async def get(self) -> web.Response:
        """A page, by name; filters `language` and `q`."""
        signed_in(self.request)
        limit, offset = paging(self.request)
        language, q = optional_text(self.request, "language"), optional_text(self.request, "q")
        page = await history.list_repositories(
            self.request.app[DATABASE], limit=limit, offset=offset, language=language, q=q
        )
        return page_answer(page, [repository_json(view) for view in page.items], limit, offset)


class Repository(Endpoint):
    """One repository."""

    async def get(self) -> web.Response:
        """The repository; 404 when it is unknown."""
        signed_in(self.request)
        view = await history.get_repository(self.request.app[DATABASE], path_id(self.request))
        if view is None:
            raise not_found()
        return json_answer(repository_json(view))
