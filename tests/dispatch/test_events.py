"""The router: what each event asks for, with GitHub's own examples."""

import json
from typing import Any

import pytest

from bot.dispatch.events import HANDLED, orders_of
from bot.domain.items import Account
from bot.domain.orders import (
    AnalyzeChange,
    ClosePull,
    DeleteInstallation,
    DeleteItem,
    DeleteLabel,
    DeleteRelease,
    DeleteRepositories,
    InstallationRef,
    Order,
    RerunAnalysis,
    RerunHead,
    RetryRefusedSync,
    RevokeAuthorization,
    SaveInstallation,
    SaveItem,
    SaveLabel,
    SaveRelease,
    SaveResponse,
    SuspendInstallation,
    UpdateRepository,
)
from tests.contract.examples import examples, examples_of

ZERO = "0" * 40
INSTALLATION = {"id": 99, "account": {"login": "octo"}}
EXPECTED: dict[str, dict[str, tuple[type[Any], ...]]] = {
    "pull_request": dict.fromkeys(("opened", "synchronize", "reopened", "ready_for_review"), (AnalyzeChange, SaveItem))
    | {"closed": (ClosePull, SaveItem)}
    | dict.fromkeys(
        ("edited", "labeled", "unlabeled", "milestoned", "demilestoned", "converted_to_draft"), (SaveItem,)
    ),
    "issues": dict.fromkeys(
        ("opened", "edited", "closed", "reopened", "labeled", "unlabeled", "milestoned", "demilestoned"), (SaveItem,)
    )
    | dict.fromkeys(("deleted", "transferred"), (DeleteItem,)),
    "pull_request_review": dict.fromkeys(("submitted", "edited", "dismissed"), (SaveResponse,)),
    "label": {"created": (SaveLabel,), "edited": (SaveLabel,), "deleted": (DeleteLabel,)},
    "release": dict.fromkeys(
        ("created", "edited", "published", "unpublished", "released", "prereleased"), (SaveRelease,)
    )
    | {"deleted": (DeleteRelease,)},
    "installation": {
        "created": (SaveInstallation,),
        "unsuspend": (SaveInstallation,),
        "new_permissions_accepted": (SaveInstallation, RetryRefusedSync),
        "suspend": (SuspendInstallation,),
        "deleted": (DeleteInstallation,),
    },
    "check_suite": {"requested": (AnalyzeChange,), "rerequested": (RerunHead,)},
    "merge_group": {"checks_requested": (AnalyzeChange,)},
    "github_app_authorization": {"revoked": (RevokeAuthorization,)},
    "installation_repositories": {"added": (SaveInstallation,), "removed": (DeleteRepositories,)},
    "repository": dict.fromkeys(("renamed", "edited", "privatized", "publicized", "transferred"), (UpdateRepository,)),
}


async def orders(event: str, payload: dict[str, Any]) -> list[Order]:
    return await orders_of(event, "an-id", payload)


def example(event: str, action: str | None = None, /, **changed: Any) -> dict[str, Any]:
    """A published payload as our installation would get it."""
    payload = next(iter(examples_of(event, action)))
    return payload | {"installation": INSTALLATION} | changed


async def test_every_published_example_gives_what_its_event_asks_for() -> None:
    seen = set()
    for event, payload in examples():
        action = payload.get("action", "")
        found = await orders(event, payload | {"installation": payload.get("installation") or INSTALLATION})
        expected = EXPECTED.get(event, {}).get(action)
        if expected is not None:
            assert tuple(type(order) for order in found) == expected, (event, action)
            seen.add((event, action))
        elif event not in {"push", "check_run"}:
            assert found == [], (event, action)
    handled = {(event, action) for event, actions in EXPECTED.items() for action in actions}
    published = {(event, payload.get("action", "")) for event, payload in examples()}
    assert seen == handled & published
    assert len(seen) >= 38
    assert set(EXPECTED) | {"push", "check_run"} == HANDLED


async def test_without_an_installation_nothing_is_ours_to_do() -> None:
    for event, payload in examples():
        if event == "github_app_authorization":
            continue  # it is about a person
        for none in ({}, {"installation": None}):
            assert await orders(event, {key: payload[key] for key in payload if key != "installation"} | none) == []


