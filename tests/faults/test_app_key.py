"""A wrong private key: the scheduler finds it at its start, and log, admin page, `doctor` and the analysis say so."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from bot.commands.doctor import examine
from bot.domain.analyses import AnalysisStatus
from bot.github.app_key import KeyRefused, key_problem
from bot.github.tokens import App, TokenCache
from bot.jobs.heal import Healer
from bot.jobs.scheduler import schedule
from bot.local.faults import Fault
from bot.queue.enqueue import open_queue
from tests.faults.running import running, started
from tests.jobs.samples import UNSAFE
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import cancelled, eventually
from tests.standin import APP_ID, StandIn, new_key_pair

WRONG = new_key_pair()[0]
JSON = {"content-type": "application/json"}


async def test_a_wrong_key_is_found_at_once_and_named(
    repository: Repository, tmp_path: Path, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    started(repository)
    redis = Redis.from_url(valkey.url)
    async with running(repository, tmp_path) as bench:
        right = replace(bench.context, tokens=TokenCache(redis, "k"))
        bench.context = replace(right, app=App(APP_ID, WRONG, bench.github.url))
        head = repository.commit("A", {"app/shell.py": UNSAFE})
        await bench.github.watch.look()
        await bench.deliver_new("pull_request", "opened")
        waiting = await bench.work_once(head)
        assert waiting.status is AnalysisStatus.QUEUED
        assert waiting.uncounted == waiting.attempt == 1
        assert (waiting.error or "").startswith("GitHub refuses the App's key (")
        assert "Check GITHUB_APP_ID and the private key." in (waiting.error or "")
        # The right key takes the notice away, and the analysis goes on.
        bench.context = right
        assert await key_problem(redis) is not None
        await bench.work()
        assert await key_problem(redis) is None
        assert bench.runs(head)[-1].conclusion == "failure"
    await redis.aclose()


@pytest.mark.parametrize("fault", [None, Fault(404, "GET", "/app/hook/deliveries", JSON, text="Integration not found")])
async def test_the_scheduler_finds_it_without_any_analysis(
    fault: Fault | None, repository: Repository, tmp_path: Path, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    started(repository)
    redis, sync = Redis.from_url(valkey.url), SyncRedis.from_url(valkey.url)
    caplog.set_level(logging.ERROR)
    async with running(repository, tmp_path) as bench:
        queue, tokens = open_queue(sync), TokenCache(redis, "k")
        key = bench.context.app.private_key if fault else WRONG
        bench.github.faults.extend([fault] if fault else [])
        healer = Healer(bench.db, queue, tokens, App(APP_ID, key, bench.github.url))
        with pytest.raises(KeyRefused):
            await healer.redeliver_failed()
        assert await key_problem(redis) is not None
        if fault is None:
            scheduling = asyncio.create_task(schedule(bench.db, redis, queue, timedelta(days=1), healer=healer))

            async def logged() -> str | None:
                return caplog.text if "GitHub refuses the App's key" in caplog.text else None

            text = await eventually(logged, "a line of the log", 10)
            assert "Traceback" not in text
            await cancelled(scheduling)
        else:
            await healer.redeliver_failed()
            assert await key_problem(redis) is None
    await redis.aclose()


async def test_other_refusals_say_nothing_about_the_key(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    started(repository)
    redis = Redis.from_url(valkey.url)
    async with running(repository, tmp_path) as bench:
        bench.context = replace(bench.context, tokens=TokenCache(redis, "k"))
        head = repository.commit("A", {"app/shell.py": UNSAFE})
        await bench.github.watch.look()
        await bench.deliver_new("pull_request", "opened")
        bench.github.faults.append(
            Fault(403, "POST", "/access_tokens", JSON, text="This installation has been suspended")
        )
        assert "GitHub gives no access now" in ((await bench.work_once(head)).error or "")
        assert await key_problem(redis) is None
    await redis.aclose()


async def test_doctor_names_it(
    repository: Repository, tmp_path: Path, valkey: Valkey, capsys: pytest.CaptureFixture[str]
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        status = await examine(_settings(bench.github, valkey, tmp_path))
    printed = " ".join(capsys.readouterr().out.split())
    assert status == 1
    assert "✗ GitHub: the App's credentials are rejected" in printed
    assert "Check GITHUB_APP_ID and the private key" in printed


def _settings(stand_in: StandIn, valkey: Valkey, tmp_path: Path) -> dict[str, str]:
    return {
        "GITHUB_APP_ID": str(APP_ID),
        "GITHUB_PRIVATE_KEY": WRONG,
        "GITHUB_WEBHOOK_SECRET": "w" * 32,
        "GITHUB_API_URL": stand_in.url,
        "SECRET_KEY": "a key of the tests, long enough to be one",
        "DATA_DIR": str(tmp_path / "data"),
        "REDIS_URL": valkey.url,
    }
