"""The settings page of a repository, for people who may change it on GitHub and here."""

from typing import Literal

from aiohttp import web

from bot.db import repositories, whole_analyses
from bot.db.refused_sync import refusals
from bot.domain.analyses import AnalysisKind, Scope
from bot.queue.enqueue import enqueue_delete_mirror, enqueue_repository_analyses
from bot.web.api.models.analyses import WholeRepositoryKind
from bot.web.api.models.base import Query, Text
from bot.web.api.notifications import SEALER
from bot.web.enqueueing import enqueued
from bot.web.health import DATABASE
from bot.web.pages import badge
from bot.web.pages.access import actor, changed_repository
from bot.web.pages.frame import action, form, page, redirect
from bot.web.pages.inputs import read_form


class ChangedSettings(Query):
    """The settings. Browsers do not send a checkbox that is not checked."""

    auto_analyze: Literal["on"] | None = None


class Analyze(Query):
    """The kind of whole-repository analysis to start."""

    kind: WholeRepositoryKind = AnalysisKind.FULL


class Confirmed(Query):
    """The confirmation of a deletion. full_name: typed by the visitor."""

    full_name: Text = ""


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/settings", settings)
    app.router.add_post("/repositories/{id}/settings", change)
    app.router.add_post("/repositories/{id}/analyze", analyze)
    app.router.add_post("/repositories/{id}/delete", delete)


async def _page(request: web.Request) -> dict[str, object]:
    """The settings and their current values."""
    view, _ = await changed_repository(request)
    refused = await refusals(request.app[DATABASE], view.id)
    badges = {shown: badge.address(request, view, shown) for shown in (badge.HEALTH, badge.RISK_MODEL)}
    return {"repository": view, "may_change": True, "refused": refused, "badges": badges}


settings = page("settings.html")(_page)


@action
async def change(request: web.Request) -> web.StreamResponse:
    """Save the settings."""
    view, identity = await changed_repository(request)
    changed = await read_form(request, ChangedSettings)
    await repositories.change(
        request.app[DATABASE],
        request.app[SEALER],
        view.id,
        auto_analyze=changed.auto_analyze is not None,
        by=actor(request, identity),
    )
    raise redirect(f"/repositories/{view.id}/settings", "saved")


@action
async def analyze(request: web.Request) -> web.StreamResponse:
    """Start a whole-repository analysis and redirect to its page."""
    view, identity = await changed_repository(request)
    wanted = await read_form(request, Analyze)
    row = await whole_analyses.start(request.app[DATABASE], view.id, Scope(kind=wanted.kind), actor(request, identity))
    if row is None:
        raise web.HTTPNotFound
    queued = await enqueued(request, enqueue_repository_analyses, [row.id])
    raise redirect(f"/repositories/{view.id}/analyses/{row.id}", "" if queued else "queue-away")


@form("settings.html", _page)
async def delete(request: web.Request) -> web.StreamResponse:
    """Delete the repository with everything that is stored about it, if its full name was typed."""
    view, identity = await changed_repository(request)
    confirmed = await read_form(request, Confirmed)
    if confirmed.full_name.strip() != view.full_name:
        raise web.HTTPUnprocessableEntity(text=f"Type {view.full_name} to confirm.")
    await repositories.remove(request.app[DATABASE], view.id, actor(request, identity))
    await enqueued(request, enqueue_delete_mirror, view.github_id)
    raise redirect("/", "deleted")
