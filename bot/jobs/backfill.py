"""The job that fetches and indexes a new repository, and the job that runs its back-test."""

import asyncio
import logging
from pathlib import Path
from uuid import UUID

from bot.db import repository_views
from bot.db.engine import Database
from bot.db.snapshots import save_snapshots
from bot.domain.back_test import BackTest
from bot.domain.snapshots import IndexingProgress
from bot.errors import GiveUp, RetryLater
from bot.git.mirror import mirror_path
from bot.history.build import Progress
from bot.history.schema import IndexUnusable, index_path
from bot.jobs.back_test import Progress as BackTestProgress
from bot.jobs.back_test import back_test
from bot.jobs.learn_history import default_head, learn_history
from bot.jobs.placing import fetch_default_branch
from bot.pipeline.context import Context
from bot.pipeline.make_report import read_config

log = logging.getLogger(__name__)
_NO_HEAD = "0" * 40
_STORE_SECONDS = 2.0


async def backfill(context: Context, repository_id: UUID, progress: Progress | None = None) -> bool:
    """Fetch and index a repository. Returns False if that is not possible now; the reason is stored for the page."""
    repository = await repository_views.get_repository(context.db, repository_id)
    if repository is None:
        return False
    await _store_progress(context.db, repository_id, IndexingProgress(status="running"))
    try:
        await fetch_default_branch(context, repository)
    except (GiveUp, RetryLater) as problem:
        log.warning("%s could not be fetched: %s", repository.full_name, problem)
        await _store_progress(context.db, repository_id, IndexingProgress(status="failed", reason=str(problem)[:500]))
        return False
    show = _show_progress(context.db, repository_id, asyncio.get_running_loop(), progress)
    if await learn_history(context.db, context.mirrors, repository_id, show, context.embedder):
        return True
    reason = "The repository has no commit on its default branch yet."
    await _store_progress(context.db, repository_id, IndexingProgress(status="failed", reason=reason))
    return False


async def replay_past(
    db: Database, mirrors: Path, repository_id: UUID, progress: BackTestProgress | None = None
) -> BackTest | None:
    """Run the back-test and store its result. Returns None if nothing can be replayed."""
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


def _show_progress(
    db: Database, repository_id: UUID, loop: asyncio.AbstractEventLoop, also: Progress | None
) -> Progress:
    """Return a function that stores the progress for the page, every two seconds at most.

    The thread of the indexing calls it. also: a further function to call.
    """
    last_stored = 0.0

    def show(done: int, total: int | None) -> None:
        nonlocal last_stored
        if also:
            also(done, total)
        if loop.time() - last_stored >= _STORE_SECONDS:
            last_stored = loop.time()
            state = IndexingProgress(status="running", done=done, total=total)
            asyncio.run_coroutine_threadsafe(_store_progress(db, repository_id, state), loop)

    return show


async def _store_progress(db: Database, repository_id: UUID, state: IndexingProgress) -> None:
    await save_snapshots(db, repository_id, _NO_HEAD, [state])
