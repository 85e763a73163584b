"""The job: a repository that nobody has looked at yet is fetched and its history learned; and the job after it, which
replays its newest merged changes in silence.
"""

import asyncio
import logging
from pathlib import Path
from uuid import UUID

from bot.db import repository_views
from bot.db.engine import Database
from bot.db.repository_views import RepositoryView
from bot.db.snapshots import save_snapshots
from bot.domain.back_test import BackTest
from bot.domain.snapshots import IndexingProgress
from bot.errors import GiveUp, RetryLater
from bot.git.mirror import mirror_path
from bot.github.client import open_session
from bot.history.build import Progress
from bot.history.schema import IndexUnusable, index_path
from bot.jobs.back_test import Progress as Counted
from bot.jobs.back_test import back_test
from bot.jobs.learn_history import default_head, learn_history
from bot.pipeline.context import Context
from bot.pipeline.fetch import fetch_mirror
from bot.pipeline.make_report import read_config

log = logging.getLogger(__name__)
_NOWHERE = "0" * 40
_SHOWN_EVERY_SECONDS = 2.0


async def backfill(context: Context, repository_id: UUID, progress: Progress | None = None) -> bool:
    """Fetch → learn. False when there is nothing to learn from, or not now; the reason is kept for the page."""
    repository = await repository_views.get_repository(context.db, repository_id)
    if repository is None:
        return False
    await _note(context.db, repository_id, IndexingProgress(status="running"))
    try:
        await _fetch(context, repository)
    except (GiveUp, RetryLater) as problem:
        log.warning("%s could not be fetched: %s", repository.full_name, problem)
        await _note(context.db, repository_id, IndexingProgress(status="failed", reason=str(problem)[:500]))
        return False
    shown = _shown(context.db, repository_id, asyncio.get_running_loop(), progress)
    if await learn_history(context.db, context.mirrors, repository_id, shown):
        return True
    failed = IndexingProgress(status="failed", reason="There is no commit to learn from yet.")
    await _note(context.db, repository_id, failed)
    return False


async def replay_past(
    db: Database, mirrors: Path, repository_id: UUID, progress: Counted | None = None
) -> BackTest | None:
    """Replay the newest merged changes and keep what would have been said; None when there is nothing to replay."""
    repository = await repository_views.get_repository(db, repository_id)
    if repository is None:
        return None
    mirror = mirror_path(mirrors, repository.github_id)
    head = await default_head(mirror, repository.default_branch)
    if head is None:
        return None
    try:
        found = await back_test(
            mirror,
            index_path(mirror),
            repository=repository.full_name,
            config=await read_config(mirror, head),
            progress=progress,
        )
    except IndexUnusable as problem:
        log.warning("%s could not be replayed: %s", repository.full_name, problem)
        return None
    await save_snapshots(db, repository_id, head, [found])
    log.info("%s: %s", repository.full_name, found.summary)
    return found


async def _fetch(context: Context, repository: RepositoryView) -> None:
    branches = [repository.default_branch] if repository.default_branch else []
    async with open_session() as session:
        await fetch_mirror(context, session, repository, branches=branches, head=True)


def _shown(db: Database, repository_id: UUID, loop: asyncio.AbstractEventLoop, also: Progress | None) -> Progress:
    """Progress that the page shows, written every other second at most; called from the thread that indexes."""
    last = 0.0

    def show(done: int, total: int | None) -> None:
        nonlocal last
        if also:
            also(done, total)
        if loop.time() - last >= _SHOWN_EVERY_SECONDS:
            last = loop.time()
            state = IndexingProgress(status="running", done=done, total=total)
            asyncio.run_coroutine_threadsafe(_note(db, repository_id, state), loop)

    return show


async def _note(db: Database, repository_id: UUID, state: IndexingProgress) -> None:
    await save_snapshots(db, repository_id, _NOWHERE, [state])
