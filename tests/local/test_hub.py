"""Changes that polling a repository cannot find: forks, drafts, edits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.local.conftest import Receiver, Repo, run_git
from tests.local.test_git_http import clone, fetch
from tests.standin import StandIn, running_stand_in


@pytest.fixture
async def stand_in(repo: Repo, tmp_path: Path, receiver: Receiver) -> AsyncIterator[StandIn]:
    async with running_stand_in(repo.path, tmp_path, receiver.url) as running:
        await running.hub.settled()
        receiver.got.clear()
        yield running


def commit_on_no_branch(repo: Repo, message: str) -> str:
    """Create a commit that no branch contains, like the head of a fork."""
    repo.git("checkout", "--quiet", "--detach", "main")
    sha = repo.commit(message, fork_py=f"{message}\n")
    repo.on("main")
    return sha


async def test_a_pull_request_from_a_fork(repo: Repo, tmp_path: Path, stand_in: StandIn, receiver: Receiver) -> None:
    sha = commit_on_no_branch(repo, "From afar")
    pull = await stand_in.hub.open_pull_request(sha, "From afar", fork="afar/project", head_ref="main")
    opened = await receiver.wait_for("pull_request.opened")
    head = opened.payload["pull_request"]["head"]
    assert (head["label"], head["repo"]["full_name"], head["repo"]["fork"]) == ("afar:main", "afar/project", True)
    assert opened.payload["pull_request"]["base"]["repo"]["full_name"] == "local/project"
    there = tmp_path / "clone"
    await clone(stand_in, there)
    assert "afar" not in run_git("-C", str(there), "for-each-ref")
    await fetch(there, f"refs/pull/{pull.number}/head")
    assert run_git("-C", str(there), "rev-parse", "FETCH_HEAD") == sha
    after = commit_on_no_branch(repo, "Once more")
    await stand_in.hub.synchronize(pull.number, after)
    received = await receiver.wait_for("pull_request.synchronize")
    assert (received.payload["before"], received.payload["after"]) == (sha, after)
    assert "push" not in receiver.names
    await stand_in.hub.delete_fork(pull.number)
    await stand_in.hub.close(pull.number)
    closed = await receiver.wait_for("pull_request.closed")
    assert closed.payload["pull_request"]["head"]["repo"] is None


async def test_a_draft_becomes_ready(repo: Repo, stand_in: StandIn, receiver: Receiver) -> None:
    pull = await stand_in.hub.open_pull_request(commit_on_no_branch(repo, "Later"), "Later", draft=True)
    opened = await receiver.wait_for("pull_request.opened")
    assert opened.payload["pull_request"]["draft"] is True
    await stand_in.hub.ready_for_review(pull.number)
    ready = await receiver.wait_for("pull_request.ready_for_review")
    assert ready.payload["pull_request"]["draft"] is False


async def test_the_base_is_edited(repo: Repo, stand_in: StandIn, receiver: Receiver) -> None:
    repo.git("branch", "release", "main~1")
    await stand_in.watch.look()
    await stand_in.hub.edit_base(10, "release")
    received = await receiver.wait_for("pull_request.edited")
    assert received.payload["changes"]["base"]["ref"] == {"from": "main"}
    assert received.payload["pull_request"]["base"]["sha"] == repo.sha("main~1")
    assert received.payload["pull_request"]["commits"] == 2


async def test_closed_and_opened_again(stand_in: StandIn, receiver: Receiver) -> None:
    await stand_in.hub.close(10)
    assert (await receiver.wait_for("pull_request.closed")).payload["pull_request"]["state"] == "closed"
    await stand_in.hub.reopen(10)
    again = await receiver.wait_for("pull_request.reopened")
    assert (again.payload["pull_request"]["state"], again.payload["pull_request"]["closed_at"]) == ("open", None)


async def test_any_other_event_can_be_sent(stand_in: StandIn, receiver: Receiver) -> None:
    guid = await stand_in.hub.send("repository", {"action": "renamed"})
    assert (await receiver.wait_for("repository.renamed")).guid == guid
