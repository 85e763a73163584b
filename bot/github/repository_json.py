"""Repositories and installations as GitHub's JSON describes them, in webhook payloads and in answers of its REST API.

https://docs.github.com/en/rest/repos/repos#get-a-repository
"""

from collections.abc import Mapping
from typing import Any

from bot.domain.orders import InstallationRef, RepositoryRef

Json = Mapping[str, Any]


def read_installation(installation: Json, account: Json | None = None) -> InstallationRef:
    """An installation. account: who has it, where the installation itself does not name it."""
    account = installation.get("account") or account or {}
    return InstallationRef(int(installation["id"]), account.get("login") or account.get("slug") or "")


def read_repository(repository: Json, installation: InstallationRef) -> RepositoryRef:
    """A repository with its facts. Only the fields that are used are read: old payloads lack newer ones."""
    owner = repository.get("owner") or {}
    return RepositoryRef(
        github_id=int(repository["id"]),
        full_name=repository["full_name"],
        private=bool(repository.get("private", True)),
        installation=installation,
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


def read_listed_repository(item: Json, installation: InstallationRef) -> RepositoryRef:
    """A repository as payloads on installations list it: without its facts."""
    return RepositoryRef(
        github_id=int(item["id"]),
        full_name=item["full_name"],
        private=bool(item.get("private", True)),
        installation=installation,
    )
