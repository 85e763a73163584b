"""Mirrors: fetched over HTTP by one writer at a time, within a maximum size, without storing the token."""

import asyncio
import base64
import fcntl
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.errors import GiveUp, RetryLater
from bot.git.change import has_objects
from bot.git.mirror import fetch, maintain, remove
from bot.git.read_file import parent_of, resolve
from bot.git.run import git
from bot.git.shallow import HistoryCut
from bot.local.faults import Fault
from bot.local.git_repository import prepare
from tests.faults import bad_gateway
from tests.local.conftest import token_of
from tests.repository import Repository
from tests.stack import eventually
from tests.standin import StandIn, running_stand_in


@dataclass
class Remote:
    """A repository behind the stand-in, and a token that may read it."""

    repository: Repository
    stand_in: StandIn
    token: str
    mirror: Path

    async def grow(self, files: int) -> None:
        """Commit and serve files of 400 KB that do not compress."""
        noise = random.Random(7)
        self.repository.commit("large", {f"{number}.bin": noise.randbytes(400_000) for number in range(files)})
        await self.stand_in.watch.look()

    @property
    def url(self) -> str:
        """The URL to fetch from."""
        return f"{self.stand_in.url}/{self.stand_in.hub.identity.full_name}.git"


@pytest.fixture
async def remote(repository: Repository, tmp_path: Path) -> AsyncIterator[Remote]:
    repository.commit("first", {"a.py": "1\n"})
    repository.branch("topic")
    repository.commit("second", {"a.py": "2\n"})
    repository.checkout("main")
    async with running_stand_in(repository.path, tmp_path) as stand_in:
        token = await token_of(stand_in, permissions={"contents": "read"})
        yield Remote(repository, stand_in, token, tmp_path / "mirrors" / "1.git")


def traces(token: str) -> list[bytes]:
    """Return the forms of the token that must not appear anywhere."""
    return [token.encode(), base64.b64encode(f"x-access-token:{token}".encode()), token[-40:].encode()]


