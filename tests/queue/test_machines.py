"""Machines with mirrors of their own: their queues, and what becomes of jobs whose machine dies."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from redis.asyncio import Redis as AsyncRedis
from rq import Queue, Worker
from rq.exceptions import DequeueTimeout
from rq.serializers import JSONSerializer

from bot.jobs.rq_worker import _KeptQueue, _KnownWorker
from bot.queue import machines
from bot.queue.enqueue import (
    LEARN_HISTORY,
    NamedJob,
    connect,
    enqueue_back_test,
    enqueue_change_analyses,
    enqueue_delete_mirror,
    enqueue_delete_unknown_mirrors,
    open_queue,
)
from bot.queue.hand_on import hand_on, hand_on_change, return_stranded
from bot.queue.workers import count_jobs
from bot.storage import machine_id
from tests.servers import Valkey


@pytest.fixture
def queue(valkey: Valkey) -> Queue:
    return open_queue(connect(valkey.url))


@pytest.fixture
def live(queue: Queue) -> Callable[[str], Worker]:
    """Register a worker of a machine as alive."""

    def start(machine: str) -> Worker:
        queues = [machines.machine_queue(queue, machine), queue]
        worker = _KnownWorker(queues, connection=queue.connection, job_class=NamedJob)
        worker.register_birth()  # type: ignore[no-untyped-call]
        return worker

    return start


def waiting(queue: Queue, machine: str) -> list[str]:
    return machines.machine_queue(queue, machine).job_ids


def test_the_id_of_a_machine_is_that_of_its_folder(tmp_path: Path) -> None:
    first = machine_id(tmp_path / "a")
    assert (machine_id(tmp_path / "a"), len(first)) == (first, 16)
    assert machine_id(tmp_path / "b") != first
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["machine-id"]
    (tmp_path / "a" / "machine-id").write_text("")  # a disk was full when it was written
    assert len(machine_id(tmp_path / "a")) == 16


def test_a_machine_gets_at_most_two_jobs_for_each_worker(queue: Queue, live: Callable[[str], Worker]) -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    assert not hand_on_change(queue, one, "m1")  # it has no worker
    live("m1")
    assert hand_on_change(queue, one, "m1")
    assert hand_on_change(queue, one, "m1")  # it waits there already
    assert waiting(queue, "m1") == [f"an-{one}__m1"]
    assert hand_on_change(queue, two, "m1")
    assert not hand_on_change(queue, three, "m1")
    assert waiting(queue, "m1") == [f"an-{two}__m1", f"an-{one}__m1"]
    assert queue.job_ids == []


def test_jobs_of_a_dead_machine_return(queue: Queue, live: Callable[[str], Worker]) -> None:
    analysis, repository = uuid4(), uuid4()
    worker = live("m1")
    live("m2")
    live("m1")
    assert hand_on_change(queue, analysis, "m1")
    assert hand_on(queue, f"learn-{repository}", LEARN_HISTORY, [str(repository)], "m1")
    assert return_stranded(queue) == 0
    for key in queue.connection.smembers("rq:workers:gitinsight-on-m1"):
        queue.connection.delete(key)  # it expires when a worker is silent
    assert worker.key
    assert return_stranded(queue) == 2
    assert sorted(queue.job_ids) == sorted([f"an-{analysis}", f"learn-{repository}"])
    assert [machine for machine, _ in machines.known_queues(queue)] == []  # nothing stays of the machine
    job = queue.fetch_job(f"learn-{repository}")
    assert job is not None
    assert (job.func_name, job.args) == (LEARN_HISTORY, [str(repository)])


def test_jobs_of_a_busy_machine_return(
    queue: Queue, live: Callable[[str], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = uuid4()
    live("m1")
    assert hand_on_change(queue, analysis, "m1")
    enqueue_delete_mirror(queue, 7)
    repository = uuid4()
    assert hand_on(queue, f"learn-{repository}", LEARN_HISTORY, [str(repository)], "m1")
    monkeypatch.setattr(machines, "_PEOPLE_WAIT_AT_MOST", -machines._PEOPLE_WAIT_AT_MOST)
    assert return_stranded(queue) == 1
    # Nobody else can delete what is on its disk, and nobody waits for the history.
    kept = ["delete-mirror-7__m1", f"learn-{repository}__m1"]
    assert (queue.job_ids, waiting(queue, "m1")) == ([f"an-{analysis}"], kept)
    queue.connection.expire(f"gitinsight:handed-on:an-{analysis}", 3_590)
    assert not hand_on_change(queue, analysis, "m1")  # it does not go round


def test_each_machine_deletes_its_own_mirrors(queue: Queue, live: Callable[[str], Worker]) -> None:
    enqueue_delete_unknown_mirrors(queue)
    assert queue.job_ids == ["delete-unknown-mirrors"]  # workers of the version before
    live("m1")
    live("m2")
    enqueue_delete_unknown_mirrors(queue)
    enqueue_delete_mirror(queue, 7)
    for machine in ("m1", "m2"):
        assert waiting(queue, machine) == [f"delete-unknown-mirrors__{machine}", f"delete-mirror-7__{machine}"]


async def test_a_back_test_that_a_machine_has_is_not_enqueued_again(
    valkey: Valkey, queue: Queue, live: Callable[[str], Worker]
) -> None:
    repository = uuid4()
    live("m1")
    assert hand_on(queue, f"back-test-{repository}", "back_test", [str(repository)], "m1")
    enqueue_back_test(queue, repository)
    assert queue.job_ids == []
    async with AsyncRedis.from_url(valkey.url) as redis:
        assert await count_jobs(redis, "gitinsight") == 1


def test_the_machines_jobs_come_first_and_none_is_only_in_a_worker(queue: Queue) -> None:
    own, analyses = machines.machine_queue(queue, "m1"), [uuid4(), uuid4()]
    enqueue_change_analyses(queue, analyses[:1])
    enqueue_change_analyses(own, analyses[1:])
    take = partial(_KeptQueue.dequeue_any, connection=queue.connection, job_class=NamedJob, serializer=JSONSerializer)
    taken = [take([own, queue], 1) for _ in range(2)]
    assert [(job.id, source.name) for job, source in filter(None, taken)] == [
        (f"an-{analyses[1]}", own.name),
        (f"an-{analyses[0]}", queue.name),
    ]
    kept = [one.intermediate_queue.get_job_ids() for one in (own, queue)]
    assert kept == [[f"an-{analyses[1]}"], [f"an-{analyses[0]}"]]
    with pytest.raises(DequeueTimeout):
        take([own, queue], 1)


def test_a_worker_is_known_again_after_redis_lost_its_data(queue: Queue, live: Callable[[str], Worker]) -> None:
    worker = live("m1")
    queue.connection.flushall()
    assert machines.living_machines(queue.connection) == {}
    worker.heartbeat()
    assert machines.living_machines(queue.connection) == {"m1": 1}
    assert Worker.count(queue=queue) == 1
