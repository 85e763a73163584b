"""`/healthz`: the process runs. `/readyz`: all that is needed is there."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.db.engine import Database
from bot.queue.workers import queues_without_workers
from bot.storage import free_mb

DATABASE = web.AppKey("database", Database)
REDIS = web.AppKey("redis", Redis)
DATA_DIR = web.AppKey("data_dir", Path)
LEAST_FREE_MB = 64


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)


async def healthz(request: web.Request) -> web.Response:
    """Answer 200 as long as the process serves requests."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Answer 200 when the database and the queue answer, the disk has room and workers are alive; else 503, and why."""
    checks: dict[str, Callable[[web.Application], Awaitable[str]]] = {
        "database": _database,
        "queue": _queue,
        "workers": _workers,
        "disk": _disk,
    }
    state = {name: await _checked(check(request.app)) for name, check in checks.items()}
    ready = all(value == "ok" for value in state.values())
    return web.json_response(state, status=200 if ready else 503)


async def _checked(check: Awaitable[str]) -> str:
    try:
        async with asyncio.timeout(3):
            return await check
    except (SQLAlchemyError, RedisError, OSError, TimeoutError) as problem:
        return type(problem).__name__


async def _database(app: web.Application) -> str:
    async with app[DATABASE].reading() as session:
        await session.execute(text("SELECT 1"))
    return "ok"


async def _queue(app: web.Application) -> str:
    await app[REDIS].ping()
    return "ok"


async def _workers(app: web.Application) -> str:
    lacking = await queues_without_workers(app[REDIS])
    return f"no worker for {' and '.join(lacking)}" if lacking else "ok"


async def _disk(app: web.Application) -> str:
    free = await asyncio.to_thread(free_mb, app[DATA_DIR])
    return "ok" if free >= LEAST_FREE_MB else f"only {free} MB are free"
