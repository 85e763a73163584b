"""The payloads have the fields that published examples of GitHub's have."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract.examples import examples, examples_of
from tests.local.conftest import Receiver, Repo, installed
from tests.standin import running_stand_in

# Objects with a field for each of something, or whose fields depend on settings: their names are no contract.
OPEN = {"permissions", "custom_properties", "labels", "requested_reviewers", "assignees", "license"}
# Not every owner is an organization; the App itself and these are told by newer examples only.
OPTIONAL = {"organization", "actions", "deployment"}


def missing(expected: Any, given: Any, path: str = "") -> list[str]:
    """The fields of the example that ours lacks, as dotted paths."""
    if isinstance(expected, list) and isinstance(given, list):
        return missing(expected[0], given[0], f"{path}[]") if expected and given else []
    if not isinstance(expected, dict) or not isinstance(given, dict):
        return []
    found = []
    for name, value in expected.items():
        if name in OPTIONAL:
            continue
        if name not in given:
            found.append(f"{path}.{name}")
        elif name not in OPEN:
            found += missing(value, given[name], f"{path}.{name}")
    return found


def test_there_are_329_examples_and_callers_cannot_spoil_them() -> None:
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
