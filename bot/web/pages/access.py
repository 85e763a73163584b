"""Who may see and change what a page is about. Unknown, deleted and forbidden are the same 404."""

from aiohttp import web

from bot.db import repository_views, stored_analyses
from bot.db.audit import Actor
from bot.db.repository_views import RepositoryView
from bot.db.stored_analyses import StoredAnalysis
from bot.web.api.problems import path_id
from bot.web.auth import Identity, Role
from bot.web.health import DATABASE
from bot.web.pages.frame import visitor
from bot.web.sign_in import OAUTH, sign_in_path

PUBLIC = web.AppKey("public_pages", bool)


async def seen_repository(request: web.Request) -> tuple[RepositoryView, Identity | None]:
    """The repository of the path and who looks. Raises 404 when it is not shown to them."""
    who = await visitor(request)
    view = await repository_views.get_repository(request.app[DATABASE], path_id(request))
    if view is None or not may_see(request, who, view):
        raise web.HTTPNotFound
    return view, who


async def changed_repository(request: web.Request) -> tuple[RepositoryView, Identity]:
    """The repository of the path and who changes it. Raises 404 when they may not."""
    view, who = await seen_repository(request)
    if not may_change(who, view) or who is None:
        raise web.HTTPNotFound
    return view, who


async def seen_analysis(request: web.Request, view: RepositoryView) -> StoredAnalysis:
    """The analysis of the path. Raises 404 when it is not of this repository."""
    row = await stored_analyses.get_analysis(request.app[DATABASE], path_id(request, "analysis"))
    if row is None or row.repository_id != view.id:
        raise web.HTTPNotFound
    return row


async def signed_in(request: web.Request) -> Identity:
    """Who looks; whoever is not signed in is sent to do so."""
    who = await visitor(request)
    if who is None:
        if OAUTH in request.app and request.method == "GET":
            raise web.HTTPFound(sign_in_path(request))
        raise web.HTTPNotFound
    return who


async def admin(request: web.Request) -> Identity:
    """Who looks, when that is an admin. Raises 404."""
    who = await visitor(request)
    if who is None or who.role is not Role.ADMIN:
        raise web.HTTPNotFound
    return who


def may_see(request: web.Request, who: Identity | None, view: RepositoryView) -> bool:
    """A public repository's pages are as public as its check runs."""
    if who is not None and who.may_see(view.github_id):
        return True
    return not view.private or (who is None and request.app[PUBLIC])


def may_change(who: Identity | None, view: RepositoryView) -> bool:
    """Whether there are settings for whoever looks."""
    return who is not None and who.may_see(view.github_id) and who.may_change(view.github_id)


def actor(request: web.Request, who: Identity) -> Actor:
    """Who changes something, for the audit log."""
    return Actor(who.user_id, who.name, request.headers.get("X-Request-Id", "")[:100])
