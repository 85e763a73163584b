"""Enqueue jobs by name, on RQ and Redis. The sweep enqueues again what Redis loses, from the database.

Jobs are JSON, never pickle, and a worker runs only the names listed here. RQ itself would import and call whatever
function the queue names.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from bot.queue import machines
from bot.queue.address import open_redis
from bot.queue.machines import QUEUE

NOTIFICATIONS_QUEUE = "gitinsight-notifications"
ANALYZE_CHANGE = "analyze_change"
LEARN_HISTORY = "learn_history"
BACKFILL = "backfill"
BACK_TEST = "back_test"
SEND_NOTIFICATIONS = "send_notifications"
SYNC_GITHUB = "sync_github"
ANALYZE_REPOSITORY = "analyze_repository"
ANALYZE_CODE = "analyze_code"
DELETE_MIRROR = "delete_mirror"
DELETE_UNKNOWN_MIRRORS = "delete_unknown_mirrors"
TIMEOUT = {
    ANALYZE_CHANGE: 900,
    LEARN_HISTORY: 1_800,
    BACKFILL: 3_600,
    BACK_TEST: 1_800,
    ANALYZE_REPOSITORY: 3_600,
    ANALYZE_CODE: 300,
    DELETE_MIRROR: 300,
    DELETE_UNKNOWN_MIRRORS: 900,
    SEND_NOTIFICATIONS: 600,
    SYNC_GITHUB: 300,
}
PEOPLE_WAIT = frozenset({ANALYZE_CHANGE, ANALYZE_CODE})
# Each machine deletes its own files: nobody else can.
EVERYWHERE = frozenset({DELETE_MIRROR, DELETE_UNKNOWN_MIRRORS})
_FINISHED_SECONDS = 60
_FAILED_SECONDS = 3600

JobFunction = Callable[..., object]


class QueueUnavailable(Exception):
    """Redis does not answer. The sweep enqueues the job later, from the database."""


class NamedJob(Job):
    """A job whose function comes from a table of names, not from an import path in Redis.

    RQ would also import callbacks and call webhooks that the queue names; these are switched off.
    """

    table: dict[str, JobFunction] = {}  # noqa: RUF012 - filled once by the worker

    @property
    def func(self) -> JobFunction:
        """The function of the job's name. Raises KeyError for a name that is not in the table."""
        return self.table[str(self.func_name)]

    @property
    def success_callback(self) -> None:
        """None, whatever Redis says."""

    @property
    def failure_callback(self) -> None:
        """None, whatever Redis says."""

    @property
    def stopped_callback(self) -> None:
        """None, whatever Redis says."""

    def send_webhooks(self, *args: Any, **kwargs: Any) -> None:
        """Does nothing."""


def connect(url: str) -> Redis:
    """A connection that fails fast: an unreachable Redis must not delay the web process."""
    return open_redis(
        url, socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 0), health_check_interval=30
    )


def open_queue(redis: Redis) -> Queue:
    """The queue of analyses, which the workers of all machines share."""
    return Queue(QUEUE, connection=redis, job_class=NamedJob, serializer=JSONSerializer)


def open_notifications_queue(redis: Redis) -> Queue:
    """The queue of notifications and of the sync from GitHub.

    It has a worker of its own: what waits for other servers must not delay analyses.
    """
    return Queue(NOTIFICATIONS_QUEUE, connection=redis, job_class=NamedJob, serializer=JSONSerializer)


def enqueue_change_analyses(queue: Queue, analyses: Sequence[UUID]) -> None:
    """Enqueue one job per analysis of a change, unless it already waits. Raises QueueUnavailable.

    They come before the indexing of new repositories and other work that nobody waits for. Which analysis a job runs is
    decided when it runs (`jobs/turns.py`), so that their order here does not matter.
    """
    for analysis_id in reversed(analyses):
        enqueue_job(queue, ANALYZE_CHANGE, str(analysis_id), job_id=f"an-{analysis_id}", people_wait=True)


def enqueue_learn_history(queue: Queue, repository_id: UUID) -> None:
    """Enqueue the indexing of a repository's history, unless it already waits. Raises QueueUnavailable."""
    enqueue_job(queue, LEARN_HISTORY, str(repository_id), job_id=f"learn-{repository_id}")


