"""Slow clients: a connection without a complete request in time is closed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp.web import TCPSite

from bot.queue import connection
from bot.web.application import create_app
from bot.web.serve import IDLE_SECONDS, make_runner
from tests.web.conftest import Web

SECONDS = 1.0


@pytest.fixture
async def port(web: Web) -> AsyncIterator[int]:
    """The port of the application, as it is served, with a short timeout."""
    redis = connection.connect(web.settings.redis_url)
    runner = make_runner(create_app(web.settings, web.db, redis), idle_seconds=SECONDS)
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()
    await redis.aclose()


async def seconds_until_closed(port: int, first: bytes, drip: bytes) -> float:
    """Send `first`, then `drip` every tenth of a second; returns after how long the server closed the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    writer.write(first)

    async def dripping() -> None:
        while drip:
            writer.write(drip)
            await writer.drain()
            await asyncio.sleep(0.1)

    task = asyncio.create_task(dripping())
    try:
        async with asyncio.timeout(SECONDS * 20):
            with contextlib.suppress(ConnectionError):
                while await reader.read(1000):
                    begin = loop.time()  # after a response, the timeout starts again
        return loop.time() - begin
    finally:
        task.cancel()
        writer.close()


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b""),
        (b"POST /webhook HTTP/1.1\r\nHost: x\r\n", b""),
        (b"POST /webhook HTTP/1.1\r\n", b"X-A: b\r\n"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\n", b"X-A: b\r\n"),
    ],
    ids=["silent", "stuck", "dripping headers", "dripping after an answer"],
)
async def test_a_connection_without_a_complete_request_in_time_is_closed(port: int, first: bytes, drip: bytes) -> None:
    assert SECONDS * 0.5 < await seconds_until_closed(port, first, drip) < SECONDS * 5


def test_the_timeout_is_at_most_two_minutes() -> None:
    assert 0 < IDLE_SECONDS <= 120
