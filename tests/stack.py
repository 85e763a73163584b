"""The whole app against the stand-in for GitHub: web in this process, workers as processes, everything over HTTP."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy import select

from bot.db.engine import Database
from bot.db.tables import Analysis, InsightRow
from bot.jobs.scheduler import schedule
from bot.queue import connection
from bot.queue.enqueue import connect, open_queue
from bot.settings import Settings, read_settings
from bot.web.application import create_app
from tests.databases import migrated_sqlite
from tests.servers import Valkey, free_port
from tests.standin import APP_ID, WEBHOOK_SECRET, StandIn, key_pair, running_stand_in

DEADLINE = 60.0
CLIENT_SECRET = "the client secret of the tests"
T = TypeVar("T")


async def eventually(probe: Callable[[], Awaitable[T | None]], what: str, deadline: float = DEADLINE) -> T:
    """Call the probe until its result is not None, and return the result. Fails after the deadline."""
    try:
        async with asyncio.timeout(deadline):
            while True:
                if (found := await probe()) is not None:
                    return found
                await asyncio.sleep(0.03)
    except TimeoutError:
        raise AssertionError(f"not within {deadline:g} s: {what}") from None


async def cancelled(task: "asyncio.Task[None]") -> None:
    """Stop a task and wait for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@dataclass
class Stack:
    """A running app. Check runs and comments are read from the stand-in, rows from the database."""

    settings: Settings
    env: dict[str, str]
    db: Database
    github: StandIn
    valkey: Valkey
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def start_worker(self, *options: str) -> "subprocess.Popen[bytes]":
        """Start another worker process."""
        argv = [sys.executable, "-m", "bot", "worker", *options]
        worker = subprocess.Popen(argv, env=self.env, start_new_session=True)
        self.workers.append(worker)
        return worker

    def kill_worker(self, worker: "subprocess.Popen[bytes]") -> None:
        """Kill a worker and the job that it runs with SIGKILL."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(worker.pid)], capture_output=True, text=True, check=False
        )
        worker.kill()
        for pid in listed.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        worker.wait()

    async def check_run(self, sha: str) -> dict[str, Any]:
        """Wait until the newest check run on a head is concluded, and return it."""

        async def concluded() -> dict[str, Any] | None:
            runs = self.check_runs(sha)
            return runs[-1] if runs and runs[-1]["status"] == "completed" else None

        return await eventually(concluded, f"a concluded check run on {sha}")

    def check_runs(self, sha: str) -> list[dict[str, Any]]:
        """All check runs on a head, oldest first."""
        return [asdict(run) for run in sorted(self.github.state.runs_at(sha), key=lambda run: run.id)]

    def comments(self, number: int) -> list[str]:
        """The bodies of a pull request's comments."""
        return [comment.body for comment in self.github.state.comments_on(number)]

    async def analyses(self) -> list[Analysis]:
        """All analyses, oldest first."""
        async with self.db.reading() as session:
            return list(await session.scalars(select(Analysis).order_by(Analysis.created_at)))

    async def insights(self, sha: str) -> list[InsightRow]:
        """The insights on a head."""
        async with self.db.reading() as session:
            return list(await session.scalars(select(InsightRow).where(InsightRow.head_sha == sha)))

    async def finished(self, sha: str) -> Analysis:
        """Wait until the analysis of a head has ended, and return it."""

        async def over() -> Analysis | None:
            rows = [row for row in await self.analyses() if row.head_sha == sha]
            return rows[-1] if rows and rows[-1].status in {"completed", "failed", "superseded"} else None

        return await eventually(over, f"the end of the analysis of {sha}")


@asynccontextmanager
async def running_stack(
    repository: Path,
    tmp_path: Path,
    valkey: Valkey,
    *,
    workers: int = 1,
    database_url: str | None = None,
    scheduler: bool = True,
    public_pages: bool = True,
    env: dict[str, str] | None = None,
    **stand_in: Any,
) -> AsyncIterator[Stack]:
    """Run the app for the duration of the block.

    database_url: of a database with the newest schema; None for a new one of SQLite.
    stand_in: fields of the stand-in's LocalConfig.
    """
    port = free_port()
    github_port = free_port()
    private, _ = key_pair()
    if database_url is None:
        database_url = await asyncio.to_thread(migrated_sqlite, tmp_path / "gitinsight.db")
    variables: dict[str, str] = {
        "PATH": os.environ["PATH"],
        "GITHUB_APP_ID": str(APP_ID),
        "GITHUB_PRIVATE_KEY": private,
        "GITHUB_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "GITHUB_API_URL": f"http://127.0.0.1:{github_port}",
        "GITHUB_URL": f"http://127.0.0.1:{github_port}",
        "GITHUB_WRITE_PAUSE_MS": "0",
        "GITHUB_CLIENT_ID": f"Iv1.local{APP_ID}",
        "GITHUB_CLIENT_SECRET": CLIENT_SECRET,
        "SECRET_KEY": "a key of the tests, long enough to be one",
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey.url,
        "DATA_DIR": str(tmp_path / "data"),
        "PORT": str(port),
    } | (env or {})
    settings = read_settings(variables)
    db = Database(settings.database_url)
    redis, queue = connection.connect(settings.redis_url), open_queue(connect(settings.redis_url))
    runner = web.AppRunner(create_app(settings, db, redis, public_pages=public_pages), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sweeping = (
        asyncio.create_task(schedule(db, redis, queue, timedelta(days=400), mail=settings.mail is not None))
        if scheduler
        else None
    )
    stand_in = {"app_url": settings.public_url, "client_secret": CLIENT_SECRET} | stand_in
    stand_in.setdefault("newest", 0)  # replayed changes would be analyzed beside those of the test
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(db.close)
        stack.push_async_callback(redis.aclose)
        stack.push_async_callback(runner.cleanup)
        github = await stack.enter_async_context(
            running_stand_in(repository, tmp_path, f"{settings.public_url}/webhook", port=github_port, **stand_in)
        )
        running = Stack(settings, variables, db, github, valkey)
        for _ in range(workers):
            running.start_worker()
        try:
            yield running
        finally:
            if sweeping is not None:
                await cancelled(sweeping)
            for worker in running.workers:
                if worker.poll() is None:
                    running.kill_worker(worker)
