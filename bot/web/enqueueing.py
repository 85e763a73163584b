"""Enqueue a job from a request. If the queue is down, the sweep enqueues the rows in the database later."""

import asyncio
import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from aiohttp import web
from rq import Queue

from bot.queue.enqueue import QueueUnavailable

QUEUE = web.AppKey("queue", Queue)
P = ParamSpec("P")
log = logging.getLogger(__name__)


async def enqueued(
    request: web.Request, enqueue: Callable[Concatenate[Queue, P], None], *args: P.args, **kwargs: P.kwargs
) -> bool:
    """Call a function of `queue/enqueue.py` with the application's queue. Returns False when the queue is down."""
    try:
        await asyncio.to_thread(enqueue, request.app[QUEUE], *args, **kwargs)
    except QueueUnavailable as problem:
        log.warning("the queue does not answer: %s", problem)
        return False
    return True
