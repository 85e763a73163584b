"""Jobs in this process against the stand-in: real git, HTTP, SQLite and analyses; the test decides what runs when."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import select, update

from bot.db import analyses
from bot.db.engine import Database
from bot.db.orders import carry_out
from bot.db.tables import Analysis, PullRequest
from bot.dispatch.events import orders_of
from bot.domain.analyses import AnalysisKind, AnalysisStatus
from bot.domain.orders import AnalyzeChange
from bot.github.tokens import App, TokenCache
from bot.jobs.analyze_change import analyze_change
from bot.local.config import BOT_LOGIN
from bot.local.records import CheckRun
from bot.pipeline.context import Context
from tests.databases import migrated_sqlite
from tests.jobs.samples import HARMLESS
from tests.repository import Repository
from tests.standin import StandIn, running_stand_in

NO_REDIS = "redis://127.0.0.1:9"
GATE = "gate: low\n"


@dataclass(frozen=True)
class Counted:
    """What became of the changes of a test.

    lost: changes that were delivered and have no analysis, and check runs that are open although no analysis goes on.
    doubled: our comments beyond the first of a pull request, and open check runs beyond the first of a head.
    """

    lost: int
    doubled: int


counted: list[Counted] = []


@dataclass
class Running:
    """A stand-in and the resources of a job. enqueued: the analyses that jobs enqueued."""

    github: StandIn
    db: Database
    context: Context
    enqueued: list[UUID] = field(default_factory=list)
    delivered: int = 0
    asked: set[str] = field(default_factory=set)

    def deliveries(self, event: str, action: str | None = None) -> list[dict[str, Any]]:
        """The payloads that the stand-in has sent, oldest first."""
        sent = [one for one in self.github.state.deliveries if one.event == event and one.action == action]
        return [json.loads(one.payload) for one in sent]

    async def deliver(self, event: str, *payloads: dict[str, Any]) -> None:
        """Dispatch payloads one after the other."""
        for payload in payloads:
            self.delivered += 1
            orders = await orders_of(event, str(self.delivered), payload)
            self.asked |= {order.key for order in orders if isinstance(order, AnalyzeChange)}
            await carry_out(self.db, orders)

    async def deliver_new(self, event: str, action: str | None = None) -> None:
        """Dispatch the newest payload of this event that the stand-in has sent."""
        await self.deliver(event, self.deliveries(event, action)[-1])

    async def work(self) -> None:
        """Run the job of every analysis that waits, newest first, until none waits. Delays count as over."""
        for _ in range(100):
            async with self.db.writing() as session:
                await session.execute(
                    update(Analysis).where(Analysis.status == AnalysisStatus.QUEUED).values(lease_until=None)
                )
            waiting = await analyses.find_unleased(self.db, [AnalysisKind.CHANGE], queued_for=timedelta(seconds=-1))
            if not waiting:
                return
            await analyze_change(self.context, waiting[-1])
        raise AssertionError("the analyses do not end")

    async def work_once(self, head: str) -> Analysis:
        """Run the job of the newest waiting analysis of a head once."""
        waits = (Analysis.head_sha == head, Analysis.status == AnalysisStatus.QUEUED)
        async with self.db.writing() as session:
            await session.execute(update(Analysis).where(*waits).values(lease_until=None))
            query = select(Analysis.id).where(*waits).order_by(Analysis.created_at.desc())
            identifier = (await session.scalars(query)).first()
        assert identifier is not None
        await analyze_change(self.context, identifier)
        async with self.db.reading() as session:
            return await session.get_one(Analysis, identifier)

    async def rows(self, head: str | None = None) -> list[Analysis]:
        """The analyses, oldest first."""
        query = select(Analysis).order_by(Analysis.created_at)
        if head is not None:
            query = query.where(Analysis.head_sha == head)
        async with self.db.reading() as session:
            return list(await session.scalars(query))

    async def verdict(self) -> Analysis | None:
        """The analysis that spoke last for the only pull request."""
        async with self.db.reading() as session:
            pull = await session.scalar(select(PullRequest))
            return await session.get(Analysis, pull.verdict_id) if pull and pull.verdict_id else None

    def runs(self, sha: str) -> list[CheckRun]:
        """The check runs on a commit, oldest first."""
        return sorted(self.github.state.runs_at(sha), key=lambda run: run.id)

    def comments(self, number: int) -> list[str]:
        """The bodies of a pull request's comments."""
        return [comment.body for comment in self.github.state.comments_on(number)]

    async def count(self) -> Counted:
        """Count what was lost and doubled so far."""
        rows, state = await self.rows(), self.github.state
        working = {str(row.id) for row in rows if not row.status.is_final}
        open_runs = [run for run in state.check_runs if run.status != "completed"]
        lost = len(self.asked - {row.key for row in rows})
        lost += sum(run.external_id not in working for run in open_runs)
        comments = [[one for one in state.comments_on(pull.number) if one.user == BOT_LOGIN] for pull in state.pulls]
        doubled = sum(max(0, len(ours) - 1) for ours in comments)
        return Counted(lost, doubled + len(open_runs) - len({run.head_sha for run in open_runs}))

    def assert_all_concluded(self) -> None:
        """No check run is in progress."""
        assert [run for run in self.github.state.check_runs if run.status != "completed"] == []


@asynccontextmanager
async def running(repository: Repository, tmp_path: Path, **stand_in: Any) -> AsyncIterator[Running]:
    """Run the stand-in for the duration of the block. Nothing is delivered by itself, and no worker runs."""
    db = Database(await asyncio.to_thread(migrated_sqlite, tmp_path / "gitinsight.db"))
    redis = Redis.from_url(NO_REDIS)
    enqueued: list[UUID] = []
    try:
        async with running_stand_in(repository.path, tmp_path, newest=0, **stand_in) as github:
            context = Context(
                db=db,
                tokens=TokenCache(redis, "a key of the tests, long enough to be one"),
                app=App(github.config.app_id, github.private_key_pem, github.url),
                github_url=github.url,
                public_url="http://127.0.0.1",
                mirrors=tmp_path / "mirrors",
                max_repository_mb=100,
                enqueue_change_analysis=enqueued.append,
                enqueue_learn_history=lambda _: None,
                enqueue_back_test=lambda _: None,
            )
            made = Running(github, db, context, enqueued)
            await made.deliver_new("installation", "created")
            yield made
            counted.append(await made.count())
    finally:
        await redis.aclose()
        await db.close()


def started(repository: Repository) -> None:
    """A base with a gate, and the branch of a pull request."""
    repository.commit("first", {"app/core.py": HARMLESS, ".github/gitinsight.yml": GATE})
    repository.branch("topic")
