"""The stand-in with issues and pull requests, and a repository of it in the database, synced by the job itself."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from bot.db import stored_items, sync_states
from bot.db.engine import Database, now
from bot.db.github_tables import SyncStateRow
from bot.db.tables import Installation, Repository, Table
from bot.domain.items import Item
from bot.domain.sync import ResourceState, SyncResource
from bot.github.tokens import App, TokenCache
from bot.jobs.sync_github import sync_github
from bot.local.item_records import Issue, Pull, Record
from bot.pipeline.context import Context
from bot.sync.run import Slice
from tests.repository import Repository as GitRepository
from tests.servers import Valkey
from tests.standin import StandIn, running_stand_in

SECRET_KEY = "a key of the tests, long enough to be one"


@dataclass
class Synced:
    """A repository, its rows, and the requests that GitHub got for it.

    requests: path and query of each, without the name of the repository.
    learned: the repositories whose learning was enqueued.
    """

    stand_in: StandIn
    db: Database
    redis: Redis
    context: Context
    id: UUID
    requests: list[str] = field(default_factory=list)
    learned: list[UUID] = field(default_factory=list)

    async def sync(self, limits: Slice | None = None) -> bool:
        """Run the job."""
        return await sync_github(self.context, self.id, limits=limits)

    async def state(self, resource: SyncResource) -> ResourceState:
        """The state of one resource."""
        return next(one for one in await sync_states.get_states(self.db, self.id) if one.resource is resource)

    async def states(self) -> dict[str, str]:
        """The status of each resource."""
        return {one.resource.value: one.status.value for one in await sync_states.get_states(self.db, self.id)}

    async def items(self) -> dict[int, Item]:
        """The stored issues and pull requests."""
        return {one.number: one async for one in stored_items.stream_items(self.db, self.id)}

    async def count(self, table: type[Table]) -> int:
        """How many rows a table has."""
        async with self.db.reading() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0

    async def pass_time(self, **by: float) -> None:
        """Let time pass for the sync: what is stored of it moves into the past. by: as of `timedelta`."""
        async with self.db.reading() as session:
            rows = list(await session.scalars(select(SyncStateRow)))
        earlier = timedelta(**by)
        async for key in self.redis.scan_iter("gitinsight:github-stopped:*"):
            left = await self.redis.pttl(key) - int(earlier / timedelta(milliseconds=1))
            await self.redis.pexpire(key, max(0, left))  # 0 deletes it
        async with self.db.writing() as session:
            for row in rows:
                times = {
                    name: getattr(row, name) - earlier
                    for name in ("due_at", "full_at", "completed_at", "lease_until")
                    if getattr(row, name) is not None
                }
                if times:
                    await session.execute(update(SyncStateRow).where(SyncStateRow.id == row.id).values(**times))

    async def sync_again(self, **by: float) -> list[str]:
        """Let time pass and run the job. Returns the requests that it made."""
        await self.pass_time(**by)
        self.requests.clear()
        await self.sync()
        return list(self.requests)


Serve = Callable[..., Awaitable[Synced]]


@pytest.fixture
async def serve(repository: GitRepository, tmp_path: Path, valkey: Valkey, database_url: str) -> AsyncIterator[Serve]:
    """Return a function that serves records and returns what syncs them; it stops at the end of the test."""
    repository.commit("first", {"a.py": "1\n"})
    async with AsyncExitStack() as stack:

        async def start(*records: Record, **config: Any) -> Synced:
            file = tmp_path / "items.jsonl"
            file.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
            stand_in = await stack.enter_async_context(
                running_stand_in(repository.path, tmp_path, items=file, **config)
            )
            db, redis = Database(database_url), Redis.from_url(valkey.url)
            stack.push_async_callback(db.close)
            stack.push_async_callback(redis.aclose)
            identifier = await stored_repository(db, stand_in)
            learned: list[UUID] = []
            context = Context(
                db=db,
                tokens=TokenCache(redis, SECRET_KEY),
                app=App(stand_in.config.app_id, stand_in.private_key_pem, stand_in.url),
                github_url=stand_in.url,
                public_url="http://127.0.0.1",
                mirrors=tmp_path / "mirrors",
                max_repository_mb=100,
                enqueue_change_analysis=lambda _: None,
                enqueue_learn_history=learned.append,
                enqueue_back_test=lambda _: None,
            )
            synced = Synced(stand_in, db, redis, context, identifier, learned=learned)
            stack.enter_context(recorded_requests(stand_in, synced.requests))
            return synced

        yield start


async def stored_repository(db: Database, stand_in: StandIn) -> UUID:
    """Store the served repository and its installation."""
    identifier, identity = uuid4(), stand_in.hub.identity
    async with db.writing() as session:
        session.add(Installation(id=stand_in.installation_id, account="local", suspended=False, created_at=now()))
        await session.flush()
        session.add(
            Repository(
                id=identifier,
                github_id=identity.repository_id,
                installation_id=stand_in.installation_id,
                full_name=identity.full_name,
                private=True,
                default_branch="main",
                facts={},
                created_at=now() - timedelta(hours=1),
                updated_at=now(),
            )
        )
    return identifier


class _Requests(logging.Handler):
    """Notes the requests for the repository that the stand-in has answered."""

    def __init__(self, stand_in: StandIn, noted: list[str]) -> None:
        super().__init__()
        self._noted = noted
        self._beginning = f"/repos/{stand_in.hub.identity.full_name}"

    def emit(self, record: logging.LogRecord) -> None:
        """Note one line of the access log."""
        path = vars(record)["first_request_line"].split(" ")[1]
        if path.startswith(self._beginning):
            self._noted.append(path.removeprefix(self._beginning))


@contextmanager
def recorded_requests(stand_in: StandIn, noted: list[str]) -> Iterator[None]:
    """Note the requests of the block: path and query of each, without the name of the repository."""
    access, noting = logging.getLogger("aiohttp.access"), _Requests(stand_in, noted)
    level = access.level
    access.addHandler(noting)
    access.setLevel(logging.INFO)
    try:
        yield
    finally:
        access.removeHandler(noting)
        access.setLevel(level)


def at(day: float, second: int = 0) -> str:
    """A time, as GitHub writes it: so many days after the first of 2025."""
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=second)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def issue(number: int, **fields: Any) -> Issue:
    """An issue that was opened on the day of its number."""
    values: dict[str, Any] = {"number": number, "title": f"Issue {number}", "user": "anna", "created_at": at(number)}
    return Issue(**values | fields)


def pull(number: int, **fields: Any) -> Pull:
    """A pull request that was opened on the day of its number."""
    values: dict[str, Any] = {
        "number": number,
        "title": f"Pull {number}",
        "user": "berta",
        "created_at": at(number),
        "head_sha": f"{number:040x}",
        "base_sha": "b" * 40,
        "base_ref": "main",
    }
    return Pull(**values | fields)
