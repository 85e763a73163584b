"""The REST API for the App itself (/app, its installations, their tokens) and for an installation (/installation).

Sources: docs.github.com/rest/apps/apps and docs.github.com/rest/apps/installations.
"""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.local.auth import issue_token, require_app, require_installation
from bot.local.config import INSTALLATION_ID
from bot.local.keys import CONFIG, HUB, RATE, STATE
from bot.local.responses import ApiError, json_response, not_found, number_in_path, paginate, read_object

_LEVELS = ("read", "write", "admin")


async def get_app(request: web.Request) -> web.Response:
    """GET /app"""
    require_app(request)
    return json_response(request.app[HUB].show.app() | {"installations_count": 1})


async def list_installations(request: web.Request) -> web.Response:
    """GET /app/installations"""
    require_app(request)
    page, headers = paginate(request, [request.app[HUB].show.installation()])
    return json_response(page, headers=headers)


async def get_installation(request: web.Request) -> web.Response:
    """GET /app/installations/{installation_id}"""
    require_app(request)
    _check_installation(request)
    return json_response(request.app[HUB].show.installation())


async def get_repository_installation(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/installation"""
    require_app(request)
    full_name = f"{request.match_info['owner']}/{request.match_info['repo']}".lower()
    if full_name != request.app[HUB].identity.full_name.lower():
        raise not_found()
    return json_response(request.app[HUB].show.installation())


async def create_token(request: web.Request) -> web.Response:
    """POST /app/installations/{installation_id}/access_tokens"""
    require_app(request)
    _check_installation(request)
    body = await read_object(request)
    permissions = _checked_permissions(body.get("permissions"), request.app[HUB].show.permissions)
    identity = request.app[HUB].identity
    repository_ids = _checked_repositories(body, identity.repository_id, identity.name)
    text, token = issue_token(request.app[CONFIG], permissions, repository_ids)
    request.app[STATE].tokens.save(token)
    expires = datetime.fromtimestamp(token.expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    response: dict[str, Any] = {"token": text, "expires_at": expires, "permissions": permissions}
    response["repository_selection"] = "selected"
    if repository_ids is not None:
        response["repositories"] = [request.app[HUB].repository_json()]
    return json_response(response, 201)


def _check_installation(request: web.Request) -> None:
    if number_in_path(request, "installation_id") != INSTALLATION_ID:
        raise not_found()


def _checked_permissions(requested: Any, accepted: dict[str, str]) -> dict[str, str]:
    if requested is None:
        return accepted
    if not isinstance(requested, dict) or not all(level in _LEVELS for level in requested.values()):
        raise ApiError(422, "Invalid permissions", [])
    for name, level in requested.items():
        granted = accepted.get(name)
        if granted is None or _LEVELS.index(level) > _LEVELS.index(granted):
            raise ApiError(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read"} | requested


def _checked_repositories(body: dict[str, Any], repository_id: int, name: str) -> list[int] | None:
    ids, names = body.get("repository_ids"), body.get("repositories")
    if ids is None and names is None:
        return None
    inaccessible = ApiError(
        422,
        "There is at least one repository that does not exist or is not accessible to the parent installation.",
    )
    for requested, served in ((ids, repository_id), (names, name)):
        if requested is not None and (not isinstance(requested, list) or any(item != served for item in requested)):
            raise inaccessible
    return [repository_id]


async def list_repositories(request: web.Request) -> web.Response:
    """GET /installation/repositories"""
    require_installation(request, metadata="read")
    page, headers = paginate(request, [request.app[HUB].repository_json()])
    body = {"total_count": 1, "repository_selection": "selected", "repositories": page}
    return json_response(body, headers=headers)


async def revoke_token(request: web.Request) -> web.Response:
    """DELETE /installation/token"""
    token = require_installation(request)
    request.app[STATE].tokens.delete(token.digest)
    return web.Response(status=204)


async def get_rate_limit(request: web.Request) -> web.Response:
    """GET /rate_limit"""
    rate = request.app[RATE].peek(request.headers.get("Authorization", request.remote or ""))
    resources = {"core": rate, "search": rate, "graphql": rate, "integration_manifest": rate}
    return json_response({"resources": resources, "rate": rate})
