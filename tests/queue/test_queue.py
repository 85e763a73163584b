"""The queue: jobs by name alone, as JSON, each at most once, and a Redis that may be away."""

import asyncio
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis import Redis
from rq import Queue
from rq.executions import Execution
from rq.job import Job
from rq.serializers import DefaultSerializer, JSONSerializer

from bot.queue.enqueue import (
    ANALYZE_CHANGE,
    NamedJob,
    QueueUnavailable,
    connect,
    enqueue_back_test,
    enqueue_backfills,
    enqueue_change_analyses,
    enqueue_learn_history,
    enqueue_send_notifications,
    open_notifications_queue,
    open_queue,
)
from tests.databases import migrated_sqlite
from tests.servers import Valkey, free_port
from tests.stack import eventually
from tests.standin import key_pair


@pytest.fixture
def queue(valkey: Valkey) -> Queue:
    return open_queue(connect(valkey.url))


@pytest.fixture
def worker_env(tmp_path: Path, valkey: Valkey) -> dict[str, str]:
    """The environment of a worker on this queue, with a database."""
    return {
        "PATH": os.environ["PATH"],
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY": key_pair()[0],
        "GITHUB_WEBHOOK_SECRET": "w" * 32,
        "SECRET_KEY": "s" * 32,
        "REDIS_URL": valkey.url,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": migrated_sqlite(tmp_path / "queue.db"),
    }


@contextmanager
def running_worker(env: dict[str, str]) -> Iterator[None]:
    """A real worker process."""
    process = subprocess.Popen([sys.executable, "-m", "bot", "worker"], env=env, start_new_session=True)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def put(queue: Queue, name: str, *args: str, **extra: Any) -> str:
    """A job as somebody who reaches Redis could write it: with RQ's own class, of any name."""
    serializer = extra.pop("serializer", JSONSerializer)
    job = Job.create(name, args=args, connection=queue.connection, origin=queue.name, serializer=serializer, **extra)
    job.save()
    queue.connection.rpush(queue.key, job.id)
    return str(job.id)


async def ended(queue: Queue, job_id: str) -> str:
    async def over() -> str | None:
        status = await asyncio.to_thread(queue.connection.hget, f"rq:job:{job_id}", "status")
        text = status.decode() if isinstance(status, bytes) else ""
        return text if text in {"finished", "failed", "stopped"} else None

    return await eventually(over, f"the end of job {job_id}")


def test_a_job_is_a_name_and_json(queue: Queue) -> None:
    analysis = uuid4()
    enqueue_change_analyses(queue, [analysis])
    stored = queue.connection.hget(f"rq:job:an-{analysis}", "data")
    assert isinstance(stored, bytes)
    name, _, args, _ = json.loads(zlib.decompress(stored))
    assert (name, args) == (ANALYZE_CHANGE, [str(analysis)])


def test_ringing_twice_is_ringing_once_and_order_is_kept(queue: Queue) -> None:
    analyses = [UUID(int=number) for number in range(1, 6)]
    enqueue_change_analyses(queue, analyses)
    enqueue_change_analyses(queue, analyses[::-1])
    enqueue_change_analyses(queue, [analyses[2], analyses[2]])
    assert queue.job_ids == [f"an-{one}" for one in analyses]


async def test_a_job_that_was_done_can_be_rung_again(queue: Queue, worker_env: dict[str, str]) -> None:
    analysis = uuid4()
    enqueue_change_analyses(queue, [analysis])
    with running_worker(worker_env):
        assert await ended(queue, f"an-{analysis}") == "finished"
        enqueue_change_analyses(queue, [analysis])

        async def taken() -> bool | None:
            return not queue.job_ids or None

        await eventually(taken, "the second ring was heard")


