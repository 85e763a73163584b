"""The web process."""

import asyncio
import gc
import signal
import sys

import uvloop
from aiohttp import web

from bot.db import schema
from bot.db.engine import Database
from bot.queue import connection
from bot.settings import Settings
from bot.web.application import create_app

# aiohttp closes a connection after so long without a whole request, be it silent or dripping its headers.
IDLE_SECONDS = 75.0
# More at once would be opened and closed again for each request.
_CONNECTIONS = 16


def serve(settings: Settings, *, public_pages: bool) -> None:
    """Serve until told to stop. Raises OldSchema when the database is not at this program's schema."""
    # The thread that commits a batch needs the interpreter back many times; at the default of 5 ms it would wait
    # that long each time while the loop is busy (https://docs.python.org/3/library/sys.html#sys.setswitchinterval).
    sys.setswitchinterval(0.0002)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, public_pages=public_pages))


def make_runner(app: web.Application, *, idle_seconds: float = IDLE_SECONDS) -> web.AppRunner:
    """What serves the application; idle_seconds: how long a client may take until a whole request is there."""
    return web.AppRunner(app, access_log=None, keepalive_timeout=idle_seconds, shutdown_timeout=10)


async def _serve(settings: Settings, *, public_pages: bool) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    db, redis = Database(settings.database_url, pool_size=_CONNECTIONS), connection.connect(settings.redis_url)
    try:
        await schema.check(db)
        app = create_app(settings, db, redis, public_pages=public_pages)
        runner = make_runner(app)
        await runner.setup()
        # A payload is thousands of objects that live for a millisecond: collecting the whole heap for every few of
        # them, modules and all, cost a third of the time (https://docs.python.org/3/library/gc.html#gc.freeze).
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 20, 50)
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
            await stopping.wait()
        finally:
            await runner.cleanup()
    finally:
        await redis.aclose()
        await db.close()
