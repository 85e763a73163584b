"""Enqueue a job from a request. A queue that is down loses nothing that stands in the database."""

import asyncio
import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from aiohttp import web
from rq import Queue

from bot.queue.enqueue import QueueAway

QUEUE = web.AppKey("queue", Queue)
Given = ParamSpec("Given")
log = logging.getLogger(__name__)


async def enqueued(
    request: web.Request, enqueue: Callable[Concatenate[Queue, Given], None], *given: Given.args, **named: Given.kwargs
) -> bool:
    """Call one of `queue/enqueue.py` with the application's queue; False when the queue is down."""
    try:
        await asyncio.to_thread(enqueue, request.app[QUEUE], *given, **named)
    except QueueAway as away:
        log.warning("the queue does not answer: %s", away)
        return False
    return True
