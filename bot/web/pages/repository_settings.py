"""The settings of a repository, for whoever may change it there and here."""

from typing import Literal

from aiohttp import web

from bot.db import repositories, whole_analyses
from bot.domain.analyses import AnalysisKind, Scope
from bot.queue.enqueue import enqueue_delete_mirror, enqueue_repository_analyses
from bot.web.api.models.analyses import WholeRepositoryKind
from bot.web.api.models.base import Query, Text
from bot.web.api.notifications import SEALER
from bot.web.enqueueing import enqueued
from bot.web.health import DATABASE
from bot.web.pages.access import actor, changed_repository
from bot.web.pages.frame import action, done, page
from bot.web.pages.inputs import sent


class ChangedSettings(Query):
    """A box that is not ticked is not sent."""

    auto_analyze: Literal["on"] | None = None


class Analyze(Query):
    """What a full analysis looks at."""

    kind: WholeRepositoryKind = AnalysisKind.FULL


class Confirmed(Query):
    """The full name, typed by hand."""

    full_name: Text = ""


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/repositories/{id}/settings", settings)
    app.router.add_post("/repositories/{id}/settings", change)
    app.router.add_post("/repositories/{id}/analyze", analyze)
    app.router.add_post("/repositories/{id}/delete", delete)


@page("settings.html")
async def settings(request: web.Request) -> dict[str, object]:
    """What can be changed, and how it is now."""
    view, _ = await changed_repository(request)
    return {"repository": view, "may_change": True}


@action
async def change(request: web.Request) -> web.StreamResponse:
    """Save them."""
    view, who = await changed_repository(request)
    wanted = await sent(request, ChangedSettings)
    await repositories.change(
        request.app[DATABASE],
        request.app[SEALER],
        view.id,
        auto_analyze=wanted.auto_analyze is not None,
        by=actor(request, who),
    )
    raise done(f"/repositories/{view.id}/settings", "saved")


@action
async def analyze(request: web.Request) -> web.StreamResponse:
    """Start a full analysis, and go where it is seen."""
    view, who = await changed_repository(request)
    wanted = await sent(request, Analyze)
    row = await whole_analyses.start(request.app[DATABASE], view.id, Scope(kind=wanted.kind), actor(request, who))
    if row is None:
        raise web.HTTPNotFound
    there = await enqueued(request, enqueue_repository_analyses, [row.id])
    raise done(f"/repositories/{view.id}/analyses/{row.id}", "" if there else "queue-away")


@action
async def delete(request: web.Request) -> web.StreamResponse:
    """Delete everything that is kept of it, once its name was typed."""
    view, who = await changed_repository(request)
    given = await sent(request, Confirmed)
    if given.full_name.strip() != view.full_name:
        raise web.HTTPUnprocessableEntity(text=f"Nothing was deleted: type {view.full_name} to confirm.")
    await repositories.remove(request.app[DATABASE], view.id, actor(request, who))
    await enqueued(request, enqueue_delete_mirror, view.github_id)
    raise done("/", "deleted")
