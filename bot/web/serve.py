"""The web process."""

import asyncio

import uvloop
from aiohttp import web

from bot.db import schema
from bot.db.engine import Database
from bot.queue import connect, open_queue
from bot.settings import Settings
from bot.web.application import create_app


def serve(settings: Settings, *, public_pages: bool) -> None:
    """Serve until told to stop. Raises OldSchema when the database is not at this program's schema."""
    db = Database(settings.database_url)
    app = create_app(settings, db, open_queue(connect(settings.redis_url)), public_pages=public_pages)

    async def close(app: web.Application) -> None:
        await db.close()

    app.on_cleanup.append(close)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(schema.check(db, settings.database_url))
        web.run_app(
            app,
            host=settings.host,
            port=settings.port,
            loop=runner.get_loop(),
            access_log=None,
            print=lambda *_: None,
            keepalive_timeout=75,
            shutdown_timeout=10,
        )