async def test_a_pull_request_is_read() -> None:
    payload = example("pull_request", "opened")
    order, saved = await orders("pull_request", payload)
    pull, repository = payload["pull_request"], payload["repository"]
    assert isinstance(order, AnalyzeChange)
    assert (order.subject, order.pull_number) == (f"pull/{pull['number']}", pull["number"])
    assert (order.head_sha, order.base_sha, order.ref) == (
        pull["head"]["sha"],
        pull["base"]["sha"],
        pull["base"]["ref"],
    )
    assert order.key == f"pull/{pull['number']}@{pull['head']['sha']}:{pull['base']['ref']}"
    assert (order.repository.github_id, order.repository.full_name) == (repository["id"], repository["full_name"])
    assert order.repository.installation == InstallationRef(99, "octo")
    assert order.repository.default_branch == repository["default_branch"]
    assert not order.rerun
    assert isinstance(saved, SaveItem)
    assert (saved.repository, saved.item.number) == (repository["id"], pull["number"])
    assert saved.item.pull is not None
    assert saved.item.pull.head_sha == pull["head"]["sha"]


@pytest.mark.parametrize(("action", "again"), [("synchronize", False), ("reopened", True), ("ready_for_review", True)])
async def test_what_came_back_is_analyzed_again(action: str, again: bool) -> None:
    order, _ = await orders("pull_request", example("pull_request", "opened", action=action))
    assert isinstance(order, AnalyzeChange)
    assert order.rerun is again


@pytest.mark.parametrize("action", ["assigned", "locked", "auto_merge_enabled", "", "__class__"])
async def test_other_actions_ask_for_nothing(action: str) -> None:
    assert await orders("pull_request", example("pull_request", "opened", action=action)) == []


@pytest.mark.parametrize(
    ("changes", "count"),
    [({"base": {"ref": {"from": "old"}}}, 1), ({"title": {"from": "old"}}, 0), ({}, 0), (None, 0)],
)
async def test_an_edit_counts_when_it_gives_a_new_base(changes: object, count: int) -> None:
    payload = example("pull_request", "opened", action="edited", changes=changes)
    found = await orders("pull_request", payload)
    assert [isinstance(order, AnalyzeChange) for order in found] == [True] * count + [False]


async def test_a_fork_that_is_gone_has_a_null_head_repository() -> None:
    payload = json.loads(json.dumps(example("pull_request", "opened")))
    payload["pull_request"]["head"]["repo"] = None
    payload["pull_request"]["head"]["user"] = None
    order, _ = await orders("pull_request", payload)
    assert isinstance(order, AnalyzeChange)
    assert order.repository.full_name == payload["repository"]["full_name"]


async def test_a_push_is_read_and_knows_what_was_there() -> None:
    payload = example("push", ref="refs/heads/feature/@{x}", before="a" * 40, after="b" * 40, deleted=False)
    (order,) = await orders("push", payload)
    assert isinstance(order, AnalyzeChange)
    assert (order.subject, order.ref) == ("refs/heads/feature/@{x}", "feature/@{x}")
    assert (order.base_sha, order.head_sha, order.pull_number) == ("a" * 40, "b" * 40, None)
    (new,) = await orders("push", payload | {"before": ZERO})
    assert isinstance(new, AnalyzeChange)
    assert new.base_sha is None


@pytest.mark.parametrize(
    "changed",
    [
        {"ref": "refs/tags/v1"},
        {"deleted": True},
        {"deleted": True, "after": ZERO},
        {"after": ZERO},
        {"after": "0" * 64},
        {"ref": "refs/notes/commits"},
        {"ref": "refs/heads"},
    ],
)
async def test_tags_deleted_branches_and_other_refs_ask_for_nothing(changed: dict[str, Any]) -> None:
    pushed = {"ref": "refs/heads/main", "before": "a" * 40, "after": "b" * 40, "deleted": False}
    assert await orders("push", example("push") | pushed | changed) == []


async def test_only_our_own_check_run_is_run_again() -> None:
    payload = example("check_run", "rerequested")
    ours = {"name": "GitInsight", "external_id": "7b1c6c6e-0000-4000-8000-000000000001"}
    run = payload["check_run"]
    (order,) = await orders("check_run", payload | {"check_run": run | ours})
    assert isinstance(order, RerunAnalysis)
    assert str(order.analysis_id) == ours["external_id"]
    for changed in ({"name": "Other"}, {"external_id": ""}, {"external_id": None}):
        assert await orders("check_run", payload | {"check_run": run | ours | changed}) == []
    with pytest.raises(ValueError, match="badly formed"):
        await orders("check_run", payload | {"check_run": run | ours | {"external_id": "not ours"}})


