"""The router of GitHub's events: payload → small frozen orders, nothing else.

One decorated coroutine per event and action. Payloads are read tolerantly: only the fields used, because old
payloads lack newer fields. A payload without an installation is not ours to act upon.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.domain.orders import (
    AnalyzeChange,
    ClosePull,
    DeleteInstallation,
    DeleteRepositories,
    InstallationRef,
    Order,
    RepositoryRef,
    RerunAnalysis,
    RevokeAuthorization,
    SaveInstallation,
    SuspendInstallation,
    UpdateRepository,
)
from bot.domain.published import CHECK_NAME

_ZERO = "0" * 40

router = Router()
_OF_PEOPLE = frozenset({"github_app_authorization"})
HANDLED = _OF_PEOPLE | {
    "pull_request",
    "push",
    "check_run",
    "installation",
    "installation_repositories",
    "repository",
}


def is_handled(event: str, action: object) -> bool:
    """Whether a handler is registered for this event and action; most deliveries of a busy account have none."""
    if not isinstance(action, str):
        return event in HANDLED
    return bool(router.fetch(Event({"action": action}, event=event, delivery_id="")))


async def orders_of(event: str, delivery_id: str, payload: Mapping[str, Any]) -> list[Order]:
    """What a delivery asks for; empty for what we do not handle.

    Raises KeyError, TypeError or ValueError for payloads that lack what their event promises.
    """
    orders: list[Order] = []
    if event in HANDLED and (event in _OF_PEOPLE or isinstance(payload.get("installation"), dict)):
        await router.dispatch(Event(payload, event=event, delivery_id=delivery_id), orders)
    return orders


@router.register("pull_request", action="opened")
@router.register("pull_request", action="synchronize")
async def pull_request_moved(event: Event, orders: list[Order]) -> None:
    orders.append(_pull_request(event.data))


@router.register("pull_request", action="reopened")
@router.register("pull_request", action="ready_for_review")
async def pull_request_came_back(event: Event, orders: list[Order]) -> None:
    orders.append(_pull_request(event.data, rerun=True))


@router.register("pull_request", action="edited")
async def pull_request_edited(event: Event, orders: list[Order]) -> None:
    if "base" in (event.data.get("changes") or {}):
        orders.append(_pull_request(event.data))


@router.register("pull_request", action="closed")
async def pull_request_closed(event: Event, orders: list[Order]) -> None:
    number = int(event.data["pull_request"]["number"])
    orders.append(ClosePull(int(event.data["repository"]["id"]), number))


@router.register("push")
async def push(event: Event, orders: list[Order]) -> None:
    payload = event.data
    if payload.get("deleted") or payload["after"] == _ZERO or not payload["ref"].startswith("refs/heads/"):
        return
    before = payload["before"]
    orders.append(
        AnalyzeChange(
            repository=_repository(payload),
            subject=payload["ref"],
            ref=payload["ref"].removeprefix("refs/heads/"),
            head_sha=payload["after"],
            base_sha=None if before == _ZERO else before,
        )
    )


@router.register("check_run", action="rerequested")
async def check_run_rerequested(event: Event, orders: list[Order]) -> None:
    run = event.data["check_run"]
    if run.get("name") == CHECK_NAME and run.get("external_id"):
        orders.append(RerunAnalysis(UUID(run["external_id"])))


@router.register("installation", action="created")
@router.register("installation", action="unsuspend")
@router.register("installation", action="new_permissions_accepted")
async def installation_created(event: Event, orders: list[Order]) -> None:
    installation = _installation(event.data)
    listed = event.data.get("repositories") or []
    orders.append(SaveInstallation(installation, tuple(_listed(item, installation) for item in listed)))


@router.register("installation", action="suspend")
async def installation_suspended(event: Event, orders: list[Order]) -> None:
    orders.append(SuspendInstallation(_installation(event.data)))


@router.register("installation", action="deleted")
async def installation_deleted(event: Event, orders: list[Order]) -> None:
    orders.append(DeleteInstallation(int(event.data["installation"]["id"])))


@router.register("installation_repositories", action="added")
async def repositories_added(event: Event, orders: list[Order]) -> None:
    installation = _installation(event.data)
    added = event.data.get("repositories_added") or []
    orders.append(SaveInstallation(installation, tuple(_listed(item, installation) for item in added)))


@router.register("installation_repositories", action="removed")
async def repositories_removed(event: Event, orders: list[Order]) -> None:
    removed = event.data.get("repositories_removed") or []
    orders.append(DeleteRepositories(tuple(int(item["id"]) for item in removed)))


@router.register("repository", action="renamed")
@router.register("repository", action="edited")
@router.register("repository", action="privatized")
@router.register("repository", action="publicized")
@router.register("repository", action="transferred")
async def repository_changed(event: Event, orders: list[Order]) -> None:
    orders.append(UpdateRepository(_repository(event.data)))


@router.register("github_app_authorization", action="revoked")
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


def _installation(payload: Mapping[str, Any]) -> InstallationRef:
    installation = payload["installation"]
    account = installation.get("account") or (payload.get("repository") or {}).get("owner") or {}
    return InstallationRef(int(installation["id"]), account.get("login") or account.get("slug") or "")


def _repository(payload: Mapping[str, Any]) -> RepositoryRef:
    repository = payload["repository"]
    owner = repository.get("owner") or {}
    return RepositoryRef(
        github_id=int(repository["id"]),
        full_name=repository["full_name"],
        private=bool(repository.get("private", True)),
        installation=_installation(payload),
        default_branch=repository.get("default_branch") or "",
        description=repository.get("description"),
        url=repository.get("html_url") or "",
        language=repository.get("language"),
        owner_id=int(owner.get("id") or 0),
        owner_avatar=owner.get("avatar_url") or "",
        stars=int(repository.get("stargazers_count") or 0),
        forks=int(repository.get("forks_count") or 0),
        watchers=int(repository.get("watchers_count") or 0),
        size=int(repository.get("size") or 0),
    )


def _listed(item: Mapping[str, Any], installation: InstallationRef) -> RepositoryRef:
    """A repository as installation payloads list it: without its facts."""
    return RepositoryRef(
        github_id=int(item["id"]),
        full_name=item["full_name"],
        private=bool(item.get("private", True)),
        installation=installation,
    )
