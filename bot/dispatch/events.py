"""The router of GitHub's events: it converts a payload to orders and has no other effect.

A new event is one coroutine decorated with `on`; those on issues and what belongs to them are in `item_events`. Only
the fields that are used are read: old payloads lack newer ones.
A payload without an installation is ignored, because the app has no access to what it is about.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gidgethub.sansio import Event

from bot.dispatch.item_events import saved_pull
from bot.dispatch.router import HANDLED, on, router
from bot.domain.orders import (
    AnalyzeChange,
    ClosePull,
    DeleteInstallation,
    DeleteRepositories,
    InstallationRef,
    Order,
    RepositoryRef,
    RerunAnalysis,
    RerunHead,
    RetryRefusedSync,
    RevokeAuthorization,
    SaveInstallation,
    SuspendInstallation,
    UpdateRepository,
    caused_by,
)
from bot.domain.published import CHECK_NAME
from bot.github.repository_json import read_installation, read_listed_repository, read_repository

__all__ = ["HANDLED", "is_handled", "orders_of"]

_WITHOUT_INSTALLATION = frozenset({"github_app_authorization"})


def is_handled(event: str, action: object) -> bool:
    """Whether a handler is registered for this event and action; most deliveries of a busy account have none."""
    if not isinstance(action, str):
        return event in HANDLED
    return bool(router.fetch(Event({"action": action}, event=event, delivery_id="")))


async def orders_of(event: str, delivery_id: str, payload: Mapping[str, Any]) -> list[Order]:
    """The orders of a delivery; empty if no handler is registered.

    Raises KeyError, TypeError or ValueError for a payload that lacks a required field.
    """
    orders: list[Order] = []
    if event in HANDLED and (event in _WITHOUT_INSTALLATION or isinstance(payload.get("installation"), dict)):
        await router.dispatch(Event(payload, event=event, delivery_id=delivery_id), orders)
    return [caused_by(order, delivery_id) for order in orders]


@on("pull_request", "opened", "synchronize")
async def pull_request_moved(event: Event, orders: list[Order]) -> None:
    orders += (_pull_request(event.data), saved_pull(event.data))


@on("pull_request", "reopened", "ready_for_review")
async def pull_request_came_back(event: Event, orders: list[Order]) -> None:
    orders += (_pull_request(event.data, rerun=True), saved_pull(event.data))


@on("pull_request", "edited")
async def pull_request_edited(event: Event, orders: list[Order]) -> None:
    if "base" in (event.data.get("changes") or {}):
        orders.append(_pull_request(event.data))
    orders.append(saved_pull(event.data))


@on("pull_request", "closed")
async def pull_request_closed(event: Event, orders: list[Order]) -> None:
    number = int(event.data["pull_request"]["number"])
    orders += (ClosePull(int(event.data["repository"]["id"]), number), saved_pull(event.data))


@on("push")
async def push(event: Event, orders: list[Order]) -> None:
    payload = event.data
    if payload.get("deleted") or _is_null(payload["after"]) or not payload["ref"].startswith("refs/heads/"):
        return
    before = payload["before"]
    orders.append(
        AnalyzeChange(
            repository=_repository(payload),
            subject=payload["ref"],
            ref=payload["ref"].removeprefix("refs/heads/"),
            head_sha=payload["after"],
            base_sha=_known(before),
        )
    )


@on("check_run", "rerequested")
async def check_run_rerequested(event: Event, orders: list[Order]) -> None:
    run = event.data["check_run"]
    if run.get("name") == CHECK_NAME and run.get("external_id"):
        orders.append(RerunAnalysis(UUID(run["external_id"])))


@on("check_suite", "requested")
async def check_suite_requested(event: Event, orders: list[Order]) -> None:
    """A second source for a head whose own event was missed. It has the key of that event, so that it counts once."""
    orders += _of_suite(event.data)


@on("check_suite", "rerequested")
async def check_suite_rerequested(event: Event, orders: list[Order]) -> None:
    orders += [RerunHead(change) for change in _of_suite(event.data)[:1]]


@on("merge_group", "checks_requested")
async def merge_group_requested(event: Event, orders: list[Order]) -> None:
    """As the push to the group's branch, but with the base."""
    group = event.data["merge_group"]
    orders.append(
        AnalyzeChange(
            repository=_repository(event.data),
            subject=group["head_ref"],
            ref=group["head_ref"].removeprefix("refs/heads/"),
            head_sha=group["head_sha"],
            base_sha=group["base_sha"],
        )
    )


