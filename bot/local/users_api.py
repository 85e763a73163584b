"""The REST API for a signed-in person: the user, and the repositories that they see through the App.

Sources: docs.github.com/rest/users/users and docs.github.com/rest/apps/installations.
"""

from typing import Any

from aiohttp import web

from bot.local.config import INSTALLATION_ID, Person
from bot.local.keys import HUB
from bot.local.responses import json_response, not_found, number_in_path, paginate
from bot.local.sign_in import require_user

_LEVELS = ("read", "triage", "write", "maintain", "admin")
_NAMES = ("pull", "triage", "push", "maintain", "admin")


async def get_user(request: web.Request) -> web.Response:
    """GET /user"""
    person = require_user(request)
    hub = request.app[HUB]
    empty = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location"))
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    times = dict.fromkeys(("created_at", "updated_at"), hub.show.created_at)
    return json_response(hub.show.user(person.login) | empty | counts | times | {"name": person.login.title()})


async def list_installations(request: web.Request) -> web.Response:
    """GET /user/installations"""
    person = require_user(request)
    visible = [request.app[HUB].show.installation()] if person.level else []
    page, headers = paginate(request, visible)
    return json_response({"total_count": len(visible), "installations": page}, headers=headers)


async def list_repositories(request: web.Request) -> web.Response:
    """GET /user/installations/{installation_id}/repositories"""
    person = require_user(request)
    if number_in_path(request, "installation_id") != INSTALLATION_ID or not person.level:
        raise not_found()
    page, headers = paginate(request, [request.app[HUB].repository_json() | {"permissions": permissions(person)}])
    return json_response({"total_count": 1, "repository_selection": "selected", "repositories": page}, headers=headers)


def permissions(person: Person) -> dict[str, Any]:
    """Return the person's permissions on the repository, in GitHub's form."""
    level = _LEVELS.index(person.level) if person.level else -1
    return {name: index <= level for index, name in enumerate(_NAMES)}
