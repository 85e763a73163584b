"""Unsubscribing from mail by the link in it: a page with a button for people, one POST for mail programs (RFC 8058)."""

from collections.abc import Sequence
from uuid import UUID

import aiohttp_jinja2
from aiohttp import web

from bot.db.subscriptions import get_subscription, unsubscribe
from bot.domain.notifications import Frequency
from bot.notify.unsubscribe import subscription_of
from bot.web.health import DATABASE

_SECRET_KEYS: web.AppKey[tuple[str, ...]] = web.AppKey("notification_secret_keys", tuple)


def setup(app: web.Application, secret_keys: Sequence[str]) -> None:
    """Add the routes."""
    app[_SECRET_KEYS] = tuple(secret_keys)
    app.router.add_get("/notifications/unsubscribe/{token}", confirm)
    app.router.add_post("/notifications/unsubscribe/{token}", end)


@aiohttp_jinja2.template("unsubscribe.html")
async def confirm(request: web.Request) -> dict[str, object]:
    """Show the page with the button. This changes nothing, because mail scanners follow links."""
    subscription = await get_subscription(request.app[DATABASE], _subscription_id(request))
    if subscription is None:
        raise web.HTTPNotFound
    return {"ended": subscription.frequency is Frequency.OFF}


@aiohttp_jinja2.template("unsubscribe.html")
async def end(request: web.Request) -> dict[str, object]:
    """End the subscription. The link is the only authorization. Ending a subscription twice is not an error."""
    if not await unsubscribe(request.app[DATABASE], _subscription_id(request)):
        raise web.HTTPNotFound
    return {"ended": True}


def _subscription_id(request: web.Request) -> UUID:
    keys = request.app[_SECRET_KEYS]
    identifier = subscription_of(keys, request.match_info["token"])
    if identifier is None:
        raise web.HTTPNotFound
    return identifier
