"""Add the API to the application: the objects that its calls need, and its routes."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web
from redis.asyncio import Redis

from bot.db.sealed import Sealer
from bot.github.client import open_session
from bot.github.tokens import App
from bot.queue.enqueue import connect, open_queue
from bot.settings import Settings
from bot.web import auth, enqueueing
from bot.web.api import ai, cache, cors, docs_page, notifications, rates, repositories
from bot.web.api.openapi import document
from bot.web.api.routes import BASE, CALLS, routes


def setup(app: web.Application, settings: Settings, redis: Redis) -> None:
    """Add the API. `sign_in.setup` replaces `app[auth.SCOPE]` where sign-in is configured."""
    app[auth.KEYS] = auth.Keys(settings.secret_key, settings.secret_key_previous)
    app[auth.SCOPE] = auth.no_access
    app[rates.RATES] = rates.Rates(redis, settings.api_rate)
    app[notifications.SEALER] = Sealer(settings.secret_keys)
    app[notifications.OUTBOUND] = settings.outbound_allow
    app[cache.CACHE] = cache.ApiCache()
    app[cors.ORIGINS] = frozenset(settings.cors_origins)
    app[repositories.GITHUB] = App(settings.app_id, settings.private_key, settings.github_api_url)
    app[repositories.GITHUB_URL] = settings.github_url
    app[ai.REPLY_TIMEOUT] = ai.WAIT_SECONDS
    app[ai.WAITING] = asyncio.Semaphore(ai.MAX_WAITING)
    queue = connect(settings.redis_url)
    app[enqueueing.QUEUE] = open_queue(queue)

    async def session(app: web.Application) -> AsyncIterator[None]:
        async with open_session() as opened:
            app[repositories.SESSION] = opened
            yield
        queue.close()

    app.cleanup_ctx.append(session)
    docs_page.setup(app, lambda: document(CALLS, settings.public_url + BASE))
    app.add_routes(routes())
