"""`POST /webhook`: verify and store a delivery, answer 202. The scheduler does everything else.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import asyncio
import hmac
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec
from aiohttp import web
from prometheus_client import Counter

from bot.db.deliveries import StoredDelivery
from bot.dispatch.events import is_handled
from bot.domain.deliveries import DeliveryStatus
from bot.domain.github_files import FULL_NAME
from bot.logs import about
from bot.telemetry.tracing import span
from bot.web.inbox import INBOX, NotStored

# GitHub does not send payloads larger than 25 MB.
MAX_BODY = 25 * 1024 * 1024
_BODY_SECONDS = 8.0
_LARGE = 1024 * 1024
_LARGE_AT_ONCE = 4
_DELIVERY_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_EVENT = re.compile(r"[a-z0-9_]{1,100}")


class _Payload(msgspec.Struct):
    """The only fields that are needed here. msgspec checks that the rest is JSON and skips it, three times as fast."""

    action: object = None
    repository: msgspec.Raw = msgspec.Raw(b"null")


class _Repository(msgspec.Struct):
    full_name: object = None


_decode_repository = msgspec.json.Decoder(_Repository | None).decode
_decode = msgspec.json.Decoder(_Payload).decode
SECRETS = web.AppKey("webhook_secrets", Sequence[bytes])
_LARGE_BODIES = web.AppKey("large_bodies", asyncio.Semaphore)
log = logging.getLogger(__name__)
answers = Counter("gitinsight_webhook_answers", "Webhook POSTs by status of the answer", ["status"])
_COUNTED = {status: answers.labels(status) for status in (202, 400, 401, 413, 503)}


def setup(app: web.Application, secrets: Sequence[str]) -> None:
    """Add the route. secrets: the current secret and, during a rotation, the previous one."""
    app[SECRETS] = tuple(secret.encode() for secret in secrets)
    app[_LARGE_BODIES] = asyncio.Semaphore(_LARGE_AT_ONCE)
    app.router.add_post("/webhook", receive)


async def receive(request: web.Request) -> web.Response:
    """Receive one delivery.

    202: stored. 400: malformed. 401: the signature is missing or wrong. 413: larger than 25 MB. 503: not stored.
    """
    with about(delivery=_id_of(request)), span("receive"):
        answer = await _receive(request)
    _COUNTED[answer.status].inc()
    return answer


def _id_of(request: web.Request) -> str | None:
    identifier = request.headers.get("X-GitHub-Delivery", "")
    return identifier if _DELIVERY_ID.fullmatch(identifier) else None


async def _receive(request: web.Request) -> web.Response:
    event, identifier = request.headers.get("X-GitHub-Event", ""), request.headers.get("X-GitHub-Delivery", "")
    if not _EVENT.fullmatch(event) or not _DELIVERY_ID.fullmatch(identifier):
        return _answer(HTTPStatus.BAD_REQUEST, "X-GitHub-Event or X-GitHub-Delivery is missing or malformed")
    if "Content-Encoding" in request.headers:
        return _answer(HTTPStatus.BAD_REQUEST, "Content-Encoding is not supported")
    if (request.content_length or 0) > MAX_BODY:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is larger than 25 MB")
    try:
        body = await _body(request)
    except web.HTTPRequestEntityTooLarge:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is larger than 25 MB")
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
        named = _repository_of(payload)
        stored = StoredDelivery(identifier, event, body, status, datetime.now(UTC), repository=named)
        await request.app[INBOX].put(stored)
    except NotStored as problem:
        log.error("%s could not be stored: %s", event, problem)  # noqa: TRY400 - the inbox has logged the traceback
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "the delivery could not be stored")
    return web.Response(status=HTTPStatus.ACCEPTED)


def _repository_of(payload: _Payload) -> str:
    """The full name of the repository that a payload names; empty without one."""
    try:
        repository = _decode_repository(payload.repository)
    except msgspec.ValidationError:
        return ""
    name = repository.full_name if repository is not None else None
    return name if isinstance(name, str) and FULL_NAME.fullmatch(name) else ""


async def _body(request: web.Request) -> bytes:
    """Read the raw bytes. Only a few large bodies are read at the same time, which bounds the memory."""
    if request.content.is_eof():
        return await request.read()  # most bodies arrive together with the headers
    async with asyncio.timeout(_BODY_SECONDS):
        if request.content_length is not None and request.content_length <= _LARGE:
            return await request.read()
        async with request.app[_LARGE_BODIES]:
            return await request.read()


def is_signed(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Whether the signature is `sha256=<hex>` of the HMAC of the body under one of the secrets; in constant time."""
    received = signature.encode("utf-8", "replace")
    matches = False
    for secret in secrets:
        expected = b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode()
        matches |= hmac.compare_digest(expected, received)
    return matches


def _answer(status: HTTPStatus, message: str) -> web.Response:
    return web.Response(status=status, text=message + "\n")
