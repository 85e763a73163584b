"""The worker of what waits for other servers: it sends notifications, and syncs repositories from GitHub."""

import asyncio
from uuid import UUID

from bot.jobs.resources import open_context
from bot.jobs.rq_worker import serve_queues
from bot.jobs.send_notifications import send_notifications
from bot.jobs.sync_github import sync_github
from bot.queue.enqueue import SEND_NOTIFICATIONS, SYNC_GITHUB, connect, open_notifications_queue
from bot.settings import Settings


def work(settings: Settings) -> None:
    """Run the worker until a signal stops it. SIGTERM and SIGINT let the current job finish."""

    async def sync(repository_id: UUID) -> None:
        async with open_context(settings) as context:
            await sync_github(context, repository_id)

    serve_queues(
        [open_notifications_queue(connect(settings.redis_url))],
        {
            SEND_NOTIFICATIONS: lambda: asyncio.run(send_notifications(settings)),
            SYNC_GITHUB: lambda repository_id: asyncio.run(sync(UUID(repository_id))),
        },
    )
