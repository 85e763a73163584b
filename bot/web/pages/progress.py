"""The progress of an analysis, and of the sync from GitHub, as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html

Workers write their step and progress into the database, and send no events. So each stream queries the database once a
second.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from bot.db import stored_analyses
from bot.db.stored_analyses import StoredAnalysis
from bot.db.sync_states import get_states, why_off
from bot.domain.steps import step_name
from bot.domain.sync import summary
from bot.web.github_app import HAS_APP
from bot.web.health import DATABASE
from bot.web.pages.access import seen_analysis, seen_repository

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
# A stream ends after this time. The browser then opens the next one, for which access is checked again.
MAX_SECONDS = 300.0
MAX_STREAMS = 100


@dataclass
class Streams:
    """The streams of this process.

    max_streams: how many may be open at the same time.
    poll_seconds: between two queries.
    heartbeat_seconds: between two comments, while nothing changes.
    max_seconds: how long a stream may be open.
    open: the number of open streams.
    stopping: set when the process stops, which ends all streams.
    """

    max_streams: int = MAX_STREAMS
    poll_seconds: float = POLL_SECONDS
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    max_seconds: float = MAX_SECONDS
    open: int = 0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> bool:
        """Wait until the next query. Returns False when the process stops."""
        try:
            async with asyncio.timeout(self.poll_seconds):
                await self.stopping.wait()
        except TimeoutError:
            return True
        return False


STREAMS = web.AppKey("streams", Streams)
# The event of the present state; None when nothing is to come any more.
Progress = Callable[[], Awaitable[bytes | None]]


def setup(app: web.Application) -> None:
    """Add the route."""
    app[STREAMS] = Streams()
    app.on_shutdown.append(_stop)
    app.router.add_get("/repositories/{id}/analyses/{analysis}/events", events)
    app.router.add_get("/repositories/{id}/sync/events", sync_events)


async def _stop(app: web.Application) -> None:
    app[STREAMS].stopping.set()


async def events(request: web.Request) -> web.StreamResponse:
    """Send `progress` events while the analysis is running, then one `done` event."""
    view, _ = await seen_repository(request)
    row = await seen_analysis(request, view)

    async def progress() -> bytes | None:
        found = await stored_analyses.get_analysis(request.app[DATABASE], row.id)
        return None if found is None or found.status.is_final else _progress(found)

    return await _stream(request, progress)


async def sync_events(request: web.Request) -> web.StreamResponse:
    """Send `progress` events while the sync from GitHub is running or waits, then one `done` event."""
    view, _ = await seen_repository(request)

    async def progress() -> bytes | None:
        db = request.app[DATABASE]
        states, off = await get_states(db, view.id), await why_off(db, view.id)
        whole = summary(states, has_app=request.app[HAS_APP], off=off)
        if whole.current is None:
            return None
        state = {"sentence": whole.sentence, "done": whole.current.done, "total": whole.current.total}
        return b"event: progress\ndata: " + orjson.dumps(state) + b"\n\n"

    return await _stream(request, progress)


async def _stream(request: web.Request, progress: Progress) -> web.StreamResponse:
    """Send what `progress` returns whenever it changes, and a `done` event when it is None."""
    streams = request.app[STREAMS]
    if streams.open >= streams.max_streams:
        sentence = "Too many pages are watching progress. Reload the page later."
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"}, text=sentence)
    streams.open += 1
    try:
        answer = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would buffer the events
            }
        )
        await answer.prepare(request)
        async for chunk in _events(streams, progress):
            await answer.write(chunk)
    except ConnectionResetError:
        pass  # the visitor closed the page
    finally:
        streams.open -= 1
    return answer


async def _events(streams: Streams, progress: Progress) -> AsyncIterator[bytes]:
    """An event for each change; while nothing changes, a comment now and then, which detects closed connections."""
    clock = asyncio.get_running_loop().time
    begin = last_sent = clock()
    last = b""
    yield b"retry: 2000\n\n"
    while clock() - begin < streams.max_seconds:
        now = await progress()
        if now is None:
            yield b"event: done\ndata: {}\n\n"
            return
        if now != last:
            yield now
            last, last_sent = now, clock()
        elif clock() - last_sent >= streams.heartbeat_seconds:
            yield b": heartbeat\n\n"
            last_sent = clock()
        if not await streams.wait():
            return


def _progress(row: StoredAnalysis) -> bytes:
    state = {
        "status": row.status,
        "step": row.step,
        "step_name": step_name(row.step),
        "progress": round(row.progress, 3),
    }
    return b"event: progress\ndata: " + orjson.dumps(state) + b"\n\n"
