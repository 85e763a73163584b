"""History pages: repositories, one repository, one analysis. Server-rendered, no script.

Until sign-in exists, a private repository's pages need the API's token; a public one's are as public as its checks.
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markdown_it import MarkdownIt
from markupsafe import Markup

from bot.db import history
from bot.db.history import InsightFilter, RepositoryView
from bot.db.snapshots import get_snapshots
from bot.domain import Severity
from bot.web.api.problems import path_id
from bot.web.auth import Identity, identity_of
from bot.web.health import DATABASE
from bot.web.history_page import KINDS, charts

_HERE = Path(__file__).parent
_PUBLIC = web.AppKey("public_pages", bool)
_PAGE = 50
# Code spans and emphasis are all that our own Markdown uses; links, images and HTML stay text.
_MARKDOWN = MarkdownIt("zero").enable(["backticks", "emphasis"])


def setup(app: web.Application, *, public: bool) -> None:
    """Add the routes and the templates."""
    app[_PUBLIC] = public
    environment = aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True)
    environment.filters |= {"markdown": _markdown, "ago": _ago, "percent": _percent, "figure": _figure}
    app.router.add_static("/static", _HERE / "static")
    app.router.add_get("/", index)
    app.router.add_get("/repositories/{id}", repository)
    app.router.add_get("/repositories/{id}/history", repository_history)
    app.router.add_get("/repositories/{id}/analyses/{analysis}", analysis)


@aiohttp_jinja2.template("index.html")
async def index(request: web.Request) -> dict[str, object]:
    """All repositories that the visitor may see."""
    page = await history.list_repositories(request.app[DATABASE], limit=500, offset=0)
    who = await identity_of(request, request.app[DATABASE])
    return {"repositories": [view for view in page.items if _may_see(request, who, view)]}


@aiohttp_jinja2.template("repository.html")
async def repository(request: web.Request) -> dict[str, object]:
    """One repository: its newest analyses."""
    view = await _repository(request)
    page = await history.list_analyses(request.app[DATABASE], view.id, limit=_PAGE, offset=0)
    return {"repository": view, "analyses": page.items, "total": page.total}


@aiohttp_jinja2.template("history.html")
async def repository_history(request: web.Request) -> dict[str, object]:
    """One repository: what its history tells, with pictures."""
    view = await _repository(request)
    found = await get_snapshots(request.app[DATABASE], view.id, KINDS)
    return {"repository": view, "snapshots": found, "charts": charts(found)}


@aiohttp_jinja2.template("analysis.html")
async def analysis(request: web.Request) -> dict[str, object]:
    """One analysis: everything that was said, with its evidence."""
    view = await _repository(request)
    row = await history.get_analysis(request.app[DATABASE], path_id(request, "analysis"))
    if row is None or row.repository_id != view.id:
        raise web.HTTPNotFound
    page = await history.list_insights(
        request.app[DATABASE], view.id, InsightFilter(analysis_id=row.id), limit=500, offset=0
    )
    order = [severity.value for severity in reversed(Severity)]
    ranked = sorted(page.items, key=lambda one: (order.index(one.severity), -one.confidence_score))
    return {
        "repository": view,
        "analysis": row,
        "groups": {
            name: [one for one in ranked if one.standing == name] for name in ("remark", "failure", "praise", "note")
        },
        "counts": Counter(one.standing for one in ranked),
    }


async def _repository(request: web.Request) -> RepositoryView:
    view = await history.get_repository(request.app[DATABASE], path_id(request))
    who = await identity_of(request, request.app[DATABASE])
    if view is None or not _may_see(request, who, view):
        raise web.HTTPNotFound
    return view


def _may_see(request: web.Request, who: Identity | None, view: RepositoryView) -> bool:
    return request.app[_PUBLIC] or not view.private or (who is not None and who.may_see(view.github_id))


def _markdown(text: str) -> Markup:
    return Markup(_MARKDOWN.renderInline(text))  # noqa: S704 - HTML is off: markdown-it escapes everything


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _ago(moment: datetime | None) -> str:
    """How long ago, in the largest unit."""
    if moment is None:
        return "never"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"
