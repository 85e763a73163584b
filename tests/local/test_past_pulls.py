"""Replayed pull requests: whose changes they are, which come first, and that none is open beside another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from bot.commands.remarked import remarked
from bot.history.programs import is_bot
from bot.local import Candidate
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.local.conftest import DEADLINE, Repo, run_git
from tests.repository import Repository
from tests.standin import StandIn, running_stand_in


async def replayed(stand_in: StandIn, count: int) -> list[dict[str, str]]:
    """Wait until there are so many replayed pull requests. Returns their facts, newest number first."""
    async with asyncio.timeout(DEADLINE):
        while len(found := [pull for pull in stand_in.hub.state.pulls if pull.replayed]) < count:  # noqa: ASYNC110 - a task of the stand-in
            await asyncio.sleep(0.02)
    found.sort(key=lambda pull: -pull.number)
    return [
        {"title": one.title, "author": one.author or "", "base": one.base_ref, "created": one.created_at}
        for one in found
    ]


async def test_replayed_changes_have_their_authors_and_dates_and_no_common_base(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        nine, seven = await replayed(stand_in, 2)
        assert (nine["title"], nine["author"]) == ("Add three", "ada-lovelace")
        assert (nine["base"], seven["base"]) == ("main-before-9", "main-before-7")
        assert nine["created"] == "2023-11-14T22:21:20Z"
        served = run_git("rev-parse", "main-before-9", "main-before-7", cwd=stand_in.hub.served).splitlines()
        assert served == [repo.sha("main~1"), repo.sha("main~2")]
        assert {branch.name for branch in stand_in.hub.state.branches} == {"main", "feature"}


async def test_changes_of_programs_are_not_replayed(make_repo: Callable[[str], Repo], tmp_path: Path) -> None:
    repo = make_repo("bots")
    repo.commit("Begin", a_py="one\n")
    repo.commit("By a person", a_py="two\n")
    repo.branch("bump")
    repo.git("commit", "--quiet", "--allow-empty", "--author", "dependabot[bot] <support@github.com>", "-m", "Bump x")
    repo.on("main")
    repo.merge("bump", "Merge branch 'bump'")
    repo.branch("mend-the-thing")
    repo.commit("One", a_py="three\n")
    repo.commit("Two", a_py="four\n")
    repo.on("main")
    repo.merge("mend-the-thing", "Merge branch 'mend-the-thing'")
    async with running_stand_in(repo.path, tmp_path, is_program=is_bot) as stand_in:
        assert [one["title"] for one in await replayed(stand_in, 1)] == ["Mend the thing"]


async def test_changes_with_a_remark_come_before_older_ones(repo: Repo, tmp_path: Path) -> None:
    asked: list[Candidate] = []
    repo.on("main")
    for number in range(20, 28):
        repo.commit(f"Change {number} (#{number})", a_py=f"{number}\n")

    async def find(_git_dir: Path, changes: Sequence[Candidate]) -> AsyncIterator[str]:
        asked.extend(changes)
        for change in changes:
            if change.title in {"Add two", "Change 22"}:
                yield change.head

    async with running_stand_in(repo.path, tmp_path, remarked=find, newest=6) as stand_in:
        await replayed(stand_in, 6)
        numbers = [pull.number for pull in stand_in.hub.state.pulls if pull.replayed]
        # At once the newest three, then those with a remark, then the newest of the others.
        assert sorted(numbers) == [7, 22, 24, 25, 26, 27]
        assert len(asked) == 7
    async with running_stand_in(repo.path, tmp_path, remarked=find, newest=6) as again:
        assert len(await replayed(again, 6)) == 6
        assert len(asked) == 7


async def test_a_change_with_a_remark_is_found(repository: Repository) -> None:
    base = repository.commit("first", {"app/core.py": HARMLESS})
    good = repository.commit("second", {"app/other.py": HARMLESS.replace("add", "plus")})
    bad = repository.commit("third", {"app/shell.py": UNSAFE})
    changes = [Candidate(good, bad, "third"), Candidate("0" * 40, good, "unreadable"), Candidate(base, good, "second")]
    assert [head async for head in remarked(repository.git_dir, changes)] == [bad]
