"""A change in the repository sends the webhooks that GitHub would send."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.git.run import ZERO
from tests.local.conftest import DEADLINE, Received, Receiver, Repo
from tests.standin import StandIn, running_stand_in


@pytest.fixture
async def stand_in(repo: Repo, tmp_path: Path, receiver: Receiver) -> AsyncIterator[StandIn]:
    async with running_stand_in(repo.path, tmp_path, receiver.url) as running:
        await running.hub.settled()
        receiver.got.clear()
        yield running


async def look(stand_in: StandIn, receiver: Receiver) -> list[Received]:
    await stand_in.watch.look()
    await stand_in.hub.settled()
    got = list(receiver.got)
    receiver.got.clear()
    return got


async def test_a_commit_on_an_open_branch(repo: Repo, stand_in: StandIn, receiver: Receiver) -> None:
    before = repo.sha("feature")
    repo.on("feature")
    after = repo.commit("Add five", b_py="5\n")
    push, synchronize = await look(stand_in, receiver)
    assert (push.payload["ref"], push.payload["before"], push.payload["after"]) == ("refs/heads/feature", before, after)
    assert (push.payload["forced"], push.payload["created"], push.payload["deleted"]) == (False, False, False)
    assert [(one["id"], one["added"]) for one in push.payload["commits"]] == [(after, ["b.py"])]
    assert synchronize.name == "pull_request.synchronize"
    assert (synchronize.payload["before"], synchronize.payload["after"]) == (before, after)
    assert synchronize.payload["pull_request"]["head"]["sha"] == after
    assert synchronize.payload["pull_request"]["commits"] == 2
    assert await look(stand_in, receiver) == []


async def test_a_forced_push(repo: Repo, stand_in: StandIn, receiver: Receiver) -> None:
    repo.on("feature")
    repo.git("commit", "--quiet", "--amend", "--message", "Add four, differently")
    push, synchronize = await look(stand_in, receiver)
    assert push.payload["forced"] is True
    assert synchronize.name == "pull_request.synchronize"


async def test_a_new_branch_and_its_deletion(repo: Repo, stand_in: StandIn, receiver: Receiver) -> None:
    repo.branch("bare-of-commits")
    repo.branch("fix/typo-here")
    repo.commit("One", a_py="1\n")
    repo.commit("Two", a_py="2\n")
    repo.on("main")
    empty, push, opened = await look(stand_in, receiver)
    assert (empty.payload["created"], empty.payload["commits"]) == (True, [])
    assert (push.payload["created"], push.payload["before"]) == (True, ZERO)
    assert [one["message"] for one in push.payload["commits"]] == ["One", "Two"]
    assert (opened.name, opened.payload["pull_request"]["title"]) == ("pull_request.opened", "Fix/typo here")
    repo.git("branch", "--delete", "--force", "fix/typo-here")
    push, closed = await look(stand_in, receiver)
    assert (push.payload["deleted"], push.payload["after"], push.payload["head_commit"]) == (True, ZERO, None)
    assert (closed.name, closed.payload["pull_request"]["merged"]) == ("pull_request.closed", False)


async def test_a_merged_branch(repo: Repo, stand_in: StandIn, receiver: Receiver) -> None:
    tip = repo.merge("feature", "Merge branch 'feature'")
    push, closed = await look(stand_in, receiver)
    assert (push.payload["ref"], push.payload["after"]) == ("refs/heads/main", tip)
    assert closed.name == "pull_request.closed"
    assert closed.payload["pull_request"]["merged"] is True
    assert closed.payload["pull_request"]["merge_commit_sha"] == tip


async def test_polling_finds_a_new_commit(repo: Repo, tmp_path: Path, receiver: Receiver) -> None:
    async with running_stand_in(repo.path, tmp_path, receiver.url, poll_seconds=0.02):
        await receiver.wait_for("push")
        await asyncio.to_thread(repo.commit, "On main", a_py="more\n")
        received = await receiver.wait_for("push", 2)
        assert received.payload["head_commit"]["message"] == "On main"


async def test_the_stand_in_waits_for_the_receiver(repo: Repo, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    late = Receiver(url=f"http://127.0.0.1:{port}/webhook")
    async with running_stand_in(repo.path, tmp_path, late.url):
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/webhook", late.receive)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with asyncio.timeout(DEADLINE):
            await late.wait_for("push")
        await runner.cleanup()
    assert late.names[0] == "installation.created"


async def test_the_newest_branches_are_shown_and_the_newest_has_the_highest_number(repo: Repo, tmp_path: Path) -> None:
    for number in range(32):
        repo.branch(f"topic-{number}")
        repo.commit(f"Topic {number}")
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        shown = [pull.title for pull in stand_in.state.pulls if not pull.replayed]
    assert shown == [f"Topic {number}" for number in range(2, 32)]


async def test_a_checkout_on_a_topic_branch_still_has_its_default_branch(repo: Repo, tmp_path: Path) -> None:
    repo.on("feature")
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        assert stand_in.hub.default_branch == "main"
    repo.git("update-ref", "refs/remotes/origin/develop", "main")
    repo.git("branch", "develop", "main")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop")
    async with running_stand_in(repo.path, tmp_path / "afresh") as stand_in:
        assert stand_in.hub.default_branch == "develop"
        assert {branch.name for branch in stand_in.state.branches} == {"main", "feature", "develop"}
