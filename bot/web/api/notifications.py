"""`/repositories/{id}/webhook` and `/subscription`: the notifications of a repository, and their delivery log."""

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
from bot.web.api.problems import not_found, problem

SEALER = web.AppKey("endpoint_sealer", Sealer)
OUTBOUND: web.AppKey[Sequence[Network]] = web.AppKey("outbound_allow")


def check_webhook(allowed: Sequence[Network], url: str | None) -> None:
    """Raises 422 for a webhook address that notifications must not be sent to."""
    if url is None:
        return
    try:
        check_url(url, allowed)
    except Refused as refused:
        sentence = f"{str(refused)[:1].upper()}{str(refused)[1:]}."
        raise problem(422, "not-valid", sentence, "notification_settings.webhook_url") from None


@call("GET", "/repositories/{id}/webhook", problems=(403, 404))
async def read_webhook(context: RequestContext) -> Endpoint:
    """Read the webhook endpoint of a repository, and whether it is enabled. 404: `webhook_url` is not set."""
    view = await context.repository(change=True)
    return Endpoint.model_validate(await _endpoint(context, view.id))


@call("POST", "/repositories/{id}/webhook/secret", problems=(403, 404))
async def renew_secret(context: RequestContext) -> Secret:
    """Replace the secret of the webhook endpoint. The new secret is shown only in this response."""
    view = await context.repository(change=True)
    secret = await endpoints.replace_secret(context.db, context.request.app[SEALER], view.id, context.actor)
    if secret is None:
        raise _no_webhook()
    return Secret(secret=secret)


@call("POST", "/repositories/{id}/webhook/test", status=202, problems=(403, 404, 409))
async def test_webhook(context: RequestContext) -> Sent:
    """Send a `test.ping` to the webhook endpoint.

    409: the endpoint is disabled. Setting its address again enables it.
    """
    view = await context.repository(change=True)
    await _endpoint(context, view.id)
    message = await endpoints.send_test(context.db, view.id)
    if message is None:
        raise problem(409, "webhook-disabled", "The endpoint is disabled. Set its address again to enable it.")
    return Sent(message_id=message)


@call("GET", "/repositories/{id}/webhook/deliveries", problems=(403, 404))
async def list_deliveries(context: RequestContext, query: PageQuery) -> MessagePage:
    """List the messages of the delivery log, newest first, each with its attempts."""
    view = await context.repository(change=True)
    page = await endpoints.list_messages(context.db, view.id, limit=query.limit, offset=query.offset)
    items = [MessageAnswer.model_validate(message) for message in page.items]
    return MessagePage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("POST", "/repositories/{id}/webhook/deliveries/{message}/replay", status=202, problems=(403, 404))
async def replay_delivery(context: RequestContext) -> Sent:
    """Send a message of the delivery log again, with the same id."""
    view, message = await context.repository(change=True), context.id("message")
    if not await endpoints.replay(context.db, view.id, message):
        raise not_found()
    return Sent(message_id=message)


@call("PUT", "/repositories/{id}/subscription", problems=(403, 404))
async def subscribe(context: RequestContext, body: Subscribe) -> Subscription:
    """Subscribe an address to the mail about a repository, or change its subscription.

    Mail is sent only while `email_updates` is true. Every mail has an unsubscribe link.
    """
    view = await context.repository(change=True)
    try:
        subscription_id = await subscriptions.subscribe(
            context.db, body.address, view.id, body.frequency, by=context.actor
        )
    except ValueError as wrong:
        raise problem(422, "not-valid", f"This is not a mail address: {wrong}.", "address") from None
    return Subscription(id=subscription_id, address=body.address, frequency=body.frequency)


async def _endpoint(context: RequestContext, repository_id: UUID) -> endpoints.EndpointView:
    endpoint = await endpoints.get_endpoint(context.db, repository_id)
    if endpoint is None:
        raise _no_webhook()
    return endpoint


def _no_webhook() -> web.HTTPException:
    return problem(404, "no-webhook", "This repository has no webhook. Set notification_settings.webhook_url.")
