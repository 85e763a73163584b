"""The first page: what GitInsight is, and the repositories that the visitor may see, each at a glance."""

from dataclasses import dataclass
from statistics import fmean

from aiohttp import web
from markupsafe import Markup

from bot.db import at_a_glance, repository_views
from bot.db.at_a_glance import Glance
from bot.db.repository_views import RepositoryFilter, RepositoryView
from bot.web.health import DATABASE
from bot.web.pages.access import PUBLIC
from bot.web.pages.frame import page, visitor
from bot.web.pages.inputs import PAGE_SIZE, RepositoriesQuery, pager, read_query
from bot.web.pages.sparkline import sparkline

_LATELY = 13


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list.

    line: the activity as a drawing; None where it is not known.
    lately: changes per week, the mean of the newest 13 periods.
    """

    repository: RepositoryView
    glance: Glance
    line: Markup | None
    lately: float


def setup(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get("/", index)


@page("index.html")
async def index(request: web.Request) -> dict[str, object]:
    """The repositories that the visitor may see."""
    identity = await visitor(request)
    query = read_query(request, RepositoriesQuery)
    if identity is not None:
        filters = RepositoryFilter(q=query.q, analysis_status=query.state, github_ids=identity.repositories)
    else:
        visible = None if request.app[PUBLIC] else frozenset[int]()
        filters = RepositoryFilter(q=query.q, analysis_status=query.state, github_ids=visible, also_public=True)
    db = request.app[DATABASE]
    found = await repository_views.list_repositories(db, limit=PAGE_SIZE, offset=query.offset, filters=filters)
    seen = await at_a_glance.glances(db, [one.id for one in found.items])
    return {
        "rows": [_row(one, seen[one.id]) for one in found.items],
        "query": query,
        "pager": pager(request, query.page, found.total),
    }


def _row(repository: RepositoryView, glance: Glance) -> Listed:
    if not glance.activity:
        return Listed(repository, glance, None, 0.0)
    lately = fmean(glance.activity[-_LATELY:])
    words = f"Changes per week: {lately:,.1f} lately, {max(glance.activity):,.0f} at most"
    return Listed(repository, glance, sparkline(glance.activity, words), lately)
