"""Ringing the queue from a request: a queue that is away loses nothing that the database holds."""

import asyncio
import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from aiohttp import web
from rq import Queue

from bot.queue import QueueAway

QUEUE = web.AppKey("queue", Queue)
Given = ParamSpec("Given")
log = logging.getLogger(__name__)


async def rung(
    request: web.Request, ring: Callable[Concatenate[Queue, Given], None], *given: Given.args, **named: Given.kwargs
) -> bool:
    """Ring; False when the queue is away."""
    try:
        await asyncio.to_thread(ring, request.app[QUEUE], *given, **named)
    except QueueAway as away:
        log.warning("the queue is away: %s", away)
        return False
    return True
