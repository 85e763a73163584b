"""`/repositories/{id}/webhook` and `/subscription`: who is told of a repository's analyses, and how that went."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from bot.db import endpoints, subscriptions
from bot.db.sealed import Sealer
from bot.notify.outbound import Network, Refused, check_url
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.base import PageQuery
from bot.web.api.models.notifications import Endpoint, MessagePage, Secret, Sent, Subscribe, Subscription
from bot.web.api.models.notifications import Message as MessageAnswer
from bot.web.api.models.repositories import NotificationSettings
from bot.web.api.problems import not_found, problem

SEALER = web.AppKey("endpoint_sealer", Sealer)
OUTBOUND: web.AppKey[Sequence[Network]] = web.AppKey("outbound_allow")


def check_webhook(allowed: Sequence[Network], settings: NotificationSettings | None) -> None:
    """Raises the problem for an address that nothing would be sent to."""
    if settings is None or settings.webhook_url is None:
        return
    try:
        check_url(settings.webhook_url, allowed)
    except Refused as refused:
        said = f"{str(refused)[:1].upper()}{str(refused)[1:]}."
        raise problem(422, "not-valid", said, "notification_settings.webhook_url") from None


@call("GET", "/repositories/{id}/webhook", problems=(403, 404))
async def read_webhook(context: RequestContext) -> Endpoint:
    """Where messages are sent, and whether they still are. 404 when `webhook_url` is not set."""
    view = await context.repository(change=True)
    return Endpoint.model_validate(await _endpoint(context, view.id))


@call("POST", "/repositories/{id}/webhook/secret", problems=(403, 404))
async def renew_secret(context: RequestContext) -> Secret:
    """A new secret for the endpoint: it signs from now on, and is told only now."""
    view = await context.repository(change=True)
    secret = await endpoints.replace_secret(context.db, context.request.app[SEALER], view.id, context.actor)
    if secret is None:
        raise _no_webhook()
    return Secret(secret=secret)


@call("POST", "/repositories/{id}/webhook/test", status=202, problems=(403, 404, 409))
async def test_webhook(context: RequestContext) -> Sent:
    """Send a `test.ping`. 409 while the endpoint is disabled: setting its address again enables it."""
    view = await context.repository(change=True)
    await _endpoint(context, view.id)
    message = await endpoints.send_test(context.db, view.id)
    if message is None:
        raise problem(409, "webhook-disabled", "The endpoint is disabled; set its address again to enable it.")
    return Sent(message_id=message)


@call("GET", "/repositories/{id}/webhook/deliveries", problems=(403, 404))
async def list_deliveries(context: RequestContext, query: PageQuery) -> MessagePage:
    """The delivery log: each message with its attempts, newest first."""
    view = await context.repository(change=True)
    page = await endpoints.list_messages(context.db, view.id, limit=query.limit, offset=query.offset)
    items = [MessageAnswer.model_validate(one) for one in page.items]
    return MessagePage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("POST", "/repositories/{id}/webhook/deliveries/{message}/replay", status=202, problems=(403, 404))
async def replay_delivery(context: RequestContext) -> Sent:
    """Send a message of the log once more, under its old id."""
    view, message = await context.repository(change=True), context.id("message")
    if not await endpoints.replay(context.db, view.id, message):
        raise not_found()
    return Sent(message_id=message)


@call("PUT", "/repositories/{id}/subscription", problems=(403, 404))
async def subscribe(context: RequestContext, body: Subscribe) -> Subscription:
    """Have mail sent to an address, while `email_updates` is on; every mail says how to end it."""
    view = await context.repository(change=True)
    try:
        made = await subscriptions.subscribe(context.db, body.address, view.id, body.frequency, by=context.actor)
    except ValueError as wrong:
        raise problem(422, "not-valid", f"This is no mail address: {wrong}.", "address") from None
    return Subscription(id=made, address=body.address, frequency=body.frequency)


async def _endpoint(context: RequestContext, repository_id: UUID) -> endpoints.EndpointView:
    found = await endpoints.get_endpoint(context.db, repository_id)
    if found is None:
        raise _no_webhook()
    return found


def _no_webhook() -> web.HTTPException:
    return problem(404, "no-webhook", "This repository has no webhook; set notification_settings.webhook_url.")
