"""From a request to its call and back: who asks, how often, what with; and every way in which that can fail.

Routes, not middlewares: nothing of this stands between GitHub and `/webhook`.
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

from bot.web.api.cache import MEMORY
from bot.web.api.calls import Call, RequestContext
from bot.web.api.cors import allow, preflight
from bot.web.api.problems import invalid, not_found, problem
from bot.web.api.rates import RATES
from bot.web.auth import Identity, bearer, identified
from bot.web.health import DATABASE

MAX_BODY = 1024 * 1024
BODY_SECONDS = 15.0
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_WHO = web.RequestKey("who", str)
log = logging.getLogger(__name__)


def handler(calls: Mapping[str, Call]) -> Handler:
    """The handler of one path; calls: by method. None at all: the answer where there is no resource."""

    async def handle(request: web.Request) -> web.StreamResponse:
        begin, request_id = time.perf_counter(), _request_id(request)
        headers = {"X-Request-Id": request_id, "Cache-Control": "no-store"}
        answer = await _served(request, calls, request_id, headers)
        answer.headers.update(headers)
        allow(request, answer)
        took = (time.perf_counter() - begin) * 1000
        who = request.get(_WHO, "-")
        # The path as it was sent: decoded, it could hold a line end and forge a line of the log.
        log.info("%s %s %d %.1f ms %s %s", request.method, _sent(request), answer.status, took, who, request_id)
        if isinstance(answer, web.HTTPException):
            raise answer
        return answer

    return handle


def _request_id(request: web.Request) -> str:
    """The caller's, when it is harmless in a log; else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


async def _served(
    request: web.Request, calls: Mapping[str, Call], request_id: str, headers: dict[str, str]
) -> web.StreamResponse:
    """The answer, or the problem in its place. headers: what was learned on the way is added."""
    try:
        if (early := preflight(request, calls)) is not None:
            return early
        chosen = _chosen(request, calls)
        who = await _identity(request)
        if who is not None:
            request[_WHO] = who.name
        headers |= await request.app[RATES].count(who, request.remote)
        return await _answer(RequestContext(request, request_id, who), chosen)
    except web.HTTPException as refused:
        return refused
    except Exception:
        log.exception("%s %s failed (%s)", request.method, _sent(request), request_id)
        return _failed()


def _sent(request: web.Request) -> str:
    return request.rel_url.raw_path[:300]


def _failed() -> web.StreamResponse:
    return problem(500, "failed", "GitInsight failed; the operator's log has the details.")


async def _identity(request: web.Request) -> Identity | None:
    token = bearer(request)
    if token is None:
        return None
    holders = request.app[MEMORY].holders
    who = holders.get(token)
    if who is None and (who := await identified(request, request.app[DATABASE], token)) is not None:
        holders.put(token, who)
    return who


def _chosen(request: web.Request, calls: Mapping[str, Call]) -> Call | None:
    """The call of the method; None where there is no resource."""
    method = "GET" if request.method == "HEAD" else request.method
    if calls and method not in calls:
        allowed = {"Allow": ", ".join(sorted(calls))}
        raise problem(405, "method-not-allowed", f"{method[:20]} is not possible here.", headers=allowed)
    return calls.get(method)


async def _answer(context: RequestContext, chosen: Call | None) -> web.Response:
    if chosen is None:
        raise not_found()
    if context.who is None and not chosen.open:
        raise problem(401, "not-signed-in", "A valid token is needed: `gitinsight token create` makes one.")
    given: dict[str, BaseModel] = {}
    try:
        if chosen.query is not None:
            given["query"] = chosen.query.model_validate_strings(_query(context.request))
        if chosen.body is not None:
            given["body"] = chosen.body.model_validate_json(await _body(context.request))
    except ValidationError as wrong:
        raise invalid(wrong) from None
    try:
        text = await _lately(context, chosen, given) if chosen.lately else await _made(context, chosen, given)
    finally:
        if chosen.method != "GET":
            context.request.app[MEMORY].clear()
    if text is None:
        return web.Response(status=chosen.status)
    return web.Response(status=chosen.status, text=text, content_type="application/json")


async def _made(context: RequestContext, chosen: Call, given: dict[str, BaseModel]) -> str | None:
    """The answer as JSON: what a model makes of itself is what its schema says; no other encoder comes between."""
    made = await chosen.run(context, **given)
    return None if made is None else made.model_dump_json()


async def _lately(context: RequestContext, chosen: Call, given: dict[str, BaseModel]) -> str | None:
    """The answer, made within the last second. Who may see the repository is asked first, as ever."""
    await context.visible(context.id())
    answers, query = context.request.app[MEMORY].answers, given.get("query")
    key = (chosen.path, *context.request.match_info.values(), query.model_dump_json() if query else "")
    text = answers.get(key)
    if text is None and (text := await _made(context, chosen, given)) is not None:
        answers.put(key, text)
    return text


def _query(request: web.Request) -> dict[str, str]:
    """Each parameter once: of two values nobody knows which one was meant."""
    found: dict[str, str] = {}
    for name, value in request.query.items():
        if name in found:
            raise problem(422, "not-valid", f"{name[:100]} is given twice.", name[:100])
        found[name] = value
    return found


async def _body(request: web.Request) -> bytes:
    """The body, bounded in size and time. Raises the problem."""
    if request.content_type != "application/json":
        raise problem(415, "not-json", "The body must be JSON, with the content type application/json.")
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                content += chunk
                if len(content) > MAX_BODY:
                    raise problem(413, "too-large", f"The body is larger than {MAX_BODY // 1024} KiB.")
    except TimeoutError:
        raise problem(408, "too-slow", f"The body did not arrive within {BODY_SECONDS:g} s.") from None
    return bytes(content)
