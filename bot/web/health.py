"""`/healthz`: the process runs. `/readyz`: the database and the queue answer. `/metrics`: Prometheus."""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.db.engine import Database

DATABASE = web.AppKey("database", Database)
REDIS = web.AppKey("redis", Redis)


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)


async def healthz(request: web.Request) -> web.Response:
    """Answer 200 as long as the process serves requests."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Answer 200 when the database and the queue answer, else 503 with the error of each."""
    state = {"database": "ok", "queue": "ok"}
    try:
        async with asyncio.timeout(3), request.app[DATABASE].reading() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as problem:
        state["database"] = type(problem).__name__
    try:
        async with asyncio.timeout(3):
            await request.app[REDIS].ping()
    except (RedisError, OSError, TimeoutError) as problem:
        state["queue"] = type(problem).__name__
    ready = all(value == "ok" for value in state.values())
    return web.json_response(state, status=200 if ready else 503)


async def metrics(request: web.Request) -> web.Response:
    """The counters of this process."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
