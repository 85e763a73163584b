"""`POST /webhook`: verify, store, answer 202. No work is done here.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import asyncio
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec
from aiohttp import web
from prometheus_client import Counter

from bot.db.deliveries import Stored
from bot.dispatch.events import is_handled
from bot.domain.deliveries import DeliveryStatus
from bot.web.inbox import INBOX, NotStored

# GitHub does not fire payloads above 25 MB.
MAX_BODY = 25 * 1024 * 1024
_BODY_SECONDS = 8.0
_LARGE = 1024 * 1024
_LARGE_AT_ONCE = 4
_DELIVERY_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_EVENT = re.compile(r"[a-z0-9_]{1,100}")


class _Payload(msgspec.Struct):
    """All that the answer depends on; the rest is checked to be JSON and skipped, which is three times as fast."""

    action: object = None


_decode = msgspec.json.Decoder(_Payload).decode
SECRETS = web.AppKey("webhook_secrets", Sequence[bytes])
_LARGE_BODIES = web.AppKey("large_bodies", asyncio.Semaphore)
answers = Counter("gitinsight_webhook_answers", "Webhook POSTs by status of the answer", ["status"])
_COUNTED = {status: answers.labels(status) for status in (202, 400, 401, 413, 503)}


def setup(app: web.Application, secrets: Sequence[str]) -> None:
    """Add the route. secrets: the current one and, during a rotation, the one before."""
    app[SECRETS] = tuple(secret.encode() for secret in secrets)
    app[_LARGE_BODIES] = asyncio.Semaphore(_LARGE_AT_ONCE)
    app.router.add_post("/webhook", receive)


async def receive(request: web.Request) -> web.Response:
    """Answer 202 when the delivery is stored, 400 or 413 when it is malformed, 401 when its signature is wrong.

    503 means that it could not be stored, and nothing else.
    """
    answer = await _receive(request)
    _COUNTED[answer.status].inc()
    return answer


async def _receive(request: web.Request) -> web.Response:
    event, identifier = request.headers.get("X-GitHub-Event", ""), request.headers.get("X-GitHub-Delivery", "")
    if not _EVENT.fullmatch(event) or not _DELIVERY_ID.fullmatch(identifier):
        return _answer(HTTPStatus.BAD_REQUEST, "X-GitHub-Event or X-GitHub-Delivery is missing or malformed")
    if "Content-Encoding" in request.headers:
        return _answer(HTTPStatus.BAD_REQUEST, "an encoded body is not accepted")
    if (request.content_length or 0) > MAX_BODY:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is over 25 MB")
    try:
        body = await _body(request)
    except web.HTTPRequestEntityTooLarge:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is over 25 MB")
    except (TimeoutError, ConnectionError):
        return _answer(HTTPStatus.BAD_REQUEST, "the body did not arrive in time")
    if not is_signed(body, request.headers.get("X-Hub-Signature-256", ""), request.app[SECRETS]):
        return _answer(HTTPStatus.UNAUTHORIZED, "the signature is missing or wrong")
    try:
        body.decode()
        payload = _decode(body)
    except (ValueError, RecursionError):
        return _answer(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
    status = DeliveryStatus.RECEIVED if is_handled(event, payload.action) else DeliveryStatus.IGNORED
    try:
        await request.app[INBOX].put(Stored(identifier, event, body, status, datetime.now(UTC)))
    except NotStored:
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "the delivery could not be stored")
    return web.Response(status=HTTPStatus.ACCEPTED)


async def _body(request: web.Request) -> bytes:
    """The raw bytes; large ones a few at a time, so that many of them cannot fill the memory."""
    if request.content.is_eof():
        return await request.read()  # it came with the headers, as most do: nothing to wait for
    async with asyncio.timeout(_BODY_SECONDS):
        if request.content_length is not None and request.content_length <= _LARGE:
            return await request.read()
        async with request.app[_LARGE_BODIES]:
            return await request.read()


def is_signed(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Whether `sha256=<hex>` is the HMAC of these bytes under one of the secrets; in constant time."""
    given = signature.encode("utf-8", "replace")
    matches = False
    for secret in secrets:
        expected = b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode()
        matches |= hmac.compare_digest(expected, given)
    return matches


def _answer(status: HTTPStatus, message: str) -> web.Response:
    return web.Response(status=status, text=message + "\n")
