"""Two machines with mirrors of their own, and one database and queue: jobs go where the mirror is, and to any other."""

import asyncio
from pathlib import Path
from typing import Any

from bot.db.snapshots import delete_snapshot, get_snapshot
from bot.domain.back_test import BackTest
from bot.domain.snapshots import Hotspots
from bot.history.schema import index_path
from bot.learning.similar_items import items_path
from bot.queue.enqueue import connect, enqueue_back_test, enqueue_learn_history, open_queue
from bot.queue.machines import known_queues
from bot.storage import machine_id
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack


def start_on(stack: Stack, folder: Path) -> Any:
    """A worker of a machine of its own."""
    there = dict(stack.env, DATA_DIR=str(folder))
    here, stack.env = stack.env, there
    try:
        return stack.start_worker()
    finally:
        stack.env = here


def dies(stack: Stack, worker: Any, folder: Path) -> None:
    """Kill the only worker of a machine. That it is silent is known after 105 s; here at once."""
    stack.kill_worker(worker)
    redis = connect(stack.settings.redis_url)
    redis.delete(*redis.smembers(f"rq:workers:gitinsight-on-{machine_id(folder)}"))


def mirrors(folder: Path) -> list[Path]:
    return sorted((folder / "mirrors").glob("*.git"))


async def test_jobs_prefer_the_machine_with_the_mirror_and_need_none(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    repository.commit("topic", {"app/topic.py": UNSAFE})
    one, two = tmp_path / "one", tmp_path / "two"
    async with running_stack(repository.path, tmp_path, valkey, workers=0) as stack:
        first = start_on(stack, one)
        await stack.check_run(repository.head())
        assert len(mirrors(one)) == 1
        await learned_at(stack, one)
        start_on(stack, two)
        await eventually_two(stack)
        # A worker that takes a job of the other machine hands it on. Whoever is slower than 8 s loses it again.
        queue = open_queue(connect(stack.settings.redis_url))
        for number in range(8):
            head = repository.commit(f"more {number}", {"app/topic.py": f"{UNSAFE}# {number}\n"})
            await stack.github.watch.look()
            await stack.check_run(head)
            if machine_id(one) in dict(known_queues(queue)):
                break
        assert machine_id(one) in dict(known_queues(queue))
        dies(stack, first, one)
        head = repository.commit("the machine is dead", {"app/topic.py": HARMLESS})
        await stack.github.watch.look()
        assert (await stack.check_run(head))["conclusion"] == "success"
        assert len(mirrors(two)) == 1
        await learned_at(stack, two)  # what the analyses read beside the mirror is made here, too
        await only_here(stack, two)


async def learned_at(stack: Stack, folder: Path) -> None:
    async def made() -> bool | None:
        return any(items_path(index_path(mirror)).exists() for mirror in mirrors(folder)) or None

    await eventually(made, f"the history is learned in {folder.name}")


async def eventually_two(stack: Stack) -> None:
    async def both() -> bool | None:
        keys = await asyncio.to_thread(connect(stack.settings.redis_url).keys, "rq:workers:gitinsight-on-*")
        return len(keys) == 2 or None

    await eventually(both, "both machines have a worker")


async def only_here(stack: Stack, folder: Path) -> None:
    """The jobs on the whole history run on a machine that has nothing of the repository."""
    repository_id = (await stack.analyses())[0].repository_id
    await delete_snapshot(stack.db, repository_id, Hotspots)
    await delete_snapshot(stack.db, repository_id, BackTest)
    dies(stack, stack.workers[-1], folder)
    three = folder.with_name("three")
    start_on(stack, three)
    queue = open_queue(connect(stack.settings.redis_url))

    async def stored(content: Any) -> bool | None:
        return await get_snapshot(stack.db, repository_id, content) is not None or None

    await asyncio.to_thread(enqueue_back_test, queue, repository_id)
    await eventually(lambda: stored(BackTest), "the back-test ran without a mirror")
    await asyncio.to_thread(enqueue_learn_history, queue, repository_id)
    await eventually(lambda: stored(Hotspots), "the history is learned without a mirror")
    assert machine_id(three) != machine_id(folder)
