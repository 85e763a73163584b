"""What a signed-in person asks: who they are, and what the App shows them.

Sources: docs.github.com/rest/users/users and docs.github.com/rest/apps/installations.
"""

from typing import Any

from aiohttp import web

from bot.local.answers import answer, not_found, number_in_path, page_of
from bot.local.config import INSTALLATION_ID, Person
from bot.local.keys import HUB
from bot.local.sign_in import require_user

_LEVELS = ("read", "triage", "write", "maintain", "admin")
_NAMES = ("pull", "triage", "push", "maintain", "admin")


async def get_user(request: web.Request) -> web.Response:
    """GET /user"""
    someone = require_user(request)
    hub = request.app[HUB]
    unsaid = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location"))
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    times = dict.fromkeys(("created_at", "updated_at"), hub.show.created_at)
    return answer(hub.show.user(someone.login) | unsaid | counts | times | {"name": someone.login.title()})


async def list_installations(request: web.Request) -> web.Response:
    """GET /user/installations"""
    someone = require_user(request)
    seen = [request.app[HUB].show.installation()] if someone.level else []
    page, headers = page_of(request, seen)
    return answer({"total_count": len(seen), "installations": page}, headers=headers)


async def list_repositories(request: web.Request) -> web.Response:
    """GET /user/installations/{installation_id}/repositories"""
    someone = require_user(request)
    if number_in_path(request, "installation_id") != INSTALLATION_ID or not someone.level:
        raise not_found()
    page, headers = page_of(request, [request.app[HUB].repository_json() | {"permissions": permissions(someone)}])
    return answer({"total_count": 1, "repository_selection": "selected", "repositories": page}, headers=headers)


def permissions(someone: Person) -> dict[str, Any]:
    """What somebody may do in the repository, as GitHub lists it."""
    held = _LEVELS.index(someone.level) if someone.level else -1
    return {name: place <= held for place, name in enumerate(_NAMES)}
