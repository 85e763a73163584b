"""Webhooks: which are sent, in which order, with which headers, and how often."""

import uuid
from collections.abc import Callable
from pathlib import Path

from tests.local.conftest import Receiver, Repo, installed, rest
from tests.standin import running_stand_in


async def test_the_first_start_sends_each_webhook_once_in_order(repo: Repo, tmp_path: Path, receiver: Receiver) -> None:
    async with running_stand_in(repo.path, tmp_path, receiver.url) as stand_in:
        await stand_in.hub.settled()
    assert receiver.names == ["installation.created", *["pull_request.opened"] * 3, "push"]
    opened = [one.payload["number"] for one in receiver.got if one.event == "pull_request"]
    assert opened == [7, 9, 10]
    first = receiver.got[0]
    assert uuid.UUID(first.guid)
    assert first.headers["user-agent"].startswith("GitHub-Hookshot/")
    assert first.headers["x-github-hook-installation-target-type"] == "integration"
    assert first.headers["x-github-hook-installation-target-id"] == "4242"
    assert first.headers["x-github-hook-id"].isdigit()


async def test_the_second_start_sends_only_new_webhooks(repo: Repo, tmp_path: Path, receiver: Receiver) -> None:
    async with running_stand_in(repo.path, tmp_path, receiver.url) as stand_in:
        await stand_in.hub.settled()
        await stand_in.hub.comment(7, "remembered")
    receiver.got.clear()
    repo.on("feature")
    sha = repo.commit("Add five", a_py="five\n")
    async with running_stand_in(repo.path, tmp_path, receiver.url) as stand_in:
        await stand_in.hub.settled()
        assert [one.body for one in stand_in.state.comments_on(7)] == ["remembered"]
    assert receiver.names == ["push", "pull_request.synchronize"]
    assert receiver.got[1].payload["after"] == sha


async def test_a_failed_delivery_is_recorded_not_retried_and_can_be_redelivered(
    repo: Repo, tmp_path: Path, receiver: Receiver
) -> None:
    receiver.status = 503
    async with (
        running_stand_in(repo.path, tmp_path, receiver.url) as stand_in,
        rest(stand_in, stand_in.app_jwt()) as app,
    ):
        await stand_in.hub.settled()
        assert len(receiver.got) == 5
        failed = (await app("GET", "/app/hook/deliveries?status=failure&per_page=2")).body
        assert [one["status_code"] for one in failed] == [503, 503]
        receiver.status = 202
        again = await app("POST", f"/app/hook/deliveries/{failed[0]['id']}/attempts")
        assert again.status == 202
        await stand_in.hub.settled()
        assert receiver.got[-1].guid == failed[0]["guid"]
        newest = (await app("GET", "/app/hook/deliveries?per_page=1")).body[0]
        assert (newest["guid"], newest["redelivery"], newest["status"]) == (failed[0]["guid"], True, "OK")
        assert newest["id"] != failed[0]["id"]
        whole = (await app("GET", f"/app/hook/deliveries/{newest['id']}")).body
        assert whole["request"]["payload"] == receiver.got[-1].payload
        assert whole["response"]["payload"] == "accepted"


async def test_all_deliveries_are_found_through_the_cursor(repo: Repo, tmp_path: Path, receiver: Receiver) -> None:
    async with (
        running_stand_in(repo.path, tmp_path, receiver.url) as stand_in,
        rest(stand_in, stand_in.app_jwt()) as app,
    ):
        await stand_in.hub.settled()
        url, seen = "/app/hook/deliveries?per_page=2", []
        while url:
            page = await app("GET", url)
            seen += [one["guid"] for one in page.body]
            url = page.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert seen == [one.guid for one in reversed(receiver.got)]


async def test_a_rerequest_sends_one_webhook_to_this_app(repo: Repo, tmp_path: Path, receiver: Receiver) -> None:
    async with (
        running_stand_in(repo.path, tmp_path, receiver.url) as stand_in,
        installed(stand_in) as client,
    ):
        body = {"name": "x", "head_sha": repo.sha("feature"), "conclusion": "success"}
        made = await client("POST", "/check-runs", body)
        assert (await client("POST", f"/check-runs/{made.body['id']}/rerequest")).status == 201
        received = await receiver.wait_for("check_run.rerequested")
        assert received.payload["check_run"]["id"] == made.body["id"]
        assert received.payload["check_run"]["status"] == "completed"


async def test_two_repositories_in_one_data_dir_have_separate_state(
    repo: Repo, make_repo: Callable[[str], Repo], tmp_path: Path, receiver: Receiver
) -> None:
    other = make_repo("other")
    other.commit("Begin", a_py="1\n")
    async with running_stand_in(repo.path, tmp_path, receiver.url) as stand_in:
        await stand_in.hub.settled()
    receiver.got.clear()
    async with running_stand_in(other.path, tmp_path, receiver.url) as stand_in:
        await stand_in.hub.settled()
        assert len(stand_in.state.pulls) == 0
    assert receiver.names == ["installation.created", "push"]