@on("installation", "created", "unsuspend", "new_permissions_accepted")
async def installation_created(event: Event, orders: list[Order]) -> None:
    installation = _installation(event.data)
    listed = event.data.get("repositories") or []
    orders.append(SaveInstallation(installation, tuple(read_listed_repository(item, installation) for item in listed)))
    if event.data["action"] == "new_permissions_accepted":
        orders.append(RetryRefusedSync(installation.id))


@on("installation", "suspend")
async def installation_suspended(event: Event, orders: list[Order]) -> None:
    orders.append(SuspendInstallation(_installation(event.data)))


@on("installation", "deleted")
async def installation_deleted(event: Event, orders: list[Order]) -> None:
    orders.append(DeleteInstallation(int(event.data["installation"]["id"])))


@on("installation_repositories", "added")
async def repositories_added(event: Event, orders: list[Order]) -> None:
    installation = _installation(event.data)
    added = event.data.get("repositories_added") or []
    orders.append(SaveInstallation(installation, tuple(read_listed_repository(item, installation) for item in added)))


@on("installation_repositories", "removed")
async def repositories_removed(event: Event, orders: list[Order]) -> None:
    removed = event.data.get("repositories_removed") or []
    orders.append(DeleteRepositories(tuple(int(item["id"]) for item in removed)))


@on("repository", "renamed", "edited", "privatized", "publicized", "transferred")
async def repository_changed(event: Event, orders: list[Order]) -> None:
    orders.append(UpdateRepository(_repository(event.data)))


@on("github_app_authorization", "revoked")
async def authorization_revoked(event: Event, orders: list[Order]) -> None:
    orders.append(RevokeAuthorization(int(event.data["sender"]["id"])))


def _pull_request(payload: Mapping[str, Any], *, rerun: bool = False) -> AnalyzeChange:
    pull = payload["pull_request"]
    return AnalyzeChange(
        repository=_repository(payload),
        subject=f"pull/{int(pull['number'])}",
        ref=pull["base"]["ref"],
        head_sha=pull["head"]["sha"],
        base_sha=pull["base"]["sha"],
        pull_number=int(pull["number"]),
        rerun=rerun,
    )


def _of_suite(payload: Mapping[str, Any]) -> list[AnalyzeChange]:
    """The changes of a check suite: the pull requests with its head, else the push. A tag has none.

    https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_suite: without pull requests of forks.
    """
    suite, repository = payload["check_suite"], _repository(payload)
    pulls = [pull for pull in suite.get("pull_requests") or () if pull["head"]["sha"] == suite["head_sha"]]
    changes = [
        AnalyzeChange(
            repository=repository,
            subject=f"pull/{int(pull['number'])}",
            ref=pull["base"]["ref"],
            head_sha=pull["head"]["sha"],
            base_sha=pull["base"]["sha"],
            pull_number=int(pull["number"]),
        )
        for pull in pulls
        if (pull["base"].get("repo") or {}).get("id", repository.github_id) == repository.github_id
    ]
    if changes or not suite.get("head_branch"):
        return changes
    before = suite.get("before")
    return [
        AnalyzeChange(
            repository=repository,
            subject=f"refs/heads/{suite['head_branch']}",
            ref=suite["head_branch"],
            head_sha=suite["head_sha"],
            base_sha=_known(before),
        )
    ]


def _is_null(sha: str) -> bool:
    """Return whether GitHub names no commit: zeros only."""
    return not sha.strip("0")


def _known(sha: str | None) -> str | None:
    return None if sha is None or _is_null(sha) else sha


def _installation(payload: Mapping[str, Any]) -> InstallationRef:
    owner = (payload.get("repository") or {}).get("owner")
    return read_installation(payload["installation"], owner)


def _repository(payload: Mapping[str, Any]) -> RepositoryRef:
    return read_repository(payload["repository"], _installation(payload))