def fetch_in_another_process(remote: Remote, *, max_mb: int = 4096) -> "subprocess.Popen[bytes]":
    """Start the same fetch in another process, as another worker would. The token is passed by standard input."""
    program = (
        "import asyncio, pathlib, sys; from bot.git.mirror import fetch; "
        "asyncio.run(fetch(pathlib.Path(sys.argv[1]), sys.argv[2], sys.stdin.readline().strip(), "
        f"branches=['main', 'topic'], max_mb={max_mb}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(remote.mirror), remote.url], stdin=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    process.stdin.write(remote.token.encode() + b"\n")
    process.stdin.close()
    return process


async def test_branches_pull_requests_and_single_commits_are_fetched(remote: Remote) -> None:
    first, second = remote.repository.head("main"), remote.repository.head("topic")
    (number,) = [pull.number for pull in remote.stand_in.state.pulls if pull.head_sha == second]
    await fetch(remote.mirror, remote.url, remote.token, branches=["main"], pull_number=number, shas=[first, second])
    assert await resolve(remote.mirror, "refs/remotes/origin/main") == first
    assert await resolve(remote.mirror, f"refs/pull/{number}/head") == second
    assert await has_objects(remote.mirror, [first, second])


async def test_existing_commits_are_not_fetched_again(remote: Remote) -> None:
    first = remote.repository.head("main")
    await fetch(remote.mirror, remote.url, remote.token, branches=["main"])
    await fetch(remote.mirror, "http://127.0.0.1:9/nowhere.git", "no token", branches=["main"], shas=[first])


async def test_a_shallow_source_makes_a_shallow_mirror_until_it_is_complete(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("first", {"a.py": "1\n"})
    head = repository.commit("second", {"a.py": "2\n"})
    clone, mirror = tmp_path / "clone", tmp_path / "mirrors" / "1.git"
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.path}", str(clone))
    async with running_stand_in(clone, tmp_path) as stand_in:
        token = await token_of(stand_in, permissions={"contents": "read"})
        url = f"{stand_in.url}/{stand_in.hub.identity.full_name}.git"
        await fetch(mirror, url, token, branches=["main"], shas=[head])
        assert await has_objects(mirror, [head])
        with pytest.raises(HistoryCut):
            await parent_of(mirror, head)
        repository.git("-C", str(clone), "fetch", "--quiet", "--unshallow")
        await prepare(stand_in.hub.served, stand_in.hub.source)
        await fetch(mirror, url, token, branches=["main"], shas=[head])
        assert await parent_of(mirror, head) == repository.head("HEAD~1")


async def test_a_missing_ref_or_commit_is_no_error(remote: Remote) -> None:
    gone = "d" * 40
    await fetch(remote.mirror, remote.url, remote.token, branches=["main", "gone"], pull_number=99, shas=[gone])
    assert await resolve(remote.mirror, "refs/remotes/origin/main") == remote.repository.head("main")
    assert not await has_objects(remote.mirror, [gone])


async def test_a_branch_named_like_an_option_is_only_a_branch(remote: Remote, tmp_path: Path) -> None:
    witness = tmp_path / "executed"
    name = f"--upload-pack=touch${{IFS}}{witness}"
    await fetch(remote.mirror, remote.url, remote.token, branches=[name, "main"])
    assert await resolve(remote.mirror, "refs/remotes/origin/main")
    assert not witness.exists()


async def test_the_token_is_in_no_file_and_no_command_line(remote: Remote) -> None:
    await remote.grow(25)
    fetching = asyncio.create_task(fetch(remote.mirror, remote.url, remote.token, branches=["main", "topic"]))
    lines: set[bytes] = set()
    while not fetching.done():
        lines |= await asyncio.to_thread(command_lines)
    await fetching
    seen = [line for line in lines if str(remote.mirror).encode() in line and b"fetch" in line]
    assert seen, "no command line of the fetch was seen"
    for trace in traces(remote.token):
        assert not any(trace in line for line in lines)
        for file in remote.mirror.parent.rglob("*"):
            assert trace not in os.fsencode(file)
            if file.is_file():
                assert trace not in file.read_bytes()
    assert "url" not in (remote.mirror / "config").read_text()


def command_lines() -> set[bytes]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found.add((process / "cmdline").read_bytes())
    return found


async def test_an_error_does_not_repeat_the_token(remote: Remote) -> None:
    wrong = "ghs_" + "w" * 36
    with pytest.raises(GiveUp, match="still installed") as refused:
        await fetch(remote.mirror, remote.url, wrong, branches=["main"])
    assert not any(trace.decode() in str(refused.value) for trace in traces(wrong))


async def test_a_token_without_the_permission_gives_up_and_an_outage_is_retried(remote: Remote) -> None:
    weak = await token_of(remote.stand_in, permissions={"checks": "write"})
    with pytest.raises(GiveUp):
        await fetch(remote.mirror, remote.url, weak, branches=["main"])
    remote.stand_in.faults.append(bad_gateway("info/refs"))
    with pytest.raises(RetryLater):
        await fetch(remote.mirror, remote.url, remote.token, branches=["main"])
    with pytest.raises(RetryLater):
        await fetch(remote.mirror, "http://127.0.0.1:9/a/b.git", remote.token, branches=["main"])
    await fetch(remote.mirror, remote.url, remote.token, branches=["main"])


async def test_a_redirect_to_another_host_gets_no_token(remote: Remote, tmp_path: Path) -> None:
    """git follows a redirect of the first request only, and must not send the token to another host."""
    async with running_stand_in(remote.repository.path, tmp_path / "other", expect_violations=True) as other:
        there = f"http://localhost:{other.url.rpartition(':')[2]}/x/y.git/info/refs?service=git-upload-pack"
        remote.stand_in.faults.append(Fault(302, "GET", "info/refs", {"location": there}))
        with pytest.raises((GiveUp, RetryLater)):
            await fetch(remote.mirror, remote.url, remote.token, branches=["main"])
    async with ClientSession() as session, session.get(f"{remote.url}/info/refs?service=git-upload-pack") as answer:
        assert answer.status == 401


async def test_a_repository_over_the_size_gives_up_and_leaves_nothing(remote: Remote) -> None:
    await remote.grow(8)
    with pytest.raises(GiveUp, match="larger than 1 MB"):
        await fetch(remote.mirror, remote.url, remote.token, branches=["main"], max_mb=1)
    assert not remote.mirror.exists()
    await fetch(remote.mirror, remote.url, remote.token, branches=["main"], max_mb=50)


async def test_concurrent_processes_do_not_damage_the_mirror(remote: Remote) -> None:
    for round_number in range(3):
        remote.repository.commit(f"round {round_number}", {"b.py": f"{round_number}\n"})
        await remote.stand_in.watch.look()
        processes = [fetch_in_another_process(remote) for _ in range(3)]
        assert [await asyncio.to_thread(process.wait, 60) for process in processes] == [0, 0, 0]
    await git(remote.mirror, "fsck")
    assert await resolve(remote.mirror, "refs/remotes/origin/main") == remote.repository.head("main")
    assert list(remote.mirror.parent.glob(".new-*")) == []


async def test_the_lock_of_a_killed_process_is_released(remote: Remote) -> None:
    await remote.grow(40)
    process = fetch_in_another_process(remote)

    async def held() -> bool | None:
        if not remote.mirror.with_suffix(".lock").exists():
            return None
        with remote.mirror.with_suffix(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return None

    await eventually(held, "the other process holds the lock")
    os.killpg(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.wait)
    async with asyncio.timeout(20):
        await fetch(remote.mirror, remote.url, remote.token, branches=["main"])
        await maintain(remote.mirror)
    assert await resolve(remote.mirror, "refs/remotes/origin/main") == remote.repository.head("main")


async def test_removing_a_mirror_removes_its_lock(remote: Remote) -> None:
    await fetch(remote.mirror, remote.url, remote.token, branches=["main"])
    remove(remote.mirror)
    remove(remote.mirror)
    assert list(remote.mirror.parent.iterdir()) == []


async def test_a_fetch_waits_for_the_lock(remote: Remote) -> None:
    remote.mirror.parent.mkdir(parents=True)
    with remote.mirror.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        fetching = asyncio.create_task(fetch(remote.mirror, remote.url, remote.token, branches=["main"]))
        await asyncio.wait([fetching], timeout=1)
        assert not fetching.done()
        assert not remote.mirror.exists()
    await fetching
    assert await resolve(remote.mirror, "refs/remotes/origin/main") == remote.repository.head("main")
