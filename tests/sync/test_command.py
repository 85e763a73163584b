"""`gitinsight backfill REPO` includes the sync, says until when it waits, and goes on at the next call."""

import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec
from sqlalchemy import update

from bot.db.engine import now
from bot.db.github_tables import SyncStateRow
from bot.db.stored_items import stream_items
from bot.local.keys import RATE
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, running_stack
from tests.sync.conftest import issue, stored_repository


async def backfill(stack: Stack, **env: str) -> str:
    argv = [sys.executable, "-m", "bot", "backfill", "local/project"]
    done = await asyncio.to_thread(
        subprocess.run, argv, env=stack.env | {"COLUMNS": "200"} | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_command_syncs(repository: Repository, tmp_path: Path, valkey: Valkey) -> None:
    file = tmp_path / "items.jsonl"
    file.write_bytes(b"".join(msgspec.json.encode(issue(number)) + b"\n" for number in range(1, 301)))
    repository.commit("first", {"a.py": "1\n"})
    async with running_stack(repository.path, tmp_path, valkey, workers=0, scheduler=False, items=file) as stack:
        identifier = await stored_repository(stack.db, stack.github)

        async def stored() -> int:
            return len([one async for one in stream_items(stack.db, identifier)])

        with_app = {"GITHUB_URL": stack.env["GITHUB_URL"].replace("127.0.0.1", "localhost")}
        stack.github.app[RATE].set_remaining(2_507)
        told = await backfill(stack, **with_app)
        assert "left to analyses. The sync goes on at" in told
        assert 0 < await stored() < 300
        stack.github.app[RATE].set_remaining(5_000)
        async with stack.db.writing() as session:
            await session.execute(update(SyncStateRow).values(due_at=now()))
        told = await backfill(stack, **with_app)
        assert "Issues, pull requests and the rest are synced from GitHub." in told
        assert await stored() == 300
