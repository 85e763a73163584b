"""How far an analysis is, as server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html

The database is asked every second: a worker writes its step and progress there, and there is nothing to listen to.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

import orjson
from aiohttp import web

from bot.db import stored_analyses
from bot.db.stored_analyses import StoredAnalysis
from bot.web.health import DATABASE
from bot.web.pages.access import seen_analysis, seen_repository

LOOK_SECONDS = 1.0
BEAT_SECONDS = 15.0
# A stream ends then; the browser opens the next one, and what its visitor may see is asked again.
LONGEST_SECONDS = 300.0
AT_ONCE = 100


@dataclass
class Streams:
    """Those that are open in this process; none stays open when it stops."""

    most: int = AT_ONCE
    look_seconds: float = LOOK_SECONDS
    beat_seconds: float = BEAT_SECONDS
    longest_seconds: float = LONGEST_SECONDS
    open: int = 0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def rest(self) -> bool:
        """Wait until it is time to look again; False when the process stops."""
        try:
            async with asyncio.timeout(self.look_seconds):
                await self.stopping.wait()
        except TimeoutError:
            return True
        return False


STREAMS = web.AppKey("streams", Streams)


def setup(app: web.Application) -> None:
    """Add the route."""
    app[STREAMS] = Streams()
    app.on_shutdown.append(_stop)
    app.router.add_get("/repositories/{id}/analyses/{analysis}/events", events)


async def _stop(app: web.Application) -> None:
    app[STREAMS].stopping.set()


async def events(request: web.Request) -> web.StreamResponse:
    """`progress` events while the analysis goes on, then one `done`."""
    view, _ = await seen_repository(request)
    row = await seen_analysis(request, view)
    streams = request.app[STREAMS]
    if streams.open >= streams.most:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"}, text="Too many are watching; reload the page.")
    streams.open += 1
    try:
        answer = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would hold the events back
            }
        )
        await answer.prepare(request)
        async for chunk in _told(request, streams, row.id):
            await answer.write(chunk)
    except ConnectionResetError:
        pass  # the visitor went away
    finally:
        streams.open -= 1
    return answer


async def _told(request: web.Request, streams: Streams, analysis_id: UUID) -> AsyncIterator[bytes]:
    """What to send: an event whenever something changed, and a comment now and then, which finds out who went away."""
    clock = asyncio.get_running_loop().time
    begin = beat = clock()
    last = b""
    yield b"retry: 2000\n\n"
    while clock() - begin < streams.longest_seconds:
        row = await stored_analyses.get_analysis(request.app[DATABASE], analysis_id)
        if row is None or row.status.is_final:
            yield b"event: done\ndata: {}\n\n"
            return
        now = _progress(row)
        if now != last:
            yield now
            last, beat = now, clock()
        elif clock() - beat >= streams.beat_seconds:
            yield b": still there\n\n"
            beat = clock()
        if not await streams.rest():
            return


def _progress(row: StoredAnalysis) -> bytes:
    said = {"status": row.status, "step": row.step, "progress": round(row.progress, 3)}
    return b"event: progress\ndata: " + orjson.dumps(said) + b"\n\n"
