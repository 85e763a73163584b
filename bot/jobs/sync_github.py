"""The job that syncs issues, pull requests and what belongs to them from GitHub.

One run reads for half a minute at most; the sweep enqueues the next one, so that other repositories and other jobs have
their turn. It goes on where the last one ended, also where a worker was killed.
"""

import contextlib
import logging
from datetime import timedelta
from uuid import UUID

from bot.db import repository_views, sync_states
from bot.db.engine import now
from bot.db.repository_views import RepositoryView
from bot.db.sync_states import SyncLease, SyncLeaseLost
from bot.domain.sync import SyncResource, SyncStatus
from bot.errors import GiveUp, RetryLater
from bot.github.client import open_session
from bot.pipeline.context import Context
from bot.queue.enqueue import QueueUnavailable
from bot.sync import passes
from bot.sync.repository import update_facts
from bot.sync.run import Progress, Slice, SyncRun
from bot.sync.source import Place, Refused, Source

log = logging.getLogger(__name__)
SLICE = Slice()
_WAIT_SECONDS = 60.0


async def sync_github(
    context: Context, repository_id: UUID, *, limits: Slice | None = SLICE, progress: Progress | None = None
) -> bool:
    """Sync what is due of a repository. Returns False if another worker syncs it now, or if it is unknown.

    limits: None: read until everything is read or GitHub's limit is reached.
    """
    repository = await repository_views.get_repository(context.db, repository_id)
    lease = await sync_states.claim(context.db, repository_id) if repository else None
    if repository is None or lease is None:
        return False
    changed = False
    try:
        changed = await _sync(context, repository, lease, limits, progress)
    except SyncLeaseLost:
        log.info("%s is synced by another worker, or was deleted", repository.full_name)
    finally:
        await sync_states.release(context.db, lease)
    if changed and not await _is_unfinished(context, repository_id):
        with contextlib.suppress(QueueUnavailable):  # the next pass, or the next analysis, enqueues it
            context.enqueue_learn_history(repository_id)
    return True


async def _sync(
    context: Context, repository: RepositoryView, lease: SyncLease, limits: Slice | None, progress: Progress | None
) -> bool:
    """Run the due passes. Returns whether one has ended that brought something."""
    place = Place(
        full_name=repository.full_name,
        github_id=repository.github_id,
        installation_id=repository.installation_id,
        account=repository.full_name.partition("/")[0],
        github_url=context.github_url,
    )
    async with open_session() as session:
        source = Source(session, context.tokens, context.app, place)
        run = SyncRun(context.db, lease, source, limits, progress)
        try:
            await source.open()
            if await _begins_anew(context, repository.id):
                await update_facts(context.db, source, repository)
            await run.run()
        except (GiveUp, Refused) as refused:
            for name in SyncResource:
                await passes.refuse(context.db, lease, name, str(refused), restart=False)
        except RetryLater as later:
            wait = timedelta(seconds=max(later.after, _WAIT_SECONDS))
            await passes.delay_all(context.db, lease, now() + wait, str(later))
        return run.changed


async def _begins_anew(context: Context, repository_id: UUID) -> bool:
    """Whether a round of passes begins: the first resource is due, and no pass over it is running."""
    first = (await sync_states.stored_states(context.db, repository_id))[:1]
    return any(passes.is_due(one) and one.position is None for one in first)


async def _is_unfinished(context: Context, repository_id: UUID) -> bool:
    states = await sync_states.get_states(context.db, repository_id)
    return any(one.status in {SyncStatus.RUNNING, SyncStatus.WAITING} for one in states)
