"""The webhook payloads have all fields of GitHub's published examples."""

from pathlib import Path
from typing import Any

import pytest

from bot.local.hub import Hub
from tests.contract.examples import examples, examples_of
from tests.items import at, write
from tests.local.conftest import Receiver, Repo, installed
from tests.standin import running_stand_in

# The fields of these objects depend on settings, or each field is one item: their names are no contract.
OPEN = {"changes", "permissions", "custom_properties", "labels", "requested_reviewers", "assignees", "license"}
# Not every owner is an organization, nor has every release a discussion. Only newer examples have the other two.
OPTIONAL = {"organization", "actions", "deployment", "discussion_url"}


def missing(expected: Any, actual: Any, path: str = "") -> list[str]:
    """Return the fields of the example that our payload lacks, as dotted paths."""
    if isinstance(expected, list) and isinstance(actual, list):
        return missing(expected[0], actual[0], f"{path}[]") if expected and actual else []
    if not isinstance(expected, dict) or not isinstance(actual, dict):
        return []
    fields = []
    for name, value in expected.items():
        if name in OPTIONAL:
            continue
        if name not in actual:
            fields.append(f"{path}.{name}")
        elif name not in OPEN:
            fields += missing(value, actual[name], f"{path}.{name}")
    return fields


def test_there_are_329_examples_and_callers_cannot_change_them() -> None:
    assert len(examples()) == 329
    examples()[0][1].clear()
    assert examples()[0][1]


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("installation", "created"),
        ("pull_request", "opened"),
        ("pull_request", "synchronize"),
        ("pull_request", "closed"),
        ("push", None),
        ("check_run", "rerequested"),
    ],
)
async def test_no_field_of_the_examples_is_missing(
    repo: Repo, tmp_path: Path, receiver: Receiver, event: str, action: str | None
) -> None:
    async with running_stand_in(repo.path, tmp_path, receiver.url) as stand_in:
        await stand_in.hub.synchronize(10, repo.sha("feature"))
        await stand_in.hub.close(9)
        async with installed(stand_in) as client:
            body = {"name": "x", "head_sha": repo.sha("feature"), "conclusion": "success"}
            made = await client("POST", "/check-runs", body)
            await stand_in.hub.rerequest(made.body["id"])
        ours = await receiver.wait_for(f"{event}.{action}" if action else event)
        await stand_in.hub.settled()
    published = [one for one in examples_of(event, action) if event != "push" or one["ref"].startswith("refs/heads/")]
    assert published
    for example in published:
        assert missing(example, ours.payload) == []


EVENTS = (
    "issues.opened issues.edited issues.closed issues.reopened issues.labeled issues.unlabeled issues.milestoned "
    "issues.demilestoned issues.deleted issues.transferred pull_request.labeled pull_request_review.submitted "
    "pull_request_review.dismissed label.created label.edited label.deleted release.created release.published "
    "release.released release.prereleased release.edited release.deleted installation.new_permissions_accepted"
).split()


async def test_no_field_is_missing_in_what_is_sent_about_issues(repo: Repo, tmp_path: Path, receiver: Receiver) -> None:
    milestone = {"type": "milestone", "number": 1, "title": "1.0", "created_at": at(1), "user": "alice"}
    items = write(tmp_path / "items.jsonl", milestone)
    async with running_stand_in(repo.path, tmp_path, receiver.url, newest=0, items=items) as stand_in:
        change(stand_in.hub)
        stand_in.hub.repository.accept_permissions()
        sent = {name: await receiver.wait_for(name) for name in EVENTS}
        await stand_in.hub.settled()
    for name, ours in sent.items():
        for example in examples_of(*name.split(".")):
            came_from_elsewhere = name == "issues.opened" and "changes" in example
            if came_from_elsewhere or "pull_request" in example.get("issue", {}):
                continue
            lacks = missing(example, ours.payload)
            assert lacks == [], name
    assert sent["issues.transferred"].payload["changes"]["new_repository"]["full_name"] == "local/elsewhere"
    assert sent["label.edited"].payload["changes"] == {"name": {"from": "bug"}}
    assert sent["pull_request_review.submitted"].payload["review"]["state"] == "changes_requested"
    assert sent["installation.new_permissions_accepted"].payload["installation"]["permissions"]["issues"] == "read"


def change(hub: Hub) -> None:
    """Do once what each event is about."""
    items, repository = hub.items, hub.repository
    repository.create_label("bug", "ff0000", "broken")
    number = items.open_issue("It does not start", body="at all").number
    items.edit(number, title="It starts never")
    items.add_label(number, "bug")
    items.remove_label(number, "bug")
    items.set_milestone(number, 1)
    items.set_milestone(number, None)
    items.close(number)
    items.reopen(number)
    items.delete(number)
    items.transfer(items.open_issue("elsewhere").number)
    (pull,) = hub.state.pulls
    items.add_label(pull.number, "bug")
    items.dismiss(items.review(pull.number, "CHANGES_REQUESTED").id)
    repository.rename_label("bug", "fault")
    repository.delete_label("fault")
    repository.edit_release(repository.publish_release("v1", name="One").id, name="1")
    repository.delete_release(repository.publish_release("v2", prerelease=True).id)


async def test_an_installation_gets_only_the_events_that_it_may_see(
    repo: Repo, tmp_path: Path, receiver: Receiver
) -> None:
    unaccepted = frozenset({"issues"})
    async with running_stand_in(repo.path, tmp_path, receiver.url, newest=0, unaccepted=unaccepted) as stand_in:
        assert "issues" not in stand_in.hub.show.installation()["events"]
        stand_in.hub.items.open_issue("unseen")
        stand_in.hub.repository.accept_permissions()
        stand_in.hub.items.open_issue("seen")
        await receiver.wait_for("issues.opened")
        await stand_in.hub.settled()
    assert [one.payload["issue"]["title"] for one in receiver.got if one.event == "issues"] == ["seen"]
