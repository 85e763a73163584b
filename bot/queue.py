"""The doorbell: RQ on Redis, by job name. The database is the truth; a ring that is lost is rung again by the sweep.

Jobs are JSON, never pickle, and a worker runs only the names listed here: RQ itself would import and call
whatever the queue holds.
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

QUEUE = "gitinsight"
DELIVERIES_QUEUE = "gitinsight-deliveries"
ANALYZE_CHANGE = "analyze_change"
LEARN_HISTORY = "learn_history"
BACKFILL = "backfill"
BACK_TEST = "back_test"
DELIVER = "deliver"
ANALYZE_REPOSITORY = "analyze_repository"
ANALYZE_CODE = "analyze_code"
FORGET_REPOSITORY = "forget_repository"
FORGET_UNKNOWN = "forget_unknown"
TIMEOUT = {
    ANALYZE_CHANGE: 900,
    LEARN_HISTORY: 1_800,
    BACKFILL: 3_600,
    BACK_TEST: 1_800,
    ANALYZE_REPOSITORY: 3_600,
    ANALYZE_CODE: 300,
    FORGET_REPOSITORY: 300,
    FORGET_UNKNOWN: 900,
    DELIVER: 600,
}
_FINISHED_SECONDS = 60
_FAILED_SECONDS = 3600

JobFunction = Callable[..., object]


class QueueAway(Exception):
    """Redis does not answer; what was to be rung is in the database and is rung again later."""


class NamedJob(Job):
    """A job whose function comes from a table of names, not from an import path in Redis.

    RQ would also import callbacks and call webhooks that the queue names; ours has none.
    """

    table: dict[str, JobFunction] = {}  # noqa: RUF012 - filled once by the worker

    @property
    def func(self) -> JobFunction:
        """The function of the job's name. Raises KeyError for a name that no one listed."""
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
        """Calls nobody."""


def connect(url: str) -> Redis:
    """A connection that fails fast, so that a Redis that is away costs the web process nothing."""
    return Redis.from_url(
        url, socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 0), health_check_interval=30
    )


def open_queue(redis: Redis) -> Queue:
    """The one queue; a worker that watches several could lose a job between them."""
    return Queue(QUEUE, connection=redis, job_class=NamedJob, serializer=JSONSerializer)


def open_deliveries_queue(redis: Redis) -> Queue:
    """The queue of notifications, with a worker of its own: receivers that do not answer must not delay analyses."""
    return Queue(DELIVERIES_QUEUE, connection=redis, job_class=NamedJob, serializer=JSONSerializer)


def ring(queue: Queue, analyses: Sequence[UUID]) -> None:
    """Put one job per analysis, unless it already waits. Raises QueueAway."""
    for analysis_id in analyses:
        _enqueue(queue, ANALYZE_CHANGE, str(analysis_id), job_id=f"an-{analysis_id}")


def ring_learning(queue: Queue, repository_id: UUID) -> None:
    """Put one job for what a repository's history tells, unless it already waits. Raises QueueAway."""
    _enqueue(queue, LEARN_HISTORY, str(repository_id), job_id=f"learn-{repository_id}")


def ring_backfill(queue: Queue, repositories: Sequence[UUID]) -> None:
    """Put one job per repository that nobody has looked at yet, unless it waits or runs. Raises QueueAway."""
    for repository_id in repositories:
        _enqueue(queue, BACKFILL, str(repository_id), job_id=f"backfill-{repository_id}", also_running=True)


def ring_back_test(queue: Queue, repository_id: UUID) -> None:
    """Put one job for a repository's back-test, unless it waits or runs. Raises QueueAway."""
    _enqueue(queue, BACK_TEST, str(repository_id), job_id=f"back-test-{repository_id}", also_running=True)


def ring_delivery(deliveries: Queue) -> None:
    """Put the job that delivers what is due, unless it waits or runs. Raises QueueAway."""
    _enqueue(deliveries, DELIVER, job_id="deliver", also_running=True)


def ring_full(queue: Queue, analyses: Sequence[UUID]) -> None:
    """Put one job per analysis of a whole repository, unless it already waits. Raises QueueAway."""
    for analysis_id in analyses:
        _enqueue(queue, ANALYZE_REPOSITORY, str(analysis_id), job_id=f"full-{analysis_id}")


def ring_code(
    queue: Queue, question: UUID, repository_id: UUID, paths: Sequence[str], wanted: Sequence[str], deadline: float
) -> None:
    """Put one job that answers a question about files (`bell.answered`). deadline: Unix seconds. Raises QueueAway."""
    arguments = (str(question), str(repository_id), list(paths), list(wanted), deadline)
    _enqueue(queue, ANALYZE_CODE, *arguments, job_id=f"code-{question}")


def ring_forgetting(queue: Queue, github_id: int) -> None:
    """Put one job that deletes a repository's mirror. Raises QueueAway."""
    _enqueue(queue, FORGET_REPOSITORY, github_id, job_id=f"forget-{github_id}")


def ring_forgetting_unknown(queue: Queue) -> None:
    """Put one job that deletes the mirrors of repositories that are not known any more. Raises QueueAway."""
    _enqueue(queue, FORGET_UNKNOWN, job_id="forget-unknown")


def _enqueue(queue: Queue, name: str, *args: Any, job_id: str, also_running: bool = False) -> None:
    """also_running: a job at work serves as well as one that waits; else there may have been news since it began."""
    try:
        if queue.get_job_position(job_id) is not None:
            return
        if also_running and job_id in queue.started_job_registry.get_job_ids():
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
        queue.enqueue_job(job)
    except RedisError as away:
        raise QueueAway(str(away)) from away
