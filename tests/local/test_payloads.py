"""The webhook payloads have all fields of GitHub's published examples."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract.examples import examples, examples_of
from tests.local.conftest import Receiver, Repo, installed
from tests.standin import running_stand_in

# The fields of these objects depend on settings, or each field is one item: their names are no contract.
OPEN = {"permissions", "custom_properties", "labels", "requested_reviewers", "assignees", "license"}
# Not every owner is an organization. Only newer examples have the other two.
OPTIONAL = {"organization", "actions", "deployment"}


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
