"""Check who may see and change the subject of a page. Unknown, deleted and forbidden are the same 404."""

from uuid import UUID

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


async def seen_repository(
    request: web.Request, identifier: UUID | None = None
) -> tuple[RepositoryView, Identity | None]:
    """The repository of the path, or with this id, and the visitor. Raises 404 when the visitor may not see it."""
    identity = await visitor(request)
    view = await repository_views.get_repository(request.app[DATABASE], identifier or path_id(request))
    if view is None or not may_see(request, identity, view):
        raise web.HTTPNotFound
    return view, identity


async def changed_repository(request: web.Request, identifier: UUID | None = None) -> tuple[RepositoryView, Identity]:
    """As `seen_repository`. Raises 404 when the visitor may not change it."""
    view, identity = await seen_repository(request, identifier)
    if not may_change(identity, view) or identity is None:
        raise web.HTTPNotFound
    return view, identity


async def seen_analysis(request: web.Request, view: RepositoryView) -> StoredAnalysis:
    """The analysis of the path. Raises 404 when it belongs to another repository."""
    row = await stored_analyses.get_analysis(request.app[DATABASE], path_id(request, "analysis"))
    if row is None or row.repository_id != view.id:
        raise web.HTTPNotFound
    return row


async def signed_in(request: web.Request) -> Identity:
    """The visitor. Raises a redirect to sign-in when the visitor is not signed in."""
    identity = await visitor(request)
    if identity is None:
        if OAUTH in request.app and request.method == "GET":
            raise web.HTTPFound(sign_in_path(request))
        raise web.HTTPNotFound
    return identity


async def admin(request: web.Request) -> Identity:
    """The visitor. Raises 404 when the visitor is not an admin."""
    identity = await visitor(request)
    if identity is None or identity.role is not Role.ADMIN:
        raise web.HTTPNotFound
    return identity


def may_see(request: web.Request, identity: Identity | None, view: RepositoryView) -> bool:
    """Whether the visitor may see the pages of the repository. Those of a public repository are public."""
    if identity is not None and identity.may_see(view.github_id):
        return True
    return not view.private or (identity is None and request.app[PUBLIC])


def may_change(identity: Identity | None, view: RepositoryView) -> bool:
    """Whether the visitor may change the settings of the repository."""
    return identity is not None and identity.may_see(view.github_id) and identity.may_change(view.github_id)


def actor(request: web.Request, identity: Identity) -> Actor:
    """The visitor, for the audit log."""
    return Actor(identity.user_id, identity.name, request.headers.get("X-Request-Id", "")[:100])