async def test_only_listed_names_run_and_no_callback_of_redis(
    queue: Queue, tmp_path: Path, worker_env: dict[str, str]
) -> None:
    witness = tmp_path / "executed"
    touch = f"touch {witness}"
    evil = [
        put(queue, "subprocess.getoutput", touch),
        put(queue, "os.system", touch),
        put(queue, "bot.queue.connect", touch),
        put(queue, "analyze_change.__class__", touch),
        put(queue, "subprocess.getoutput", touch, serializer=DefaultSerializer),
    ]
    analysis = str(uuid4())
    callback = "tests.test_queue.called_back"
    harmless = put(queue, ANALYZE_CHANGE, analysis)
    with_callback = put(queue, ANALYZE_CHANGE, analysis)
    failing = put(queue, "no.such.job")
    for job in (with_callback, failing):
        fields: dict[Any, Any] = {f"{kind}_callback_name": callback for kind in ("success", "failure", "stopped")}
        queue.connection.hset(f"rq:job:{job}", mapping=fields | {"meta": json.dumps({"witness": str(witness)})})
    with running_worker(worker_env):
        assert [await ended(queue, job) for job in evil] == ["failed"] * len(evil)
        assert await ended(queue, harmless) == "finished"
        assert await ended(queue, with_callback) == "finished"
        assert await ended(queue, failing) == "failed"
    assert not witness.exists()


def called_back(job: Job, connection: Redis, *rest: object) -> None:
    """What RQ would import and call, were callbacks of the queue's heard."""
    Path(job.meta["witness"]).touch()


def test_a_name_that_no_one_listed_has_no_function(queue: Queue) -> None:
    job = NamedJob.create("subprocess.getoutput", args=["true"], connection=queue.connection, serializer=JSONSerializer)
    with pytest.raises(KeyError):
        _ = job.func


def test_redis_away_is_said_and_at_once() -> None:
    with pytest.raises(QueueUnavailable):
        enqueue_change_analyses(open_queue(connect(f"redis://127.0.0.1:{free_port()}/0")), [uuid4()])


def test_a_redis_that_comes_back_is_used_again(tmp_path: Path) -> None:
    valkey = Valkey(tmp_path / "valkey", free_port())
    queue = open_queue(connect(valkey.url))
    with pytest.raises(QueueUnavailable):
        enqueue_change_analyses(queue, [uuid4()])
    valkey.start()
    try:
        enqueue_change_analyses(queue, [uuid4()])
        assert len(queue.job_ids) == 1
    finally:
        valkey.stop()


def test_a_first_look_that_runs_is_not_asked_for_again(queue: Queue) -> None:
    repository = uuid4()
    enqueue_backfills(queue, [repository, repository])
    enqueue_back_test(queue, repository)
    enqueue_learn_history(queue, repository)
    assert len(queue.get_job_ids()) == 3
    for name in ("backfill", "back-test", "learn"):
        job = queue.fetch_job(f"{name}-{repository}")
        assert job is not None
        queue.remove(job)
        with queue.connection.pipeline() as pipeline:
            Execution.create(job, ttl=60, pipeline=pipeline)
            pipeline.execute()
    enqueue_backfills(queue, [repository])
    enqueue_back_test(queue, repository)
    assert queue.get_job_ids() == []
    enqueue_learn_history(queue, repository)  # there may have been news since it began
    assert queue.get_job_ids() == [f"learn-{repository}"]


def test_notifications_wait_in_a_queue_of_their_own(queue: Queue) -> None:
    notifications = open_notifications_queue(queue.connection)
    enqueue_send_notifications(notifications)
    enqueue_send_notifications(notifications)
    assert (notifications.get_job_ids(), queue.get_job_ids()) == (["send-notifications"], [])
    job = notifications.fetch_job("send-notifications")
    assert job is not None
    notifications.remove(job)
    with queue.connection.pipeline() as pipeline:
        Execution.create(job, ttl=60, pipeline=pipeline)
        pipeline.execute()
    enqueue_send_notifications(notifications)  # it runs, and takes what is due; the sweep enqueues again for the rest
    assert notifications.get_job_ids() == []
