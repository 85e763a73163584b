"""The sync as a job: enqueued by the scheduler, run by a real worker, taken over by the next one after SIGKILL."""

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
from redis import Redis
from sqlalchemy import select, update

from bot.db import sync_states
from bot.db.engine import Database, now
from bot.db.github_tables import ItemRow, SyncStateRow
from bot.db.tables import Installation
from bot.db.tables import Repository as RepositoryRow
from bot.domain.sync import SyncOverall, summary
from bot.jobs.scheduler import enqueue_due_syncs
from bot.queue.enqueue import connect, open_queue
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack
from tests.sync.conftest import issue, recorded_requests, stored_repository

ITEMS = 6_000


async def stored_numbers(stack: Stack) -> list[int]:
    async with stack.db.reading() as session:
        return list(await session.scalars(select(ItemRow.number).order_by(ItemRow.number)))


async def test_after_a_kill_the_next_worker_goes_on(
    repository: Repository, tmp_path: Path, valkey: Valkey, database_url: str
) -> None:
    file = tmp_path / "items.jsonl"
    file.write_bytes(b"".join(msgspec.json.encode(issue(number)) + b"\n" for number in range(1, ITEMS + 1)))
    repository.commit("first", {"a.py": "1\n"})
    requests: list[str] = []
    running = running_stack(
        repository.path, tmp_path, valkey, workers=0, scheduler=False, database_url=database_url, items=file
    )
    async with running as stack:
        identifier = await stored_repository(stack.db, stack.github)
        queue = open_queue(connect(stack.settings.redis_url))

        async def in_the_middle() -> bool | None:
            return len(await stored_numbers(stack)) >= 300 or None

        async def done() -> bool | None:
            whole = summary(await sync_states.get_states(stack.db, identifier))
            return whole.overall is SyncOverall.DONE or None

        with recorded_requests(stack.github, requests):
            await enqueue_due_syncs(stack.db, queue)
            worker = stack.start_worker("--deliveries")
            await eventually(in_the_middle, "a few stored pages")
            await asyncio.to_thread(stack.kill_worker, worker)
            assert len(await stored_numbers(stack)) < ITEMS
            before = list(requests)
            assert await sync_states.find_due(stack.db, at_once=2, known_for=timedelta()) == []
            async with stack.db.writing() as session:  # the time of the lease, and of RQ's notice, is over
                expired = update(SyncStateRow).where(SyncStateRow.lease_until.is_not(None))
                await session.execute(expired.values(lease_until=now() - timedelta(seconds=1)))
            Redis.from_url(valkey.url).flushall()
            await enqueue_due_syncs(stack.db, queue)
            stack.start_worker("--deliveries")
            await eventually(done, "the end of the sync")
        assert await stored_numbers(stack) == list(range(1, ITEMS + 1))
    # What may be read twice: the page that was not stored yet, and the one that was requested meanwhile.
    again = set(before) & set(requests[len(before) :])
    assert len([one for one in again if one.startswith("/issues?")]) <= 2
    assert not [one for one in again if not one.startswith("/issues?")]


async def test_who_is_due(database_url: str) -> None:
    """Suspended installations and repositories without automatic analyses are left out; few are synced at once."""
    db = Database(database_url)

    def stored(number: int, installation: int = 1, **fields: object) -> RepositoryRow:
        values = {"full_name": f"o/{number}", "default_branch": "main", "created_at": now() - timedelta(hours=number)}
        return RepositoryRow(
            github_id=number, installation_id=installation, facts={}, updated_at=now(), **values | fields
        )

    async with db.writing() as session:
        session.add_all(
            Installation(id=number, account="o", suspended=number == 2, created_at=now()) for number in (1, 2)
        )
        await session.flush()
        rows = [stored(5), stored(4), stored(3), stored(9, installation=2), stored(8, auto_analyze=False), stored(0)]
        session.add_all(rows)
    due = await sync_states.find_due(db, at_once=9, known_for=timedelta(minutes=1))
    assert due == [rows[0].id, rows[1].id, rows[2].id]
    assert await sync_states.find_due(db, at_once=2, known_for=timedelta()) == due[:2]
    lease = await sync_states.claim(db, due[0])
    assert lease is not None
    assert await sync_states.find_due(db, at_once=2, known_for=timedelta(minutes=1)) == due[1:2]
    await sync_states.release(db, lease)
    # The one that was worked on comes after those that were not.
    assert await sync_states.find_due(db, at_once=9, known_for=timedelta(minutes=1)) == [*due[1:], due[0]]
    await db.close()
