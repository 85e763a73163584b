"""How attempts end is counted, with the seconds of their steps; so is what GitHub has left for the installation."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from redis.asyncio import Redis
from sqlalchemy import update

from bot.db import analyses
from bot.db.engine import now
from bot.db.tables import Analysis
from bot.domain.analyses import AnalysisStatus
from bot.github.budget import read_budget
from bot.github.tokens import TokenCache
from bot.local.faults import Fault
from bot.queue.counters import ENDLESS, STEP_SECONDS, SUM, of_step, read_counters
from tests.faults.running import running, started
from tests.jobs.samples import UNSAFE
from tests.repository import Repository
from tests.servers import Valkey


async def test_attempts_are_counted(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    started(repository)
    redis = Redis.from_url(valkey.url)
    async with running(repository, tmp_path) as bench:
        bench.context = replace(bench.context, redis=redis, tokens=TokenCache(redis, "k"))
        head = repository.commit("A", {"app/shell.py": UNSAFE})
        await bench.github.watch.look()
        await bench.deliver_new("pull_request", "opened")
        bench.github.faults.append(Fault(502, "POST", "/check-runs"))
        assert (await bench.work_once(head)).status is AnalysisStatus.QUEUED
        assert await read_counters(redis) == {("retries", "github"): 1}
        waiting = (await bench.rows(head))[0].id
        async with bench.db.writing() as session:
            await session.execute(update(Analysis).values(lease_until=None))
        claimed = await analyses.claim(bench.db, waiting)
        assert claimed is not None
        async with bench.db.writing() as session:  # its worker is killed
            await session.execute(update(Analysis).values(lease_until=now() - timedelta(seconds=1)))
        await bench.work()
        found = await read_counters(redis)
        others = {field: amount for field, amount in found.items() if field[0] != STEP_SECONDS}
        assert others == {
            ("retries", "github"): 1,
            ("retries", "worker-died"): 1,
            ("analyses", "completed", "failure"): 1,
        }
        steps = Counter(field[1] for field in found if field[0] == STEP_SECONDS)
        assert set(steps) == {"start", "fetch", "history", "read", "scan", "analyze", "save", "publish"}
        assert set(steps.values()) == {2}  # a bucket and the sum
        assert 0.5 < (await read_budget(redis)).lowest < 1
    await redis.aclose()


def test_a_step_falls_into_the_first_bucket_that_is_large_enough() -> None:
    for seconds, bucket in ((0.0, "0.1"), (0.1, "0.1"), (0.11, "0.5"), (900.0, "900"), (900.1, ENDLESS)):
        assert dict(of_step("fetch", seconds)) == {
            (STEP_SECONDS, "fetch", bucket): 1.0,
            (STEP_SECONDS, "fetch", SUM): seconds,
        }
