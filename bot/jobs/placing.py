"""On which machine a job runs: on the one that has the mirror of its repository, if a worker there is free.

Any machine can run any job, since `bring_mirror` fetches what is missing. This only saves a clone and an index.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from functools import partial
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError
from rq import get_current_job
from rq.job import Job

from bot.db.repositories import github_id_of
from bot.db.repository_views import RepositoryView
from bot.git.mirror import mirror_path
from bot.github.client import open_session
from bot.pipeline.context import Context
from bot.pipeline.fetch import fetch_mirror
from bot.queue import machines
from bot.queue.enqueue import QueueUnavailable, open_queue
from bot.queue.hand_on import hand_on, hand_on_change

log = logging.getLogger(__name__)


def has_mirror(context: Context, github_id: int) -> bool:
    """Whether this machine has a mirror of a repository."""
    return (mirror_path(context.mirrors, github_id) / "HEAD").exists()


async def elsewhere(context: Context, redis: Redis, github_ids: Collection[int]) -> dict[int, str]:
    """Those of the repositories whose mirror is on another machine with a living worker, and not here."""
    absent = [one for one in set(github_ids) if not has_mirror(context, one)]
    try:
        homes = await asyncio.to_thread(machines.living_homes, redis, absent)
    except (RedisError, OSError):
        return {}
    return {one: machine for one, machine in homes.items() if machine != context.machine}


def has_arrived() -> bool:
    """Whether the present job was handed to this machine."""
    job = get_current_job()
    return job is not None and machines.is_handed(job)


async def handed_on(context: Context, identifier: UUID) -> bool:
    """Whether the present job was handed to the machine that has the mirror of its repository.

    identifier: of the repository, or of the analysis.
    """
    if (job := await _present_job()) is None:
        return False
    same = partial(hand_on, job_id=job.id, name=str(job.func_name), args=job.args)
    return await _to_home(context, job, identifier, same)


async def change_handed_on(context: Context, analysis_id: UUID) -> bool:
    """As `handed_on`, the job of an analysis that the present job would run."""
    if (job := await _present_job()) is None:
        return False
    return await _to_home(context, job, analysis_id, partial(hand_on_change, analysis_id=analysis_id))


async def bring_mirror(context: Context, repository: RepositoryView) -> None:
    """Fetch the default branch, unless this machine was the last one that fetched it. Raises GiveUp and RetryLater."""
    if has_mirror(context, repository.github_id) and await _is_home(context, repository.github_id):
        return
    await fetch_default_branch(context, repository)


async def fetch_default_branch(context: Context, repository: RepositoryView) -> None:
    """Fetch the default branch into the mirror of this machine. Raises GiveUp and RetryLater."""
    branches = [repository.default_branch] if repository.default_branch else []
    async with open_session() as session:
        await fetch_mirror(context, session, repository, branches=branches, head=True)


async def _present_job() -> Job | None:
    """The job of the shared queue that runs here; None for a job that was handed to this machine, and outside jobs."""
    job = get_current_job()
    try:
        return job if job and not await asyncio.to_thread(machines.arrived, job.connection, job) else None
    except RedisError:
        return None


async def _to_home(context: Context, job: Job, identifier: UUID, hand: Callable[..., bool]) -> bool:
    github_id = await github_id_of(context.db, identifier)
    homes = {} if github_id is None else await elsewhere(context, job.connection, [github_id])
    if github_id is None or github_id not in homes:
        return False
    try:
        done = await asyncio.to_thread(hand, open_queue(job.connection), machine=homes[github_id])
    except (RedisError, QueueUnavailable):
        return False
    if done:
        log.info("handed on to the machine %s, which has the mirror %d", homes[github_id], github_id)
    return done


async def _is_home(context: Context, github_id: int) -> bool:
    try:
        return context.redis is not None and await machines.is_home(context.redis, github_id, context.machine)
    except (RedisError, OSError):
        return False
