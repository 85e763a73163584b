"""Finds a repository through the app's installation on it.

https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
"""

from dataclasses import dataclass

import aiohttp
from gidgethub import BadRequest
from gidgethub.apps import get_jwt

from bot.domain.orders import RepositoryRef
from bot.github.client import client
from bot.github.repository_json import read_installation, read_repository
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
    return read_repository(facts, read_installation(installation))


async def install_url(session: aiohttp.ClientSession, app: App) -> str | None:
    """Return the page where an owner installs the app, or None if GitHub does not return it."""
    try:
        as_app = get_jwt(app_id=str(app.app_id), private_key=app.private_key)
        page = str((await client(session, app.api_url).getitem("/app", jwt=as_app))["html_url"])
    except (BadRequest, KeyError):
        return None
    return f"{page}/installations/new"
