"""Hand jobs on to the machine that has the mirror, and take back what waits there too long (`queue/machines.py`)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DeserializationError

from bot.queue import machines
from bot.queue.enqueue import (
    ANALYZE_CHANGE,
    EVERYWHERE,
    PEOPLE_WAIT,
    TIMEOUT,
    QueueUnavailable,
    enqueue_job,
)

# The sweep rings again for an analysis that nobody has begun. Then the machine had this time.
_WAITS_SECONDS = 8


def hand_on(queue: Queue, job_id: str, name: str, args: Sequence[Any], machine: str) -> bool:
    """Enqueue a job of the shared queue for a machine, unless it waits there already. Raises QueueUnavailable.

    False if another machine should run it: this one has no room, or has not begun for a while.
    """
    people_wait = name in PEOPLE_WAIT
    try:
        if people_wait and not machines.has_room(queue, machine):
            return False
        if (waits := machines.seconds_since_handed_on(queue.connection, job_id)) is not None:
            return waits < _WAITS_SECONDS
    except RedisError as problem:
        raise QueueUnavailable(str(problem)) from problem
    own = machines.machine_queue(queue, machine)
    enqueue_job(own, name, *args, job_id=machines.handed_id(job_id, machine), people_wait=people_wait)
    return True


def hand_on_change(queue: Queue, analysis_id: UUID, machine: str) -> bool:
    """As `hand_on`, the job of an analysis of a change."""
    return hand_on(queue, f"an-{analysis_id}", ANALYZE_CHANGE, [str(analysis_id)], machine)


def return_stranded(queue: Queue) -> int:
    """Return jobs to the shared queue that wait too long for their machine; how many. Raises QueueUnavailable."""
    try:
        return sum([_returned(queue, one) for one in machines.handed_jobs(queue)])
    except RedisError as problem:
        raise QueueUnavailable(str(problem)) from problem


def _returned(queue: Queue, one: machines.HandedJob) -> bool:
    """Whether a job was returned. Only its own machine can delete its files."""
    job = one.job
    try:
        name, args = str(job.func_name), job.args
    except DeserializationError:
        name, args = "", ()  # it is none of ours
    if not one.is_stranded(people_wait=name in PEOPLE_WAIT) or (name in EVERYWHERE and not one.is_dead):
        return False
    returned = name in TIMEOUT and name not in EVERYWHERE
    if returned:
        enqueue_job(queue, name, *args, job_id=machines.bare_id(job.id), people_wait=name in PEOPLE_WAIT)
    one.queue.remove(job)
    return returned
