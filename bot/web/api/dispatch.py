"""From a request to its call and back: identity, rate limit, query and body, and the response to every failure.

The API uses routes instead of middlewares, so that nothing here runs for `/webhook`.
"""

import asyncio
import logging
import re
import time
from collections.abc import Mapping
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from bot.web.api.cache import CACHE
from bot.web.api.calls import Call, RequestContext
from bot.web.api.cors import allow, preflight
from bot.web.api.problems import invalid, not_found, problem
from bot.web.api.rates import RATES
from bot.web.auth import Identity, bearer, identified
from bot.web.health import DATABASE

MAX_BODY = 1024 * 1024
BODY_SECONDS = 15.0
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CALLER = web.RequestKey("caller", str)
log = logging.getLogger(__name__)


def handler(calls: Mapping[str, Call]) -> Handler:
    """Make the handler of a path. calls: by method; empty for a path without a resource, which is answered with 404."""

    async def handle(request: web.Request) -> web.StreamResponse:
        begin, request_id = time.perf_counter(), _request_id(request)
        headers = {"X-Request-Id": request_id, "Cache-Control": "no-store"}
        answer = await _serve(request, calls, request_id, headers)
        answer.headers.update(headers)
        allow(request, answer)
        took = (time.perf_counter() - begin) * 1000
        caller = request.get(_CALLER, "-")
        # The path is logged as it was sent: a decoded path could contain a line break and forge a line of the log.
        log.info("%s %s %d %.1f ms %s %s", request.method, _raw_path(request), answer.status, took, caller, request_id)
        if isinstance(answer, web.HTTPException):
            raise answer
        return answer

    return handle


def _request_id(request: web.Request) -> str:
    """The request id of the caller if it is safe to log; else a new one."""
    value = request.headers.get("X-Request-Id", "")
    return value if _REQUEST_ID.fullmatch(value) else uuid4().hex


async def _serve(
    request: web.Request, calls: Mapping[str, Call], request_id: str, headers: dict[str, str]
) -> web.StreamResponse:
    """The response of the call, or a problem document. headers: the rate-limit headers are added to them."""
    try:
        if (permission := preflight(request, calls)) is not None:
            return permission
        call = _find_call(request, calls)
        caller = await _identity(request)
        if caller is not None:
            request[_CALLER] = caller.name
        headers |= await request.app[RATES].count(caller, request.remote)
        return await _answer(RequestContext(request, request_id, caller), call)
    except web.HTTPException as refused:
        return refused
    except Exception:
        log.exception("%s %s failed (%s)", request.method, _raw_path(request), request_id)
        return _failed()


def _raw_path(request: web.Request) -> str:
    return request.rel_url.raw_path[:300]


def _failed() -> web.StreamResponse:
    return problem(500, "failed", "An internal error occurred. The operator's log has the details.")


async def _identity(request: web.Request) -> Identity | None:
    token = bearer(request)
    if token is None:
        return None
    cache = request.app[CACHE].identities
    identity = cache.get(token)
    if identity is None and (identity := await identified(request, request.app[DATABASE], token)) is not None:
        cache.put(token, identity)
    return identity


def _find_call(request: web.Request, calls: Mapping[str, Call]) -> Call | None:
    """The call of the request's method; None where there is no resource. Raises 405."""
    method = "GET" if request.method == "HEAD" else request.method
    if calls and method not in calls:
        allowed = {"Allow": ", ".join(sorted(calls))}
        raise problem(405, "method-not-allowed", f"This resource does not support {method[:20]}.", headers=allowed)
    return calls.get(method)


async def _answer(context: RequestContext, call: Call | None) -> web.Response:
    if call is None:
        raise not_found()
    if context.caller is None and not call.open:
        raise problem(401, "not-signed-in", "A valid token is required: `gitinsight token create` makes one.")
    arguments: dict[str, BaseModel | None] = {}
    try:
        if call.query is not None:
            arguments["query"] = call.query.model_validate_strings(_query(context.request))
        if call.body is not None:
            content = await _body(context.request, optional=call.body_optional)
            arguments["body"] = None if content is None else call.body.model_validate_json(content)
    except ValidationError as wrong:
        raise invalid(wrong) from None
    try:
        text = await _cached(context, call, arguments) if call.cached else await _run(context, call, arguments)
    finally:
        if call.method != "GET":
            context.request.app[CACHE].clear()
    if text is None:
        return web.Response(status=call.status)
    return web.Response(status=call.status, text=text, content_type="application/json")


async def _run(context: RequestContext, call: Call, arguments: Mapping[str, BaseModel | None]) -> str | None:
    """The response as JSON. The model itself encodes it, so that it agrees with the schema of the model."""
    answer = await call.run(context, **arguments)
    return None if answer is None else answer.model_dump_json()


async def _cached(context: RequestContext, call: Call, arguments: Mapping[str, BaseModel | None]) -> str | None:
    """The response, from the one-second cache if it is there. Access to the repository is checked every time."""
    await context.visible(context.id())
    cache, query = context.request.app[CACHE].responses, arguments.get("query")
    key = (call.path, *context.request.match_info.values(), query.model_dump_json() if query else "")
    text = cache.get(key)
    if text is None and (text := await _run(context, call, arguments)) is not None:
        cache.put(key, text)
    return text


def _query(request: web.Request) -> dict[str, str]:
    """The query parameters by name. A repeated parameter is an error, because it is ambiguous."""
    parameters: dict[str, str] = {}
    for name, value in request.query.items():
        if name in parameters:
            raise problem(422, "not-valid", f"The parameter {name[:100]} is given twice.", name[:100])
        parameters[name] = value
    return parameters


async def _body(request: web.Request, *, optional: bool) -> bytes | None:
    """Read the body, within limits of size and time; None if it is empty and may be. Raises 408, 413 and 415."""
    is_json = request.content_type == "application/json"
    if not is_json and not optional:
        raise _not_json()
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                content += chunk
                if len(content) > MAX_BODY:
                    raise problem(413, "too-large", f"The body is larger than {MAX_BODY // 1024} KiB.")
    except TimeoutError:
        raise problem(408, "too-slow", f"The body did not arrive within {BODY_SECONDS:g} s.") from None
    if optional and not content.strip():
        return None
    if not is_json:
        raise _not_json()
    return bytes(content)


def _not_json() -> web.HTTPException:
    return problem(415, "not-json", "The body must be JSON, with the content type application/json.")
