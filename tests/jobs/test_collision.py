"""Collisions: two open pull requests change the same function. Closed and stacked ones do not count."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from bot.commands.explain import explain_insight
from bot.db.analyses import Claimed
from bot.db.engine import Database, now
from bot.db.history_tables import OpenPullRow
from bot.domain.change import Report
from bot.github.pulls import PullState
from bot.pipeline.make_report import ReadConfig, ReportRequest, make_report
from bot.pipeline.open_pulls import (
    PullScope,
    delete_touched_of_closed,
    pull_scope,
    store_touched_and_recheck,
)
from bot.sandbox import Sandbox
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack
from tests.web.filled import fill

CORE = "def first(a):\n    return a + 1\n\n\ndef second(b):\n    c = b * 2\n    return c\n"


def changing(repository: Repository, branch: str, constant: str, start: str = "main") -> str:
    repository.branch(branch, start)
    return repository.commit(branch, {"app/core.py": CORE.replace("b * 2", f"b * {constant}")})


async def opened(stack: Stack, repository: Repository, branch: str) -> int:
    """Look at the branch as a new pull request, and wait for its analysis."""
    await stack.github.watch.look()
    row = await stack.finished(repository.head(branch))
    assert row.status == "completed" and row.pull_number
    return row.pull_number


async def collisions(stack: Stack, sha: str) -> list[int]:
    found = await stack.insights(sha)
    return sorted(one.evidence["pull_request"] for one in found if one.rule == "collision/same-function")


async def test_the_later_pull_request_has_a_remark_about_the_earlier_one(
    repository: Repository, tmp_path: Path, valkey: Valkey, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit("first", {"app/core.py": CORE})
    closed = changing(repository, "closed", "3")
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        gone = await opened(stack, repository, "closed")
        await stack.github.hub.close(gone)
        await stack.github.hub.settled()
        earlier = changing(repository, "earlier", "4")
        number = await opened(stack, repository, "earlier")
        assert await collisions(stack, closed) == []
        assert await collisions(stack, earlier) == []  # the only other one is closed

        later = changing(repository, "later", "5")
        own = await opened(stack, repository, "later")
        assert await collisions(stack, later) == [number]
        summary = (await stack.check_run(later))["summary"]
        assert f"Open pull request {number} also changes `second`" in summary
        assert f"#{number}" not in summary and f"/pull/{number}" not in summary

        stacked = changing(repository, "stacked", "6", start="earlier")
        await opened(stack, repository, "stacked")
        assert await collisions(stack, stacked) == [own]  # it is stacked on the earlier one

        [remark] = [one for one in await stack.insights(later) if one.rule == "collision/same-function"]
        await explain_insight(stack.settings, str(remark.id))
        assert "cannot be recomputed" in capsys.readouterr().out

        pull = stack.github.hub.pull(own)
        pull.state = "closed"  # its webhook was lost
        stack.github.state.pulls.save(pull)
        await stack.github.hub.rerequest(stack.check_runs(later)[-1]["id"])

        async def deleted() -> bool | None:
            return own not in await open_rows(stack.db) or None

        await eventually(deleted, "the row of the closed pull request is deleted by its next analysis")
        assert number in await open_rows(stack.db)


async def test_of_two_concurrent_analyses_the_second_finds_the_first(repository: Repository, database_url: str) -> None:
    repository.commit("first", {"app/core.py": CORE, "app/other.py": "x = 1\n"})
    heads = {number: changing(repository, f"topic-{number}", str(number)) for number in (3, 4)}
    repository.branch("apart", "main")
    heads[5] = repository.commit("apart", {"app/other.py": "x = 2\n"})
    db = Database(database_url)
    try:
        filled = await fill(db)
        scopes = {number: scope_of(db, filled.public, repository, number, head) for number, head in heads.items()}
        async with Sandbox() as sandbox:
            reports = {number: await report_of(repository, sandbox, scope) for number, scope in scopes.items()}
            assert not any(collided(report) for report in reports.values())  # no pull request is stored yet
            assert not await store_touched_and_recheck(scopes[3], reports[3])
            assert not await store_touched_and_recheck(scopes[5], reports[5])  # it changes another file
            assert await store_touched_and_recheck(scopes[4], reports[4])
            again = await report_of(repository, sandbox, scopes[4])
        assert collided(again) == [3]
        assert not await store_touched_and_recheck(scopes[4], again)
        closed = PullState(4, heads[4], repository.head("main"), "main", draft=False, open=False, title="")
        await delete_touched_of_closed(db, scopes[4].claimed, closed)
        assert await open_rows(db) == [3, 5]
        older = scope_of(db, filled.public, repository, 4, "a" * 40, present=heads[4])
        for late in (older, replace(scopes[4], open=False)):
            assert not await store_touched_and_recheck(late, reports[4])
        assert await open_rows(db) == [3, 5]  # rows of an older head and of a closed pull request are not stored
    finally:
        await db.close()


async def open_rows(db: Database) -> list[int]:
    """Return the numbers of the stored pull requests."""
    async with db.reading() as session:
        return sorted(await session.scalars(select(OpenPullRow.number)))


def scope_of(
    db: Database, repository_id: UUID, repository: Repository, number: int, head: str, present: str = ""
) -> PullScope:
    claimed = Claimed(
        id=uuid4(), attempt=1, repository_id=repository_id, github_id=1, installation_id=1, full_name="a/b",
        default_branch="main", subject="", pull_number=number, ref="", head_sha=head, base_sha=None,
        check_run_id=None, comment_id=None, created_at=now(),
    )  # fmt: skip
    pull = PullState(number, present or head, repository.head("main"), "main", draft=False, open=True, title="")
    scope = pull_scope(db, claimed, pull)
    assert scope is not None
    return scope


async def report_of(repository: Repository, sandbox: Sandbox, scope: PullScope) -> Report:
    request = ReportRequest(
        git_dir=repository.git_dir,
        base=repository.head("main"),
        head=scope.claimed.head_sha,
        repository="a/b",
        config=ReadConfig(),
        index=None,
        pull=scope,
    )
    return await make_report(request, sandbox)


def collided(report: Report) -> list[int]:
    return [one.evidence["pull_request"] for one in report.insights if one.rule == "collision/same-function"]
