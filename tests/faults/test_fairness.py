"""Installations take turns: many pull requests or new repositories of one do not delay the single one of another."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from redis import Redis as SyncRedis
from redis.asyncio import Redis

from bot.db import analyses, snapshots
from bot.db.engine import Database
from bot.db.orders import carry_out
from bot.db.tables import Repository as RepositoryRow
from bot.domain.orders import AnalyzeChange, InstallationRef, RepositoryRef, UpdateRepository
from bot.jobs.turns import next_analysis
from bot.queue.enqueue import enqueue_backfills, enqueue_change_analyses, open_queue
from tests.databases import migrated_sqlite
from tests.servers import Valkey


def in_repository(github_id: int, installation: int) -> RepositoryRef:
    return RepositoryRef(
        github_id=github_id,
        full_name=f"owner{installation}/r{github_id}",
        private=False,
        installation=InstallationRef(installation, f"owner{installation}"),
        default_branch="main",
    )


def pull(number: int, installation: int) -> AnalyzeChange:
    return AnalyzeChange(
        repository=in_repository(installation * 1000, installation),
        subject=f"pull/{number}",
        ref="main",
        head_sha=f"{number:040x}",
        base_sha=None,
        pull_number=number,
    )


async def run_one(db: Database, redis: Redis, rung_for: UUID) -> int:
    """Claim what the job of an analysis runs; the installation that it belongs to."""
    claimed = await analyses.claim(db, await next_analysis(db, redis, rung_for))
    assert claimed is not None
    return claimed.installation_id


async def test_a_single_pull_request_is_second_behind_sixty(tmp_path: Path, valkey: Valkey) -> None:
    db, redis = Database(await asyncio.to_thread(migrated_sqlite, tmp_path / "t.db")), Redis.from_url(valkey.url)
    queued = await carry_out(db, [pull(number, 1) for number in range(1, 61)])
    queued += await carry_out(db, [pull(number, 2) for number in range(1, 3)])
    order = [await run_one(db, redis, rung) for rung in queued]
    assert order == [1, 2, 1, 2, *[1] * 58]
    assert (await next_analysis(db, redis, queued[0])) == queued[0]
    await redis.aclose()
    await db.close()


async def test_without_redis_a_job_runs_its_own_analysis(tmp_path: Path) -> None:
    db, redis = Database(await asyncio.to_thread(migrated_sqlite, tmp_path / "t.db")), Redis(port=9)
    queued = await carry_out(db, [pull(1, 1), pull(2, 2)])
    assert await next_analysis(db, redis, queued[1]) == queued[1]
    await db.close()


async def test_new_repositories_wait_behind_changes_and_take_turns(tmp_path: Path, valkey: Valkey) -> None:
    db = Database(await asyncio.to_thread(migrated_sqlite, tmp_path / "t.db"))
    await carry_out(db, [UpdateRepository(in_repository(number, 1)) for number in range(1, 25)])
    await carry_out(db, [UpdateRepository(in_repository(99, 2))])
    unindexed = await snapshots.find_unindexed(db, known_for=timedelta(0), tried_before=timedelta(0))
    queue = open_queue(SyncRedis.from_url(valkey.url))
    enqueue_backfills(queue, unindexed)
    names = [row.full_name for row in await _named(db, unindexed)]
    assert "owner2/r99" in names[:2]
    queued = await carry_out(db, [pull(1, 2)])
    enqueue_change_analyses(queue, queued)
    assert queue.job_ids[0] == f"an-{queued[0]}"
    await db.close()


async def _named(db: Database, ids: list[UUID]) -> list[RepositoryRow]:
    async with db.reading() as session:
        return [await session.get_one(RepositoryRow, one) for one in ids]
