"""Two open pull requests that change one function: the later one says so, of those that are open and apart."""

from pathlib import Path

import pytest

from bot.commands.explain import explain_insight
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, running_stack

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


async def test_the_later_pull_request_says_that_an_open_one_changes_the_same_function(
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
        assert f"Pull request {number}, open too, also changes `second`" in summary
        assert f"#{number}" not in summary and f"/pull/{number}" not in summary

        stacked = changing(repository, "stacked", "6", start="earlier")
        await opened(stack, repository, "stacked")
        assert await collisions(stack, stacked) == [own]  # it is built upon the earlier one

        [said] = [one for one in await stack.insights(later) if one.rule == "collision/same-function"]
        await explain_insight(stack.settings, str(said.id))
        assert "cannot be recomputed" in capsys.readouterr().out
