"""Finds a repository through the app's installation on it.

https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
"""

from dataclasses import dataclass
from typing import Any

import aiohttp
from gidgethub import BadRequest
from gidgethub.apps import get_jwt

from bot.domain.orders import InstallationRef, RepositoryRef
from bot.github.client import client
from bot.github.tokens import App


@dataclass(frozen=True, slots=True)
class NotInstalled(Exception):
    """The app has no access to the repository. The repository may or may not exist.

    install_url: the page where an owner installs the app, if it is known.
    """

    install_url: str | None


async def find_repository(session: aiohttp.ClientSession, app: App, owner: str, name: str) -> RepositoryRef:
    """Return a repository on which the app is installed.

    Raises NotInstalled if the app is not installed on it, RetryLater for temporary failures, and gidgethub's
    BadRequest if GitHub rejects the request for another reason.
    """
    api, as_app = client(session, app.api_url), get_jwt(app_id=str(app.app_id), private_key=app.private_key)
    place = {"owner": owner, "name": name}
    try:
        installation = await api.getitem("/repos/{owner}/{name}/installation", place, jwt=as_app)
        permitted = {"repositories": [name], "permissions": {"metadata": "read"}}
        tokens = "/app/installations/{id}/access_tokens"
        answer = await api.post(tokens, {"id": str(installation["id"])}, data=permitted, jwt=as_app)
        facts = await client(session, app.api_url, str(answer["token"])).getitem("/repos/{owner}/{name}", place)
    except BadRequest as refused:
        if int(refused.status_code) in {404, 422}:  # 422: a token for a repository beyond its reach
            raise NotInstalled(await install_url(session, app)) from refused
        raise
    return _described(facts, installation)


async def install_url(session: aiohttp.ClientSession, app: App) -> str | None:
    """Return the page where an owner installs the app, or None if GitHub does not return it."""
    try:
        as_app = get_jwt(app_id=str(app.app_id), private_key=app.private_key)
        page = str((await client(session, app.api_url).getitem("/app", jwt=as_app))["html_url"])
    except (BadRequest, KeyError):
        return None
    return f"{page}/installations/new"


def _described(facts: dict[str, Any], installation: dict[str, Any]) -> RepositoryRef:
    owner, account = facts.get("owner") or {}, installation.get("account") or {}
    return RepositoryRef(
        github_id=int(facts["id"]),
        full_name=facts["full_name"],
        private=bool(facts.get("private", True)),
        installation=InstallationRef(int(installation["id"]), account.get("login") or account.get("slug") or ""),
        default_branch=facts.get("default_branch") or "",
        description=facts.get("description"),
        url=facts.get("html_url") or "",
        language=facts.get("language"),
        owner_id=int(owner.get("id") or 0),
        owner_avatar=owner.get("avatar_url") or "",
        stars=int(facts.get("stargazers_count") or 0),
        forks=int(facts.get("forks_count") or 0),
        watchers=int(facts.get("watchers_count") or 0),
        size=int(facts.get("size") or 0),
    )
