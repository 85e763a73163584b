"""Runs an RQ worker for one queue, or for the queue of its machine and the shared one."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from redis import Redis
from redis.client import Pipeline
from rq import Queue, Worker, worker_registration
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import Serializer
from rq.timeouts import BaseDeathPenalty

from bot.queue.enqueue import NamedJob
from bot.telemetry.start import reported

# With these times a worker that starts after a crash finds the interrupted jobs within a minute.
_MAINTENANCE_SECONDS = 20
_WORKER_TTL = 45
_MONITORING_SECONDS = 5
# How long a job that was handed to a machine waits at most for a worker that does nothing.
_POLL_SECONDS = 1


class _KeptQueue(Queue):
    """Queues of which a worker that dies loses no job.

    With several queues, RQ takes a job with BLPOP, so that the job is lost if the worker dies before it has begun. With
    one queue it uses BLMOVE, which keeps the job in a second list (https://python-rq.org/docs/workers/). So one queue
    is read at a time here: the first ones without waiting, then the last one for a moment.
    """

    @classmethod
    def dequeue_any(
        cls,
        queues: Iterable[Queue],
        timeout: int | None,
        connection: Redis,
        job_class: type[Job] | None = None,
        serializer: Serializer | str | None = None,
        death_penalty_class: type[BaseDeathPenalty] | None = None,
    ) -> tuple[Job, Queue] | None:
        """As in RQ: a job and its queue. Raises DequeueTimeout after `timeout` seconds; None: does not wait."""
        *first, last = queues
        take = partial(
            super().dequeue_any,
            connection=connection,
            job_class=job_class,
            serializer=serializer,
            death_penalty_class=death_penalty_class,
        )
        until = time.monotonic() + (timeout or 0)
        while True:
            for queue in first:
                if (found := take([queue], None)) is not None:
                    return found
            left = until - time.monotonic()
            if timeout is None or not first:
                return take([last], timeout)
            if left <= 0:
                raise DequeueTimeout(timeout, [queue.key for queue in (*first, last)])
            try:
                return take([last], _POLL_SECONDS)
            except DequeueTimeout:
                continue


class _KnownWorker(Worker):
    """A worker that is known again after Redis has lost its data. RQ tells of itself only when it starts."""

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that this worker lives, and which queues it watches."""
        super().heartbeat(timeout, pipeline)
        connection = pipeline if pipeline is not None else self.connection
        connection.hset(self.key, "queues", ",".join(self.queue_names()))
        worker_registration.register(self, pipeline)


def serve_queues(queues: Sequence[Queue], table: Mapping[str, Callable[..., object]]) -> None:
    """Run the jobs of queues until a signal stops the worker; those of the first queue come first.

    table: the function of each job by its name.
    """
    NamedJob.table = {name: reported(function) for name, function in table.items()}
    worker = _KnownWorker(
        [_KeptQueue(one.name, connection=one.connection, serializer=one.serializer) for one in queues],
        connection=queues[0].connection,
        job_class=NamedJob,
        queue_class=_KeptQueue,
        serializer="rq.serializers.JSONSerializer",
        maintenance_interval=_MAINTENANCE_SECONDS,
        worker_ttl=_WORKER_TTL,
        job_monitoring_interval=_MONITORING_SECONDS,
    )
    worker.work(logging_level="WARNING")
