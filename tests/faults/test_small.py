"""Small ways in and out: malformed requests in the log, a wrong clock, a token that GitHub repeats."""

import asyncio
import logging
import time
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import web
from gidgethub import BadRequest
from redis.asyncio import Redis

from bot.github.as_app import App
from bot.github.client import client, open_session
from bot.github.tokens import READ_CONTENTS, TokenCache, installation_token
from bot.local.faults import Fault
from bot.mail import check_address
from bot.web.serve import in_one_line, make_runner
from tests.repository import Repository
from tests.servers import Valkey
from tests.standin import APP_ID, key_pair, running_stand_in

POST = b"POST /webhook HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x00\r\n\r\n",
        POST + b"Content-Length: x\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        POST + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde",
        POST + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nabcde",
        POST + b"X: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
)
async def test_a_malformed_request_leaves_no_traceback(request_bytes: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=HTTPStatus.BAD_REQUEST if "Content-Encoding" in request.headers else HTTPStatus.OK)

    app, server = web.Application(), logging.getLogger("aiohttp.server")
    app.router.add_post("/webhook", answer)
    runner = make_runner(app)
    server.addFilter(in_one_line)
    try:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(request_bytes)
        assert b" 400 " in await reader.readline()
        writer.close()
    finally:
        await runner.cleanup()
        server.removeFilter(in_one_line)
    assert "Traceback" not in caplog.text
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


@pytest.mark.parametrize("ahead", [180, -700])
async def test_a_wrong_clock_is_corrected_by_githubs(
    ahead: int, repository: Repository, tmp_path: Path, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit("First", {"a.py": ""})
    async with running_stand_in(repository.path, tmp_path, newest=0) as github, open_session() as session:
        cache = TokenCache(Redis.from_url(valkey.url), "k")
        app = App(APP_ID, key_pair()[0], github.url)
        true_time = time.time
        ids = (github.installation_id, github.hub.identity.repository_id)
        moved = type("Clock", (), {"time": staticmethod(lambda: true_time() + ahead)})
        monkeypatch.setattr("bot.github.as_app.time", moved)
        assert (await installation_token(session, cache, app, *ids, READ_CONTENTS)).startswith("ghs_")


async def test_a_token_that_github_repeats_is_redacted(repository: Repository, tmp_path: Path) -> None:
    repository.commit("First", {"a.py": ""})
    token = "ghs_" + "a1" * 20
    async with running_stand_in(repository.path, tmp_path, newest=0) as github, open_session() as session:
        github.faults.append(
            Fault(403, "*", "", {"content-type": "application/json; charset=utf-8"}, 1, f"No access with {token}.")
        )
        with pytest.raises(BadRequest) as refused:
            await client(session, github.url, token).getitem(f"/repos/{github.hub.identity.full_name}")
    assert token not in str(refused.value)
    assert "[redacted]" in str(refused.value)


@pytest.mark.parametrize("address", ["a@[127.0.0.1]", "a@[IPv6:::1]", "a@[x]", "a@["])
def test_an_address_of_a_machine_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not a mail address"):
        check_address(address)