async def test_a_check_suite_is_a_second_source_with_the_keys_of_the_first() -> None:
    payload = example("check_suite", "requested")
    suite = payload["check_suite"]
    (pushed,) = await orders("check_suite", payload)
    push = example(
        "push", ref=f"refs/heads/{suite['head_branch']}", before=suite["before"], after=suite["head_sha"], deleted=False
    ) | {"repository": payload["repository"]}
    (same,) = await orders("push", push)
    assert isinstance(pushed, AnalyzeChange)
    assert isinstance(same, AnalyzeChange)
    assert (pushed.key, pushed.base_sha) == (same.key, same.base_sha)
    for before in (ZERO, "0" * 64, None):
        (new,) = await orders("check_suite", payload | {"check_suite": suite | {"before": before}})
        assert isinstance(new, AnalyzeChange)
        assert new.base_sha is None
    assert await orders("check_suite", payload | {"check_suite": suite | {"head_branch": None}}) == []  # of a tag


async def test_a_check_suite_of_pull_requests_is_of_those_with_its_head() -> None:
    payload = example("check_suite", "rerequested")
    suite = payload["check_suite"]
    (again,) = await orders("check_suite", payload)
    assert isinstance(again, RerunHead)
    (pull,) = suite["pull_requests"]
    assert again.or_else.key == f"pull/{pull['number']}@{suite['head_sha']}:{pull['base']['ref']}"
    elsewhere = pull | {"base": pull["base"] | {"repo": {"id": 1}}}
    moved = pull | {"head": pull["head"] | {"sha": "f" * 40}}
    for other in (elsewhere, moved):
        payload["check_suite"] = suite | {"pull_requests": [other]}
        (again,) = await orders("check_suite", payload)
        assert isinstance(again, RerunHead)
        assert again.or_else.subject == f"refs/heads/{suite['head_branch']}"


async def test_a_merge_group_has_the_key_of_its_push() -> None:
    payload = example("merge_group", "checks_requested")
    group = payload["merge_group"]
    (order,) = await orders("merge_group", payload)
    push = example("push", ref=group["head_ref"], before=ZERO, after=group["head_sha"], deleted=False)
    (pushed,) = await orders("push", push | {"repository": payload["repository"]})
    assert isinstance(order, AnalyzeChange)
    assert isinstance(pushed, AnalyzeChange)
    assert (order.key, order.base_sha, pushed.base_sha) == (pushed.key, group["base_sha"], None)
    assert await orders("merge_group", payload | {"action": "destroyed"}) == []


async def test_installations_list_their_repositories() -> None:
    payload = next(one for one in examples_of("installation", "created") if one.get("repositories"))
    (order,) = await orders("installation", payload)
    assert isinstance(order, SaveInstallation)
    assert [one.github_id for one in order.repositories] == [one["id"] for one in payload["repositories"]]
    assert order.repositories[0].default_branch is None
    (removed,) = await orders("installation_repositories", examples_of("installation_repositories", "removed")[0])
    assert isinstance(removed, DeleteRepositories)
    assert removed.github_ids


async def test_a_closed_pull_request_says_who_merged_it() -> None:
    payload = json.loads(json.dumps(example("pull_request", "closed")))
    payload["pull_request"] |= {
        "merged_at": "2026-01-02T03:04:05Z",
        "merged_by": {"id": 7, "login": "carol", "type": "User"},
        "merge_commit_sha": "c" * 40,
    }
    _, saved = await orders("pull_request", payload)
    assert isinstance(saved, SaveItem)
    assert saved.item.pull is not None
    assert saved.item.pull.merged_by == Account(7, "carol")


async def test_a_renamed_label_is_known_by_its_old_name() -> None:
    payload = example("label", "edited", changes={"name": {"from": "bu\0g"}})
    (renamed,) = await orders("label", payload)
    assert isinstance(renamed, SaveLabel)
    assert (renamed.old_name, renamed.label.name) == ("bug", payload["label"]["name"])
    for changes in ({}, {"color": {"from": "ff0000"}}, None):
        (coloured,) = await orders("label", payload | {"changes": changes})
        assert isinstance(coloured, SaveLabel)
        assert coloured.old_name is None


async def test_a_review_that_is_not_submitted_asks_for_nothing() -> None:
    payload = json.loads(json.dumps(example("pull_request_review", "submitted")))
    (review,) = await orders("pull_request_review", payload)
    assert isinstance(review, SaveResponse)
    assert review.response.state == payload["review"]["state"]
    payload["review"]["submitted_at"] = None
    assert await orders("pull_request_review", payload) == []


@pytest.mark.parametrize("missing", ["repository", "pull_request"])
async def test_a_payload_that_lacks_what_its_event_promises_is_an_error(missing: str) -> None:
    payload = example("pull_request", "opened")
    del payload[missing]
    with pytest.raises(KeyError):
        await orders("pull_request", payload)
