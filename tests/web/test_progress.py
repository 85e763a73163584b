"""The progress of an analysis as server-sent events."""

import asyncio

import aiohttp
import pytest

from bot.db.tables import Analysis
from bot.domain.analyses import AnalysisStatus
from bot.web.pages.progress import STREAMS, Streams
from tests.stack import eventually
from tests.web.conftest import Web
from tests.web.filled import Filled, fill


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


@pytest.fixture
def streams(web: Web) -> Streams:
    """The streams of the application, with a short poll interval."""
    app = web.client.app
    assert app is not None
    found = app[STREAMS]
    found.poll_seconds = 0.02
    return found


async def set_to(web: Web, rows: Filled, status: AnalysisStatus, step: str = "", progress: float = 0.0) -> None:
    async with web.db.writing() as session:
        row = await session.get_one(Analysis, rows.analysis)
        row.status, row.step, row.progress = status, step, progress


def place(rows: Filled) -> str:
    return f"/repositories/{rows.public}/analyses/{rows.analysis}/events"


async def until(answer: aiohttp.ClientResponse, words: bytes) -> bytes:
    async with asyncio.timeout(20):
        return await answer.content.readuntil(words)


async def test_each_step_and_the_end_are_events(web: Web, rows: Filled, streams: Streams) -> None:
    await set_to(web, rows, AnalysisStatus.QUEUED)
    async with web.client.get(place(rows)) as answer:
        assert answer.content_type == "text/event-stream" and answer.headers["Cache-Control"] == "no-store"
        assert b'"status":"queued"' in await until(answer, b"}\n\n")
        await set_to(web, rows, AnalysisStatus.IN_PROGRESS, "scan", 0.5)
        sent = await until(answer, b"}\n\n")
        assert b'event: progress\ndata: {"status":"in_progress","step":"scan"' in sent
        assert b'"step_name":"Running the scanners","progress":0.5}' in sent
        await set_to(web, rows, AnalysisStatus.COMPLETED, "done", 1.0)
        assert await answer.read() == b"event: done\ndata: {}\n\n"
    assert streams.open == 0


async def test_a_stream_sends_heartbeats_and_ends_in_time(web: Web, rows: Filled, streams: Streams) -> None:
    streams.heartbeat_seconds, streams.max_seconds = 0.1, 0.6
    await set_to(web, rows, AnalysisStatus.IN_PROGRESS, "scan", 0.5)
    async with web.client.get(place(rows)) as answer:
        sent = await answer.read()
    assert sent.count(b"event: progress") == 1 and b": heartbeat" in sent and b"event: done" not in sent


async def test_the_number_of_open_streams_is_limited(web: Web, rows: Filled, streams: Streams) -> None:
    streams.max_streams, streams.heartbeat_seconds = 1, 0.02
    await set_to(web, rows, AnalysisStatus.IN_PROGRESS, "scan", 0.5)
    async with web.client.get(place(rows)) as first:
        await until(first, b"}\n\n")
        async with web.client.get(place(rows)) as second:
            assert (second.status, second.headers["Retry-After"]) == (503, "10")
        first.close()  # a closed stream makes room for another

    async def free() -> bool | None:
        return True if streams.open == 0 else None

    await eventually(free, "room for the next stream")
    await set_to(web, rows, AnalysisStatus.FAILED)
    async with web.client.get(place(rows)) as answer:
        assert b"event: done" in await answer.read()


async def test_streams_end_when_the_process_stops(web: Web, rows: Filled, streams: Streams) -> None:
    await set_to(web, rows, AnalysisStatus.IN_PROGRESS, "scan", 0.5)
    async with web.client.get(place(rows)) as answer:
        await until(answer, b"}\n\n")
        streams.stopping.set()
        await answer.read()
    assert streams.open == 0
