"""Machines with mirrors of their own: a queue for each, and which one fetched a repository last (its home).

A worker runs the jobs of its machine's queue before those of the shared queue. All jobs are enqueued into the shared
one; the worker that takes a job hands it on to the home of its repository, if that machine has room. What Redis loses
of this, and a machine that dies, cost a clone and no job: the sweep returns what waits too long to the shared queue.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from rq import Queue
from rq.job import Job

QUEUE = "gitinsight"
PREFIX = f"{QUEUE}-on-"
_QUEUES = "rq:queues"
_HOMES = "gitinsight:homes"
_HANDED_ON = "gitinsight:handed-on:"
# A job is handed on once within this time, unless it arrives, so that it does not go round.
_HANDED_ON_SECONDS = 3_600
# A push to the branch of a pull request makes two jobs at once.
_WAITING_PER_WORKER = 2
_PEOPLE_WAIT_AT_MOST = timedelta(seconds=30)
_WAITS_AT_MOST = timedelta(minutes=15)
_AT = "__"


def machine_queue(queue: Queue, machine: str) -> Queue:
    """The queue of a machine. queue: the shared one."""
    return Queue(
        f"{PREFIX}{machine}", connection=queue.connection, job_class=queue.job_class, serializer=queue.serializer
    )


def known_queues(queue: Queue) -> Iterator[tuple[str, Queue]]:
    """The machines that jobs were handed to, each with its queue."""
    for key in sorted(queue.connection.smembers(_QUEUES)):
        name = _text(key).removeprefix("rq:queue:")
        if name.startswith(PREFIX):
            machine = name.removeprefix(PREFIX)
            yield machine, machine_queue(queue, machine)


def living_machines(redis: Redis) -> Counter[str]:
    """The machines with living workers, and how many."""
    keys = sorted(redis.smembers(f"rq:workers:{QUEUE}"))
    with redis.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.hget(key, "queues")
        watched = pipeline.execute()
    names = (name for queues in watched if queues for name in _text(queues).split(","))
    return Counter(name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX))


async def set_home(redis: AsyncRedis, github_id: int, machine: str) -> None:
    """Remember which machine fetched a repository last. Raises RedisError or OSError."""
    await redis.hset(_HOMES, str(github_id), machine)


async def is_home(redis: AsyncRedis, github_id: int, machine: str) -> bool:
    """Whether this machine fetched a repository last. Raises RedisError or OSError."""
    home = await redis.hget(_HOMES, str(github_id))
    return home is not None and _text(home) == machine


async def forget_home(redis: AsyncRedis, github_id: int) -> None:
    """Forget where a repository is. Raises RedisError or OSError."""
    await redis.hdel(_HOMES, str(github_id))


def living_homes(redis: Redis, github_ids: Collection[int]) -> dict[int, str]:
    """The homes of repositories, where they are known and have a living worker. Raises RedisError."""
    ids = sorted(set(github_ids))
    if not ids or not (living := living_machines(redis)):
        return {}
    homes = redis.hmget(_HOMES, [str(one) for one in ids])
    return {one: _text(home) for one, home in zip(ids, homes, strict=True) if home and _text(home) in living}


def has_room(queue: Queue, machine: str) -> bool:
    """Whether a machine may get one more job that people wait for. Raises RedisError."""
    return machine_queue(queue, machine).count < _WAITING_PER_WORKER * living_machines(queue.connection)[machine]


def seconds_since_handed_on(redis: Redis, job_id: str) -> int | None:
    """Since when a job waits for its machine; None if it does not, which is remembered as the beginning.

    Raises RedisError.
    """
    key = f"{_HANDED_ON}{job_id}"
    if redis.set(key, "", nx=True, ex=_HANDED_ON_SECONDS):
        return None
    return _HANDED_ON_SECONDS - int(redis.ttl(key))


def is_handed(job: Job) -> bool:
    """Whether a job was handed to a machine."""
    return job.origin.startswith(PREFIX)


def arrived(redis: Redis, job: Job) -> bool:
    """Whether a job was handed to this machine; then it may be handed on again the next time. Raises RedisError."""
    if not is_handed(job):
        return False
    redis.delete(f"{_HANDED_ON}{job.id.partition('@')[0]}")
    return True


def handed_id(job_id: str, machine: str) -> str:
    """The id of a job in the queue of a machine: the one in the shared queue may run, or wait again."""
    return f"{job_id}{_AT}{machine}"


def bare_id(job_id: str) -> str:
    """The id that a job had in the shared queue."""
    return job_id.partition(_AT)[0]


def is_handed_on(queue: Queue, job_id: str) -> bool:
    """Whether a job waits or runs at a machine. Raises RedisError."""
    for machine, own in known_queues(queue):
        one = handed_id(job_id, machine)
        if own.get_job_position(one) is not None or one in own.started_job_registry.get_job_ids():
            return True
    return False


@dataclass(frozen=True, slots=True)
class HandedJob:
    """A job that waits for a machine. queue: the machine's. is_dead: whether it has no worker. waits: for how long."""

    queue: Queue
    job: Job
    is_dead: bool
    waits: timedelta

    def is_stranded(self, *, people_wait: bool) -> bool:
        """Whether another machine should run it."""
        return self.is_dead or self.waits > (_PEOPLE_WAIT_AT_MOST if people_wait else _WAITS_AT_MOST)


def handed_jobs(queue: Queue) -> Iterator[HandedJob]:
    """The jobs that wait for machines. Afterwards empty queues of machines without a worker are gone."""
    queues = list(known_queues(queue))
    if not queues:
        return
    living, moment = living_machines(queue.connection), datetime.now(UTC)
    for machine, own in queues:
        is_dead = machine not in living
        for job in own.get_jobs():
            yield HandedJob(own, job, is_dead, moment - _since(job))
        if is_dead and own.is_empty():
            own.delete()


def _since(job: Job) -> datetime:
    moment: datetime | None = job.enqueued_at
    if moment is None:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
