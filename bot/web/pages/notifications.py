"""The notifications page of a repository: the webhook endpoint with its delivery log, and mail."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import StringConstraints

from bot.db import endpoints, repositories, subscriptions
from bot.db.repositories import Changed
from bot.db.repository_views import RepositoryView
from bot.domain.notifications import Frequency
from bot.notify.outbound import Refused, check_url
from bot.web.api.models.base import Id, Query
from bot.web.api.notifications import OUTBOUND, SEALER
from bot.web.auth import Identity
from bot.web.health import DATABASE
from bot.web.pages.access import actor, changed_repository
from bot.web.pages.admin_status import HAS_MAIL
from bot.web.pages.frame import action, form, page, redirect, render
from bot.web.pages.inputs import PAGE_SIZE, PagedQuery, pager, read_form, read_query

Bounded = StringConstraints(max_length=2000, pattern=r"^[^\x00]*$", strip_whitespace=True)


class Endpoint(Query):
    """The address of the webhook; empty for none."""

    url: Annotated[str, Bounded] = ""


class Message(Query):
    """A message of the delivery log."""

    message: Id


class Mail(Query):
    """Whether mail is sent to the subscribed addresses."""

    email_updates: Literal["on"] | None = None


class Subscribed(Query):
    """How often an address receives mail."""

    address: Annotated[str, StringConstraints(min_length=3, max_length=254)]
    frequency: Frequency = Frequency.DAILY


def setup(app: web.Application) -> None:
    """Add the routes."""
    place = "/repositories/{id}/notifications"
    app.router.add_get(place, notifications)
    for path, handler in (
        ("webhook", set_webhook),
        ("webhook/secret", renew_secret),
        ("webhook/test", send_test),
        ("webhook/replay", replay),
        ("mail", set_mail),
        ("subscription", subscribe),
    ):
        app.router.add_post(f"{place}/{path}", handler)


async def _page(request: web.Request) -> dict[str, object]:
    """The endpoint, its delivery log, and the mail subscriptions."""
    view, _ = await changed_repository(request)
    return await _values(request, view)


notifications = page("notifications.html")(_page)


@form("notifications.html", _page)
async def set_webhook(request: web.Request) -> web.StreamResponse:
    """Set or remove the endpoint. A new secret is shown only in this response."""
    view, identity = await changed_repository(request)
    url = (await read_form(request, Endpoint)).url or None
    if url is not None:
        try:
            check_url(url, request.app[OUTBOUND])
        except Refused as refused:
            raise web.HTTPUnprocessableEntity(text=f"{str(refused)[:1].upper()}{str(refused)[1:]}.") from None
    changed = await _change(request, view, identity, {"webhook_url": url})
    if changed.webhook_secret is None:
        raise redirect(_path(view), "saved")
    return await _with_secret(request, view, changed.webhook_secret)


@action
async def renew_secret(request: web.Request) -> web.StreamResponse:
    """Replace the secret. The new secret is shown only in this response."""
    view, identity = await changed_repository(request)
    by = actor(request, identity)
    secret = await endpoints.replace_secret(request.app[DATABASE], request.app[SEALER], view.id, by)
    if secret is None:
        raise web.HTTPNotFound
    return await _with_secret(request, view, secret)


@action
async def send_test(request: web.Request) -> web.StreamResponse:
    """Send a `test.ping`. The delivery log shows its attempts."""
    view, _ = await changed_repository(request)
    if await endpoints.send_test(request.app[DATABASE], view.id) is None:
        raise web.HTTPConflict(text="No endpoint is enabled. Save its address to enable it.")
    raise redirect(_path(view), "sent")


@action
async def replay(request: web.Request) -> web.StreamResponse:
    """Send a message of the delivery log again."""
    view, _ = await changed_repository(request)
    sent = await read_form(request, Message)
    if not await endpoints.replay(request.app[DATABASE], view.id, sent.message):
        raise web.HTTPNotFound
    raise redirect(_path(view), "sent")


@action
async def set_mail(request: web.Request) -> web.StreamResponse:
    """Whether mail is sent to the subscribed addresses."""
    view, identity = await changed_repository(request)
    wanted = await read_form(request, Mail)
    await _change(request, view, identity, {"email_updates": wanted.email_updates is not None})
    raise redirect(_path(view), "saved")


@form("notifications.html", _page)
async def subscribe(request: web.Request) -> web.StreamResponse:
    """How often an address receives mail."""
    view, identity = await changed_repository(request)
    wanted = await read_form(request, Subscribed)
    db, by = request.app[DATABASE], actor(request, identity)
    try:
        await subscriptions.subscribe(db, wanted.address, view.id, wanted.frequency, by=by)
    except ValueError as wrong:
        raise web.HTTPUnprocessableEntity(text=f"This is not a mail address: {wrong}.") from None
    raise redirect(_path(view), "saved")


async def _change(request: web.Request, view: RepositoryView, identity: Identity, some: dict[str, object]) -> Changed:
    """Change some of the notification settings. Raises 404 when the repository was deleted."""
    changed = await repositories.change(
        request.app[DATABASE],
        request.app[SEALER],
        view.id,
        notification_settings=some,
        by=actor(request, identity),
    )
    if changed is None:
        raise web.HTTPNotFound
    return changed


def _path(view: RepositoryView) -> str:
    return f"/repositories/{view.id}/notifications"


async def _with_secret(request: web.Request, view: RepositoryView, secret: str) -> web.Response:
    answer = render("notifications.html", request, {**await _values(request, view), "secret": secret})
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _values(request: web.Request, view: RepositoryView) -> dict[str, object]:
    query = read_query(request, PagedQuery)
    log = await endpoints.list_messages(request.app[DATABASE], view.id, limit=PAGE_SIZE, offset=query.offset)
    return {
        "repository": view,
        "may_change": True,
        "endpoint": await endpoints.get_endpoint(request.app[DATABASE], view.id),
        "messages": log.items,
        "subscriptions": await subscriptions.list_subscriptions(request.app[DATABASE], view.id),
        "frequencies": list(Frequency),
        "has_mail": request.app[HAS_MAIL],
        "pager": pager(request, query.page, log.total),
    }
