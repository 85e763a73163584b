"""The web process."""

import asyncio
import gc
import logging
import signal
import sys

import uvloop
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.db import schema
from bot.db.engine import Database
from bot.queue import connection
from bot.settings import Settings, is_local
from bot.web.application import create_app

# aiohttp closes a connection that has not sent a complete request for this long, even if it sends headers slowly.
IDLE_SECONDS = 75.0
# SQLAlchemy opens connections beyond the pool size for one request each.
_CONNECTIONS = 16


def serve(settings: Settings, *, public_pages: bool) -> None:
    """Serve until SIGINT or SIGTERM. Raises OldSchema when the schema of the database is not this program's."""
    # The thread that commits a batch waits for the interpreter many times. With the default of 5 ms it would wait that
    # long each time while the loop is busy (https://docs.python.org/3/library/sys.html#sys.setswitchinterval).
    sys.setswitchinterval(0.0002)
    logging.getLogger("aiohttp.server").addFilter(in_one_line)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, public_pages=public_pages))


def in_one_line(record: logging.LogRecord) -> bool:
    """A malformed request is the fault of its sender: one line at level INFO says what it was, without a traceback."""
    problem = record.exc_info[1] if record.exc_info else None
    if isinstance(problem, HttpProcessingError | web.RequestPayloadError | ConnectionError):
        record.exc_info = record.exc_text = None
        record.msg = "%s (%s)"
        record.args = ("a malformed request was refused", type(problem).__name__)
        record.levelno, record.levelname = logging.INFO, "INFO"
        return logging.getLogger(record.name).isEnabledFor(logging.INFO)
    return True


def make_runner(app: web.Application, *, idle_seconds: float = IDLE_SECONDS) -> web.AppRunner:
    """Make the server of the application. idle_seconds: how long a client may take to send a complete request."""
    return web.AppRunner(app, access_log=None, keepalive_timeout=idle_seconds, shutdown_timeout=10)


async def _serve(settings: Settings, *, public_pages: bool) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    db, redis = Database(settings.database_url, pool_size=_CONNECTIONS), connection.connect(settings.redis_url)
    try:
        await schema.check(db)
        app = create_app(settings, db, redis, public_pages=public_pages, has_app=not is_local(settings))
        runner = make_runner(app)
        await runner.setup()
        # A payload becomes thousands of objects that live for a millisecond. Collecting the whole heap, with all
        # modules, for every few payloads cost a third of the time (https://docs.python.org/3/library/gc.html#gc.freeze).
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
