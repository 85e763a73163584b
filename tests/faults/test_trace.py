"""One delivery in the logs of web, scheduler and worker, from the webhook to the comment, by its id alone."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.databases import migrated_sqlite
from tests.faults.running import started
from tests.jobs.samples import UNSAFE
from tests.repository import Repository
from tests.servers import Valkey, free_port
from tests.stack import eventually
from tests.standin import APP_ID, WEBHOOK_SECRET, key_pair, running_stand_in

PARTS = ("web", "scheduler", "worker")


async def test_a_delivery_is_followed_from_the_webhook_to_the_comment(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    started(repository)
    port, github_port = free_port(), free_port()
    env = {
        "PATH": os.environ["PATH"],
        "GITHUB_APP_ID": str(APP_ID),
        "GITHUB_PRIVATE_KEY": key_pair()[0],
        "GITHUB_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "GITHUB_API_URL": f"http://127.0.0.1:{github_port}",
        "GITHUB_URL": f"http://127.0.0.1:{github_port}",
        "GITHUB_WRITE_PAUSE_MS": "0",
        "SECRET_KEY": "a key of the tests, long enough to be one",
        "DATABASE_URL": await asyncio.to_thread(migrated_sqlite, tmp_path / "gitinsight.db"),
        "REDIS_URL": valkey.url,
        "DATA_DIR": str(tmp_path / "data"),
        "PORT": str(port),
        "LOG_FORMAT": "json",
    }
    logs = {part: tmp_path / f"{part}.log" for part in PARTS}
    running: list[subprocess.Popen[bytes]] = []
    try:
        running += [await asyncio.to_thread(_start, part, env, logs[part]) for part in PARTS]
        hook = f"http://127.0.0.1:{port}/webhook"
        await eventually(lambda: _listening(port), "web listens", 30)
        async with running_stand_in(repository.path, tmp_path, hook, port=github_port, newest=0) as github:
            repository.commit("A", {"app/shell.py": UNSAFE})
            await github.watch.look()
            sent = [one for one in github.state.deliveries if (one.event, one.action) == ("pull_request", "opened")]
            guid = sent[0].guid

            async def traced() -> dict[str, list[dict[str, Any]]] | None:
                lines = {part: _lines_about(guid, logs[part]) for part in PARTS}
                return lines if any(": failure in " in line["message"] for line in lines["worker"]) else None

            found = await eventually(traced, "the end of the analysis in the log of the worker")
            assert any("the comment of" in line["message"] for line in found["worker"])
            (stored,), (dispatched,) = found["web"], found["scheduler"]
            assert f"pull_request {guid}" in stored["message"]
            assert dispatched["message"].startswith("dispatched: AnalyzeChange")
            (analysis,) = {line["analysis_id"] for line in found["worker"]}
            assert found["worker"][0]["message"].startswith("attempt 1 at ")
            (pull,) = github.state.pulls
            assert len(github.state.comments_on(pull.number)) == 1
            assert github.state.runs_at(pull.head_sha)[0].external_id == analysis
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            await asyncio.to_thread(process.wait, 30)


async def _listening(port: int) -> bool | None:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return None
    writer.close()
    return True


def _start(part: str, env: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", "bot", part], env=env, stderr=out, start_new_session=True)


def _lines_about(guid: str, log: Path) -> list[dict[str, Any]]:
    """The lines with the id: in its own field, or in the message where web stores several deliveries at once."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
    at_once = [line for line in lines if line["message"].startswith("stored") and guid in line["message"]]
    return at_once or [line for line in lines if line.get("delivery_id") == guid]
