"""History pages: repositories, one repository, one analysis. Server-rendered, no script.

A public repository's pages are as public as its check runs; a private one's are for those whom GitHub shows it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markdown_it import MarkdownIt
from markupsafe import Markup

from bot.db import history
from bot.db.history import InsightFilter, RepositoryFilter, RepositoryView
from bot.db.snapshots import get_snapshots
from bot.domain import Severity
from bot.web import session, sign_in
from bot.web.api.problems import path_id
from bot.web.auth import Identity, identity_of
from bot.web.health import DATABASE
from bot.web.history_page import KINDS, charts

_HERE = Path(__file__).parent
_PUBLIC = web.AppKey("public_pages", bool)
_VISITOR: web.RequestKey[Identity | None] = web.RequestKey("visitor", Identity | None)  # type: ignore[arg-type]
_PAGE = 50
Handler = Callable[[web.Request], Awaitable[dict[str, object]]]
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


def _page(template: str) -> Callable[[Handler], Callable[[web.Request], Awaitable[web.Response]]]:
    """A page of a template, from what the handler returns and what every page says of its visitor."""

    def made(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def show(request: web.Request) -> web.Response:
            values = await handler(request)
            link = sign_in.sign_in_path(request) if sign_in.OAUTH in request.app else None
            frame = {"visitor": request.get(_VISITOR), "sign_in": link}
            return aiohttp_jinja2.render_template(template, request, {**frame, **values})

        return show

    return made


@_page("index.html")
async def index(request: web.Request) -> dict[str, object]:
    """All repositories that the visitor may see."""
    who = await _visitor(request)
    wanted = RepositoryFilter(github_ids=who.repositories if who else None)
    page = await history.list_repositories(request.app[DATABASE], limit=500, offset=0, wanted=wanted)
    return {"repositories": [view for view in page.items if _may_see(request, who, view)]}


@_page("repository.html")
async def repository(request: web.Request) -> dict[str, object]:
    """One repository: its newest analyses."""
    view = await _repository(request)
    page = await history.list_analyses(request.app[DATABASE], view.id, limit=_PAGE, offset=0)
    return {"repository": view, "analyses": page.items, "total": page.total}


@_page("history.html")
async def repository_history(request: web.Request) -> dict[str, object]:
    """One repository: what its history tells, with pictures."""
    view = await _repository(request)
    found = await get_snapshots(request.app[DATABASE], view.id, KINDS)
    return {"repository": view, "snapshots": found, "charts": charts(found)}


@_page("analysis.html")
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
    who = await _visitor(request)
    if view is None or not _may_see(request, who, view):
        raise web.HTTPNotFound
    return view


async def _visitor(request: web.Request) -> Identity | None:
    """Who looks, by cookie, or by the API's token."""
    db = request.app[DATABASE]
    who = await (identity_of(request, db) if "Authorization" in request.headers else session.visitor(request, db))
    request[_VISITOR] = who
    return who


def _may_see(request: web.Request, who: Identity | None, view: RepositoryView) -> bool:
    if who is not None and who.may_see(view.github_id):
        return True
    return not view.private or (who is None and request.app[_PUBLIC])


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
