"""GitHub's limits: one installation's workers stop together, write one after the other, and stop nobody else."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.errors import RateLimited
from bot.github.client import GitHubClient, client, open_session
from bot.github.tokens import TokenCache
from bot.local.faults import Fault
from tests.faults import secondary_rate_limit, too_many_requests
from tests.local.conftest import token_of
from tests.repository import Repository
from tests.servers import Valkey
from tests.standin import StandIn, running_stand_in

RESET = str(int(time.time()) + 900)
BARE = Fault(429, "*", "", {}, 1, "")
SPENT = Fault(403, "*", "", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": RESET}, 1, "API rate limit exceeded")


@asynccontextmanager
async def two_workers(
    repository: Repository, tmp_path: Path, valkey: Valkey, *, between_writes: float = 0.0
) -> AsyncIterator[tuple[StandIn, list[GitHubClient], GitHubClient]]:
    """The stand-in, the clients of two workers of one installation, and one of another installation."""
    repository.commit("First", {"a.py": ""})
    async with running_stand_in(repository.path, tmp_path, newest=0) as github, open_session() as session:
        token = await token_of(github)
        redis = [Redis.from_url(valkey.url) for _ in range(3)]
        caches = [TokenCache(one, "k", between_writes=between_writes) for one in redis]
        paces = [cache.pace(number) for cache, number in zip(caches, (7, 7, 8), strict=True)]
        one, two, other = (client(session, github.url, token, pace) for pace in paces)
        yield github, [one, two], other
        for connection in redis:
            await connection.aclose()


@pytest.mark.parametrize("fault", [too_many_requests(30), secondary_rate_limit(30), BARE, SPENT])
async def test_after_a_limit_no_worker_of_the_installation_calls(
    fault: Fault, repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    async with two_workers(repository, tmp_path, valkey) as (github, (one, two), other):
        path = f"/repos/{github.hub.identity.full_name}"
        github.faults.append(fault)
        with pytest.raises(RateLimited) as first:
            await one.getitem(path)
        next_call = Fault(500, "*", "", {}, 1)
        github.faults.append(next_call)
        with pytest.raises(RateLimited) as second:
            await two.getitem(path)
        assert next_call.times == 1
        assert second.value.after == pytest.approx(first.value.after, abs=2)
        github.faults.clear()
        assert (await other.getitem(path))["full_name"] == github.hub.identity.full_name


async def test_a_longer_stop_stays(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    async with two_workers(repository, tmp_path, valkey) as (_, (one, two), _other):
        assert one.pace is not None
        assert two.pace is not None
        await one.pace.stop(100)
        await two.pace.stop(1)
        with pytest.raises(RateLimited) as stopped:
            await one.pace.before_request(writes=False)
        assert stopped.value.after > 90


async def test_writes_of_all_workers_are_apart_and_reads_are_not(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    async with two_workers(repository, tmp_path, valkey, between_writes=0.2) as (_, workers, other):
        written: list[float] = []

        async def write(worker: GitHubClient) -> None:
            assert worker.pace is not None
            await worker.pace.before_request(writes=True)
            written.append(time.monotonic())

        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                for worker in workers:
                    tasks.create_task(write(worker))
        assert all(later - earlier > 0.18 for earlier, later in itertools.pairwise(written))
        begin = time.monotonic()
        await write(other)
        for worker in workers:
            assert worker.pace is not None
            await worker.pace.before_request(writes=False)
        assert time.monotonic() - begin < 0.15
