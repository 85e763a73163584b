"""Two heads at work at once leave one comment, and it speaks of the present one."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.db.engine import now
from bot.db.tables import Analysis
from bot.github.comments import upsert_comment
from bot.local.config import BOT_LOGIN
from bot.local.item_records import Comment
from bot.local.records import now as moment
from tests.faults.running import Running, running, started
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository


def before_its_comment(monkeypatch: pytest.MonkeyPatch, interlude: Callable[[], Awaitable[None]]) -> None:
    """Stop the next worker between its check run and its comment, and run `interlude` there."""
    calls: list[int] = []

    async def late(*args: Any, **more: Any) -> int | None:
        calls.append(1)
        if len(calls) == 1:
            await interlude()
        return await upsert_comment(*args, **more)

    monkeypatch.setattr("bot.pipeline.publish.upsert_comment", late)


async def push(bench: Running, repository: Repository, name: str, content: str) -> str:
    head = repository.commit(name, {"app/shell.py": content})
    await bench.github.watch.look()
    await bench.deliver_new("pull_request", "opened" if name == "A" else "synchronize")
    return head


async def test_a_late_comment_of_an_older_head_does_not_stay(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        older = await push(bench, repository, "A", UNSAFE)

        async def overtake() -> None:
            """The worker was silent for so long that it is taken for dead; the newer head is published meanwhile."""
            newer = await push(bench, repository, "B", HARMLESS)
            async with bench.db.writing() as session:
                await session.execute(update(Analysis).where(Analysis.head_sha == older).values(lease_until=now()))
            assert (await bench.work_once(newer)).status == "completed"

        before_its_comment(monkeypatch, overtake)
        number = (await bench.rows(older))[0].pull_number or 0
        await bench.work()
        newest = (await bench.rows())[-1]
        assert newest.head_sha == repository.head()
        assert bench.comments(number) == []
        spoke = await bench.verdict()
        assert spoke is not None
        assert spoke.head_sha == newest.head_sha
        bench.assert_all_concluded()


async def test_a_head_that_moves_during_the_post_is_analyzed(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        await push(bench, repository, "A", UNSAFE)

        async def move() -> None:  # the delivery is lost
            repository.commit("B", {"app/shell.py": HARMLESS})
            await bench.github.watch.look()

        before_its_comment(monkeypatch, move)
        await bench.work()
        assert [run.conclusion for run in bench.runs(repository.head())] == ["success"]
        assert bench.github.state.comments_on((await bench.rows())[0].pull_number or 0) == []


async def test_comments_whose_answers_were_lost_are_deleted(repository: Repository, tmp_path: Path) -> None:
    started(repository)
    async with running(repository, tmp_path) as bench:
        head = await push(bench, repository, "A", UNSAFE)
        number = (await bench.rows(head))[0].pull_number or 0
        for text in ("one", "two"):
            state = bench.github.state
            body = f"<!-- gitinsight -->\n{text}"
            state.comments.save(
                Comment(id=state.new_id(), number=number, user=BOT_LOGIN, body=body, created_at=moment())
            )
        await bench.github.hub.comment(number, "<!-- gitinsight -->\nof somebody else")
        await bench.work()
        own = [one for one in bench.github.state.comments_on(number) if one.user == BOT_LOGIN]
        assert len(own) == 1
        assert "security/S602" in own[0].body
        assert len(bench.comments(number)) == 2
