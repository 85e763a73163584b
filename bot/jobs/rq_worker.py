"""Runs an RQ worker for one queue."""

from collections.abc import Callable, Mapping

from rq import Queue, Worker

from bot.queue.enqueue import NamedJob
from bot.telemetry.start import reported

# With these times a worker that starts after a crash finds the interrupted jobs within a minute.
_MAINTENANCE_SECONDS = 20
_WORKER_TTL = 45
_MONITORING_SECONDS = 5


def serve_queue(queue: Queue, table: Mapping[str, Callable[..., object]]) -> None:
    """Run the jobs of a queue until a signal stops the worker.

    table: the function of each job by its name.
    """
    NamedJob.table = {name: reported(function) for name, function in table.items()}
    worker = Worker(
        [queue],
        connection=queue.connection,
        job_class=NamedJob,
        serializer="rq.serializers.JSONSerializer",
        maintenance_interval=_MAINTENANCE_SECONDS,
        worker_ttl=_WORKER_TTL,
        job_monitoring_interval=_MONITORING_SECONDS,
    )
    worker.work(logging_level="WARNING")
