"""The REST API of repositories and pull requests, read only.

Sources: docs.github.com/rest/repos/repos, /rest/git/refs, /rest/pulls/pulls, /rest/commits/commits.
"""

from urllib.parse import quote

from aiohttp import web

from bot.local.auth import require_installation
from bot.local.items_api import chosen, direction
from bot.local.keys import CONFIG, HUB, STATE
from bot.local.pull_json import pull_full, pull_simple
from bot.local.records import PullRequest
from bot.local.representations import node_id
from bot.local.responses import ApiError, json_response, not_found, number_in_path, paginate

_STATES = {"open": "state = 'open'", "closed": "state = 'closed'", "all": "1"}
_SORTS = {
    "created": "created_at",
    "updated": "updated_at",
    "popularity": "(SELECT count(*) FROM comments WHERE comments.number = items.number)",
    "long-running": "created_at",
}


async def get_repository(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo} and GET /repositories/{repository_id}"""
    require_installation(request, metadata="read")
    return json_response(
        request.app[HUB].repository_json()
        | {
            "network_count": 0,
            "subscribers_count": 0,
            "permissions": {"admin": False, "maintain": False, "push": False, "triage": False, "pull": True},
            "temp_clone_token": None,
        }
    )


async def get_branch(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/git/ref/heads/{branch}"""
    require_installation(request, contents="read")
    name = request.match_info["branch"]
    if (branch := request.app[STATE].branches.get(name)) is None:
        raise not_found()
    url = f"{request.app[CONFIG].base_url}/repos/{request.app[HUB].identity.full_name}/git"
    return json_response(
        {
            "ref": f"refs/heads/{name}",
            "node_id": node_id("Ref", 0),
            "url": f"{url}/refs/heads/{quote(name)}",
            "object": {"type": "commit", "sha": branch.sha, "url": f"{url}/commits/{branch.sha}"},
        }
    )


async def list_pulls(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/pulls"""
    require_installation(request, pull_requests="read")
    hub, state, query = request.app[HUB], request.app[STATE], request.query
    order = chosen(request, "sort", "created", _SORTS, "PullRequest")
    down = direction(request, "desc" if query.get("sort", "created") == "created" else "asc")
    conditions = ["gone = ''", "kind = 'pull'", chosen(request, "state", "open", _STATES, "PullRequest")]
    values = []
    if base := query.get("base", ""):
        conditions.append("json_extract(body, '$.base_ref') = ?")
        values.append(base)
    # GitHub ignores a head that does not have the form `owner:branch`.
    owner, colon, branch = query.get("head", "").partition(":")
    if colon:
        conditions.append("json_extract(body, '$.head_ref') = ?")
        conditions.append("json_extract(body, '$.head_repository') LIKE ? || '/%'")
        values += [branch, owner]
    found = state.items.all.select(" AND ".join(conditions), *values, order=f"{order} {down}, number {down}")
    page, headers = paginate(request, found)
    return json_response(
        [pull_simple(hub.show, pull, state) for pull in page if isinstance(pull, PullRequest)], headers=headers
    )


async def get_pull(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/pulls/{pull_number}"""
    require_installation(request, pull_requests="read")
    pull = request.app[STATE].items.all.get(number_in_path(request, "number"))
    if not isinstance(pull, PullRequest):
        raise not_found()
    return json_response(pull_full(request.app[HUB].show, pull, request.app[STATE]))


async def list_pulls_of_commit(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/commits/{sha}/pulls: with the commit as head or as merge commit."""
    require_installation(request, pull_requests="read")
    sha = request.match_info["sha"]
    if not await request.app[HUB].git.has_commit(sha):
        raise ApiError(422, f"No commit found for SHA: {sha}")
    state = request.app[STATE]
    condition = "kind = 'pull' AND ? IN (json_extract(body, '$.head_sha'), json_extract(body, '$.merge_commit_sha'))"
    page, headers = paginate(request, state.items.all.select(condition, sha, order="number"))
    show = request.app[HUB].show
    return json_response(
        [pull_simple(show, pull, state) for pull in page if isinstance(pull, PullRequest)], headers=headers
    )
