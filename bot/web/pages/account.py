"""The account page: the visitor's own user and tokens."""

from typing import Literal

from aiohttp import web

from bot.db import access
from bot.db.access import ACCESS, REFRESH, ROLES
from bot.web.api.models.base import Query
from bot.web.api.problems import path_id
from bot.web.api.users import ACCESS_LIFETIME, REFRESH_LIFETIME
from bot.web.auth import KEYS, Identity, Role, sign
from bot.web.health import DATABASE
from bot.web.pages.access import actor, signed_in
from bot.web.pages.frame import action, page, redirect, render
from bot.web.pages.inputs import read_form


class NewTokens(Query):
    """The role of the new tokens."""

    role: Literal["admin", "maintainer", "viewer"] = "viewer"


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/account", account)
    app.router.add_post("/account/tokens", create)
    app.router.add_post("/account/tokens/{id}/revoke", revoke)


@page("account.html")
async def account(request: web.Request) -> dict[str, object]:
    """The visitor's user and valid tokens."""
    return await _values(request, await signed_in(request))


@action
async def create(request: web.Request) -> web.StreamResponse:
    """Create a pair of API tokens. They are shown only in this response, so it is not a redirect."""
    identity = await signed_in(request)
    form = await read_form(request, NewTokens)
    user = await access.get_user(request.app[DATABASE], identity.user_id)
    if user is None:
        raise web.HTTPNotFound
    if not identity.role.covers(Role(form.role)):
        raise web.HTTPForbidden(text="A token cannot have a higher role than you.")
    by, keys = actor(request, identity), request.app[KEYS]
    tokens = {
        kind: sign(keys, await access.issue_token(request.app[DATABASE], user, kind, form.role, lifetime, by))
        for kind, lifetime in ((ACCESS, ACCESS_LIFETIME), (REFRESH, REFRESH_LIFETIME))
    }
    answer = render("account.html", request, {**await _values(request, identity), "new_tokens": tokens})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@action
async def revoke(request: web.Request) -> web.StreamResponse:
    """Revoke one of the visitor's own tokens."""
    identity = await signed_in(request)
    if not await access.revoke(request.app[DATABASE], path_id(request), actor(request, identity), of=identity.user_id):
        raise web.HTTPNotFound
    raise redirect("/account", "revoked")


async def _values(request: web.Request, identity: Identity) -> dict[str, object]:
    db = request.app[DATABASE]
    return {
        "user": await access.get_user(db, identity.user_id),
        "identity": identity,
        "tokens": await access.live_tokens(db, identity.user_id),
        "roles": [role for role in ROLES if identity.role.covers(Role(role))],
    }