def enqueue_backfills(queue: Queue, repositories: Sequence[UUID]) -> None:
    """Enqueue the first indexing of each repository, unless it waits or runs. Raises QueueUnavailable."""
    for repository_id in repositories:
        enqueue_job(queue, BACKFILL, str(repository_id), job_id=f"backfill-{repository_id}", also_running=True)


def enqueue_back_test(queue: Queue, repository_id: UUID) -> None:
    """Enqueue a repository's back-test, unless it waits or runs. Raises QueueUnavailable."""
    enqueue_job(queue, BACK_TEST, str(repository_id), job_id=f"back-test-{repository_id}", also_running=True)


def enqueue_send_notifications(notifications: Queue) -> None:
    """Enqueue the job that sends what is due, unless it waits or runs. Raises QueueUnavailable."""
    enqueue_job(notifications, SEND_NOTIFICATIONS, job_id="send-notifications", also_running=True)


def enqueue_syncs(notifications: Queue, repositories: Sequence[UUID]) -> None:
    """Enqueue the sync of each repository, unless it waits or runs. Raises QueueUnavailable."""
    for repository_id in repositories:
        enqueue_job(notifications, SYNC_GITHUB, str(repository_id), job_id=f"sync-{repository_id}", also_running=True)


def enqueue_repository_analyses(queue: Queue, analyses: Sequence[UUID]) -> None:
    """Enqueue one job per analysis of a whole repository, unless it already waits. Raises QueueUnavailable."""
    for analysis_id in analyses:
        enqueue_job(queue, ANALYZE_REPOSITORY, str(analysis_id), job_id=f"full-{analysis_id}")


def enqueue_analyze_code(
    queue: Queue, request_id: UUID, repository_id: UUID, paths: Sequence[str], checks: Sequence[str], deadline: float
) -> None:
    """Enqueue one job that measures files and sends a reply (`replies.wait_for_reply`).

    deadline: Unix seconds; nobody waits for the reply after it. Raises QueueUnavailable.
    """
    arguments = (str(request_id), str(repository_id), list(paths), list(checks), deadline)
    enqueue_job(queue, ANALYZE_CODE, *arguments, job_id=f"code-{request_id}", people_wait=True)


def enqueue_delete_mirror(queue: Queue, github_id: int) -> None:
    """Enqueue the deletion of a repository's mirrors, on each machine. Raises QueueUnavailable."""
    _enqueue_everywhere(queue, DELETE_MIRROR, github_id, job_id=f"delete-mirror-{github_id}")


def enqueue_delete_unknown_mirrors(queue: Queue) -> None:
    """Enqueue the deletion of the mirrors of repositories that the database does not know. Raises QueueUnavailable."""
    _enqueue_everywhere(queue, DELETE_UNKNOWN_MIRRORS, job_id="delete-unknown-mirrors")


def _enqueue_everywhere(queue: Queue, name: str, *args: Any, job_id: str) -> None:
    try:
        living = machines.living_machines(queue.connection)
    except RedisError as problem:
        raise QueueUnavailable(str(problem)) from problem
    for machine in living:
        own = machines.machine_queue(queue, machine)
        enqueue_job(own, name, *args, job_id=machines.handed_id(job_id, machine))
    if not living:
        enqueue_job(queue, name, *args, job_id=job_id)


def enqueue_job(
    queue: Queue, name: str, *args: Any, job_id: str, also_running: bool = False, people_wait: bool = False
) -> None:
    """Enqueue a job, unless one of this id already waits.

    also_running: also not if one runs. Without it, another is enqueued, because the data may have changed since the
    running one began.
    people_wait: it comes before the others.
    """
    try:
        if queue.get_job_position(job_id) is not None:
            return
        if also_running and job_id in queue.started_job_registry.get_job_ids():
            return
        if also_running and queue.name == QUEUE and machines.is_handed_on(queue, job_id):
            return
        job = NamedJob.create(
            name,
            args=args,
            id=job_id,
            connection=queue.connection,
            timeout=TIMEOUT[name],
            result_ttl=_FINISHED_SECONDS,
            failure_ttl=_FAILED_SECONDS,
            serializer=JSONSerializer,
            origin=queue.name,
        )
        queue.enqueue_job(job, at_front=people_wait)
    except RedisError as problem:
        raise QueueUnavailable(str(problem)) from problem
