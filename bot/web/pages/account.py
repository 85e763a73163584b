"""One's own account: who one is here, and the tokens that speak for one."""

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
from bot.web.pages.frame import action, done, page, render
from bot.web.pages.inputs import sent


class NewTokens(Query):
    """The most that the new tokens may do."""

    role: Literal["admin", "maintainer", "viewer"] = "viewer"


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/account", account)
    app.router.add_post("/account/tokens", create)
    app.router.add_post("/account/tokens/{id}/revoke", revoke)


@page("account.html")
async def account(request: web.Request) -> dict[str, object]:
    """Who one is, and what opens doors in one's name."""
    return await _shown(request, await signed_in(request))


@action
async def create(request: web.Request) -> web.StreamResponse:
    """A pair of API tokens. This answer is the only one that ever shows them, so nothing is redirected to."""
    who = await signed_in(request)
    wanted = await sent(request, NewTokens)
    user = await access.get_user(request.app[DATABASE], who.user_id)
    if user is None:
        raise web.HTTPNotFound
    if not who.role.covers(Role(wanted.role)):
        raise web.HTTPForbidden(text="A token cannot do more than you may.")
    by, keys = actor(request, who), request.app[KEYS]
    made = {
        kind: sign(keys, await access.grant(request.app[DATABASE], user, kind, wanted.role, lifetime, by))
        for kind, lifetime in ((ACCESS, ACCESS_LIFETIME), (REFRESH, REFRESH_LIFETIME))
    }
    answer = render("account.html", request, {**await _shown(request, who), "made": made})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@action
async def revoke(request: web.Request) -> web.StreamResponse:
    """End one of one's own tokens."""
    who = await signed_in(request)
    if not await access.revoke(request.app[DATABASE], path_id(request), actor(request, who), of=who.user_id):
        raise web.HTTPNotFound
    raise done("/account", "revoked")


async def _shown(request: web.Request, who: Identity) -> dict[str, object]:
    db = request.app[DATABASE]
    return {
        "user": await access.get_user(db, who.user_id),
        "who": who,
        "tokens": await access.live_tokens(db, who.user_id),
        "roles": [role for role in ROLES if who.role.covers(Role(role))],
    }
