"""Who is told of a repository's analyses: the webhook endpoint with its delivery log, and mail."""

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
from bot.web.pages.frame import action, done, page, render
from bot.web.pages.inputs import PAGE_SIZE, Paged, asked, pager, sent

Bounded = StringConstraints(max_length=2000, pattern=r"^[^\x00]*$", strip_whitespace=True)


class Endpoint(Query):
    """Where messages are sent; empty for nowhere."""

    url: Annotated[str, Bounded] = ""


class Message(Query):
    """A message of the delivery log."""

    message: Id


class Mail(Query):
    """Whether there is mail at all."""

    email_updates: Literal["on"] | None = None


class Subscribed(Query):
    """How often an address gets mail."""

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


@page("notifications.html")
async def notifications(request: web.Request) -> dict[str, object]:
    """The endpoint, its log, and mail."""
    view, _ = await changed_repository(request)
    return await _shown(request, view)


@action
async def set_webhook(request: web.Request) -> web.StreamResponse:
    """Set or remove the endpoint; a new secret is shown in the answer, and never again."""
    view, who = await changed_repository(request)
    url = (await sent(request, Endpoint)).url or None
    if url is not None:
        try:
            check_url(url, request.app[OUTBOUND])
        except Refused as refused:
            raise web.HTTPUnprocessableEntity(text=f"{str(refused)[:1].upper()}{str(refused)[1:]}.") from None
    changed = await _change(request, view, who, {"webhook_url": url})
    if changed.webhook_secret is None:
        raise done(_place(view), "saved")
    return await _with_secret(request, view, changed.webhook_secret)


@action
async def renew_secret(request: web.Request) -> web.StreamResponse:
    """A new secret, shown in the answer, and never again."""
    view, who = await changed_repository(request)
    by = actor(request, who)
    secret = await endpoints.replace_secret(request.app[DATABASE], request.app[SEALER], view.id, by)
    if secret is None:
        raise web.HTTPNotFound
    return await _with_secret(request, view, secret)


@action
async def send_test(request: web.Request) -> web.StreamResponse:
    """Send a `test.ping`; the log tells how it went."""
    view, _ = await changed_repository(request)
    if await endpoints.send_test(request.app[DATABASE], view.id) is None:
        raise web.HTTPConflict(text="There is no endpoint that is enabled: save its address to enable it.")
    raise done(_place(view), "sent")


@action
async def replay(request: web.Request) -> web.StreamResponse:
    """Send a message of the log once more."""
    view, _ = await changed_repository(request)
    wanted = await sent(request, Message)
    if not await endpoints.replay(request.app[DATABASE], view.id, wanted.message):
        raise web.HTTPNotFound
    raise done(_place(view), "sent")


@action
async def set_mail(request: web.Request) -> web.StreamResponse:
    """Whether there is mail at all."""
    view, who = await changed_repository(request)
    wanted = await sent(request, Mail)
    await _change(request, view, who, {"email_updates": wanted.email_updates is not None})
    raise done(_place(view), "saved")


@action
async def subscribe(request: web.Request) -> web.StreamResponse:
    """How often an address gets mail."""
    view, who = await changed_repository(request)
    wanted = await sent(request, Subscribed)
    db, by = request.app[DATABASE], actor(request, who)
    try:
        await subscriptions.subscribe(db, wanted.address, view.id, wanted.frequency, by=by)
    except ValueError as wrong:
        raise web.HTTPUnprocessableEntity(text=f"This is no mail address: {wrong}.") from None
    raise done(_place(view), "saved")


async def _change(request: web.Request, view: RepositoryView, who: Identity, some: dict[str, object]) -> Changed:
    """Change some of the notification settings. Raises 404 when the repository is gone."""
    changed = await repositories.change(
        request.app[DATABASE],
        request.app[SEALER],
        view.id,
        notification_settings=some,
        by=actor(request, who),
    )
    if changed is None:
        raise web.HTTPNotFound
    return changed


def _place(view: RepositoryView) -> str:
    return f"/repositories/{view.id}/notifications"


async def _with_secret(request: web.Request, view: RepositoryView, secret: str) -> web.Response:
    answer = render("notifications.html", request, {**await _shown(request, view), "secret": secret})
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _shown(request: web.Request, view: RepositoryView) -> dict[str, object]:
    wanted = asked(request, Paged)
    log = await endpoints.list_messages(request.app[DATABASE], view.id, limit=PAGE_SIZE, offset=wanted.offset)
    return {
        "repository": view,
        "may_change": True,
        "endpoint": await endpoints.get_endpoint(request.app[DATABASE], view.id),
        "messages": log.items,
        "subscriptions": await subscriptions.list_subscriptions(request.app[DATABASE], view.id),
        "frequencies": list(Frequency),
        "pager": pager(request, wanted.page, log.total),
    }
