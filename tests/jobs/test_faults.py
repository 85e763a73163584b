"""Faults: Redis is down, a worker is killed, GitHub fails, an installation is unknown. Nothing is lost or hangs."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import delete

from bot.db.deliveries import newest
from bot.db.tables import Analysis
from tests.contract.examples import examples
from tests.faults import secondary_rate_limit, too_many_requests
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository
from tests.servers import Valkey, running_valkey
from tests.stack import Stack, eventually, running_stack
from tests.web.posting import post_webhook


def started(repository: Repository) -> str:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    return repository.commit("worse", {"app/shell.py": UNSAFE})


async def registered(stack: Stack, head: str) -> None:
    async def known() -> bool | None:
        return any(row.head_sha == head for row in await stack.analyses()) or None

    await eventually(known, "the analysis is registered")


async def test_deliveries_are_accepted_without_redis_and_analyzed_later(repository: Repository, tmp_path: Path) -> None:
    head = started(repository)
    with running_valkey(tmp_path / "valkey") as valkey:
        valkey.stop()
        async with running_stack(repository.path, tmp_path, valkey, workers=0) as stack:
            await registered(stack, head)
            assert all(delivery.status_code == 202 for delivery in stack.github.state.deliveries)
            await asyncio.to_thread(valkey.start)
            stack.start_worker()
            assert (await stack.check_run(head))["conclusion"] == "neutral"


async def test_the_check_run_of_a_killed_worker_is_concluded(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    head = started(repository)
    async with running_stack(repository.path, tmp_path, valkey, workers=0) as stack:
        await registered(stack, head)
        worker = stack.start_worker()

        async def opened() -> bool | None:
            return any(run["status"] == "in_progress" for run in stack.check_runs(head)) or None

        await eventually(opened, "a check run in progress")
        await asyncio.to_thread(stack.kill_worker, worker)
        assert [run["status"] for run in stack.check_runs(head)] == ["in_progress"]
        began = time.monotonic()
        stack.start_worker()
        run = await stack.check_run(head)
        assert run["conclusion"] == "neutral"
        assert time.monotonic() - began < 60
        assert len(stack.check_runs(head)) == 1


async def test_temporary_errors_of_github_only_delay_the_analysis(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    head = started(repository)
    async with running_stack(repository.path, tmp_path, valkey, workers=0) as stack:
        await registered(stack, head)
        stack.github.faults.append(secondary_rate_limit(1, "/check-runs", "POST"))
        stack.github.faults.append(too_many_requests(1, "/check-runs/", "PATCH"))
        stack.start_worker()
        assert (await stack.check_run(head))["conclusion"] == "neutral"
        assert len(stack.check_runs(head)) == 1


async def test_revoked_tokens_are_replaced(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    started(repository)
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        await stack.check_run(repository.head())
        revoked = [token.digest for token in stack.github.state.tokens]
        assert len(revoked) == 2  # one for git, one for the report
        for digest in revoked:
            stack.github.state.tokens.delete(digest)
        head = repository.commit("more", {"app/other.py": UNSAFE})
        await stack.github.watch.look()
        run = await stack.check_run(head)
        # Whichever job comes first gets the 401, perhaps the last look of an analysis of the head before.
        assert (await stack.finished(head)).status == "completed"
        assert (run["conclusion"], "`app/other.py`" in run["summary"]) == ("neutral", True)
        assert {token.digest for token in stack.github.state.tokens}.isdisjoint(revoked)


async def test_a_delivery_can_be_replayed(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    head = started(repository)
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        first = await stack.finished(head)
        [delivery] = [one for one in await newest(stack.db, 10) if one.event == "pull_request"]
        async with stack.db.writing() as session:
            await session.execute(delete(Analysis))
        argv = [sys.executable, "-m", "bot", "replay", delivery.id]
        done = await asyncio.to_thread(subprocess.run, argv, env=stack.env, capture_output=True, text=True, check=True)
        assert done.stdout == f"pull_request {delivery.id}: done\n"
        again = await stack.finished(head)
        assert (again.status, again.conclusion) == ("completed", first.conclusion)
        assert again.id != first.id


async def test_an_analysis_of_an_unknown_installation_fails_with_a_reason(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    payload = next(
        payload
        for event, payload in examples()
        if event == "pull_request" and payload["action"] == "opened" and "installation" in payload
    )
    payload = json.loads(json.dumps(payload))
    payload["installation"]["id"] = 999
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        assert await post_webhook(stack.settings, "pull_request", payload) == 202
        row = await stack.finished(payload["pull_request"]["head"]["sha"])
        assert row.status == "failed"
        assert "access" in (row.error or "")
