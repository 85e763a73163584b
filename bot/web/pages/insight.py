"""The page of one insight: its evidence, its history, and the forms that dismiss and restore it."""

from typing import Annotated

from aiohttp import web
from pydantic import BeforeValidator, StringConstraints

from bot.db import dismissals, stored_insights
from bot.db.stored_insights import StoredInsight
from bot.db.stored_items import titles_of
from bot.domain.dismissals import LATER, DismissReason
from bot.domain.insights import Standing
from bot.web.api.models.base import Query
from bot.web.api.models.insights import MAX_NOTE
from bot.web.api.problems import path_id
from bot.web.health import DATABASE
from bot.web.pages.access import actor, changed_repository, may_change, seen_repository
from bot.web.pages.evidence import readable
from bot.web.pages.frame import action, form, page, redirect
from bot.web.pages.inputs import read_form

_MOST_RELATED = 20
REASONS = {
    DismissReason.NOT_USEFUL: "It is not useful",
    DismissReason.WRONG: "It is wrong",
    DismissReason.BY_DESIGN: "It is by design",
    DismissReason.LATER: f"Later; show it again after {LATER.days} days",
}


# A browser counts a line break as one character, and sends two.
Note = Annotated[
    str,
    BeforeValidator(lambda text: text.replace("\r\n", "\n")),
    StringConstraints(max_length=MAX_NOTE, pattern=r"^[^\x00]*$", strip_whitespace=True),
]


class Dismissed(Query):
    """Why the insight is dismissed."""

    reason: DismissReason
    note: Note = ""


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/insights/{id}", insight)
    app.router.add_post("/insights/{id}/dismiss", dismiss)
    app.router.add_post("/insights/{id}/restore", restore)


async def _page(request: web.Request) -> dict[str, object]:
    """One insight."""
    stored = await _stored(request)
    view, identity = await seen_repository(request, stored.repository_id)
    history = await stored_insights.insight_history(request.app[DATABASE], stored, limit=_MOST_RELATED)
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "stored": stored,
        "evidence": readable(stored.insight.evidence),
        "history": history,
        "titles": await titles_of(request.app[DATABASE], view.id, [stored.pull_request]),
        "reasons": REASONS,
        "dismissable": stored.insight.standing is not Standing.FAILURE,
        "max_note": MAX_NOTE,
    }


insight = page("insight.html")(_page)


@form("insight.html", _page)
async def dismiss(request: web.Request) -> web.StreamResponse:
    """Dismiss the insight."""
    stored = await _stored(request)
    _, identity = await changed_repository(request, stored.repository_id)
    reason = await read_form(request, Dismissed)
    if stored.insight.standing is Standing.FAILURE:
        raise web.HTTPConflict(text="An analyzer that failed cannot be dismissed.")
    by = actor(request, identity)
    if await dismissals.save_dismissal(request.app[DATABASE], stored.id, reason.reason, reason.note, by) is None:
        raise web.HTTPNotFound
    raise redirect(f"/insights/{stored.id}", "dismissed")


@action
async def restore(request: web.Request) -> web.StreamResponse:
    """Undo the dismissal."""
    stored = await _stored(request)
    _, identity = await changed_repository(request, stored.repository_id)
    await dismissals.delete_dismissal(request.app[DATABASE], stored.id, actor(request, identity))
    raise redirect(f"/insights/{stored.id}", "restored")


async def _stored(request: web.Request) -> StoredInsight:
    stored = await stored_insights.get_insight(request.app[DATABASE], path_id(request))
    if stored is None:
        raise web.HTTPNotFound
    return stored
