"""git clients fetch from the served repository over HTTP."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import GiveUp
from tests.local.conftest import Repo, run_git, token_of
from tests.standin import StandIn, running_stand_in


async def clone(stand_in: StandIn, to: Path, *options: str, token: str | None = None) -> str:
    """Clone over HTTP. Returns git's standard error if it failed."""
    credential = await token_of(stand_in) if token is None else token
    url = f"{stand_in.url}/{stand_in.hub.identity.full_name}.git"
    with_token = url.replace("://", f"://x-access-token:{credential}@")
    args = ("clone", "--quiet", "--bare", *options, with_token, str(to))
    return await asyncio.to_thread(run_git, *args, check=False)


async def fetch(to: Path, refspec: str) -> None:
    await asyncio.to_thread(run_git, "--git-dir", str(to), "fetch", "--quiet", "origin", refspec)


async def test_a_clone_has_branches_and_heads_of_pull_requests(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        there = tmp_path / "clone"
        assert await clone(stand_in, there) == ""
        assert run_git("-C", str(there), "rev-parse", "feature") == repo.sha("feature")
        assert run_git("-C", str(there), "symbolic-ref", "HEAD") == "refs/heads/main"
        await fetch(there, "+refs/pull/*/head:refs/pull/*/head")
        for pull in stand_in.state.pulls:
            assert run_git("-C", str(there), "rev-parse", f"refs/pull/{pull.number}/head") == pull.head_sha


async def test_a_partial_clone_gets_no_filtered_blobs(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Add a large file", big_bin="x" * 100_000)
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        there = tmp_path / "clone"
        assert await clone(stand_in, there, "--filter=blob:limit=1k") == ""
        missing = run_git("-C", str(there), "rev-list", "--objects", "--all", "--missing=print")
        assert missing.count("\n?") == 1


async def test_a_compressed_request_with_many_wants_is_served(repo: Repo, tmp_path: Path) -> None:
    for number in range(60):
        repo.git("branch", f"topic-{number}", repo.commit(f"Change {number}", a_py=f"{number}\n"))
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        there = tmp_path / "clone"
        assert await clone(stand_in, there, "-c", "protocol.version=0") == ""
        assert run_git("-C", str(there), "for-each-ref", "refs/heads").count("topic-") == 60


async def test_any_commit_can_be_fetched_by_its_sha(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        there = tmp_path / "clone"
        await clone(stand_in, there, "--depth=1")
        await fetch(there, repo.sha("main~1"))
        assert run_git("-C", str(there), "cat-file", "-t", repo.sha("main~1")) == "commit"


@pytest.mark.parametrize("token", ["", "ghs_wrong"])
async def test_without_a_valid_token_nothing_is_served(repo: Repo, tmp_path: Path, token: str) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        assert await clone(stand_in, tmp_path / "clone", token=token) != ""
        assert not (tmp_path / "clone").exists()


async def test_a_token_without_the_contents_permission_cannot_clone(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        token = await token_of(stand_in, permissions={"checks": "write"})
        assert "not found" in await clone(stand_in, tmp_path / "clone", token=token)


async def test_a_linked_worktree_a_bare_repository_and_one_without_config_are_served(
    repo: Repo, tmp_path: Path
) -> None:
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "feature")
    run_git("clone", "--quiet", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    run_git("clone", "--quiet", "--bare", str(repo.path), str(tmp_path / "snapshot"))
    (tmp_path / "snapshot" / "config").unlink()
    for name in ("linked", "bare.git", "snapshot"):
        async with running_stand_in(tmp_path / name, tmp_path / f"of-{name}") as stand_in:
            assert stand_in.hub.default_branch == "main"
            assert await clone(stand_in, tmp_path / f"clone-of-{name}") == ""


async def test_a_partial_clone_as_the_source_serves_partial_clones(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Add a large file", big_bin="x" * 100_000)
    options = ("--quiet", "--bare", "--no-local", "--filter=blob:limit=50k")
    run_git("-C", str(repo.path), "config", "uploadpack.allowFilter", "true")
    run_git("clone", *options, str(repo.path), str(tmp_path / "snapshot"))
    (tmp_path / "snapshot" / "config").unlink()
    async with running_stand_in(tmp_path / "snapshot", tmp_path) as stand_in:
        there = tmp_path / "clone"
        assert await clone(stand_in, there, "--filter=blob:limit=50k") == ""
        assert run_git("-C", str(there), "rev-parse", "main") == repo.sha("main")


async def test_an_empty_repository_and_a_single_commit_are_served(
    make_repo: Callable[[str], Repo], tmp_path: Path
) -> None:
    empty = make_repo("empty")
    async with running_stand_in(empty.path, tmp_path / "of-empty") as stand_in:
        assert list(stand_in.state.pulls) == []
        sha = empty.commit("Begin", a_py="1\n")
        await stand_in.watch.look()
        assert await clone(stand_in, tmp_path / "clone") == ""
        assert run_git("-C", str(tmp_path / "clone"), "rev-parse", "main") == sha
    async with running_stand_in(empty.path, tmp_path / "of-one") as stand_in:
        assert list(stand_in.state.pulls) == []


async def test_the_served_repository_contains_no_copies_of_objects(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        objects = [path for path in (stand_in.hub.served / "objects").rglob("*") if path.is_file()]
        assert [path.name for path in objects] == ["alternates"]


async def test_a_folder_without_a_repository_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match="There is no git repository at"):
        async with running_stand_in(tmp_path, tmp_path / "data"):
            pass
