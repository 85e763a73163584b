"""The REST API of repositories, pull requests and issues, read only.

Sources: docs.github.com/rest/repos/repos, /rest/pulls/pulls, /rest/commits/commits.
"""

from aiohttp import web

from bot.local.auth import require_any, require_installation
from bot.local.keys import HUB, STATE
from bot.local.pull_json import issue, pull_full, pull_simple
from bot.local.records import PullRequest
from bot.local.responses import ApiError, invalid, json_response, not_found, number_in_path, paginate

_SORTS = {
    "created": lambda pull: (pull.created_at, pull.number),
    "updated": lambda pull: (pull.updated_at, pull.number),
    "popularity": lambda pull: (0, pull.number),
    "long-running": lambda pull: (0, pull.number),
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


async def list_pulls(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/pulls"""
    require_installation(request, pull_requests="read")
    query = request.query
    state, sort = query.get("state", "open"), query.get("sort", "created")
    if state not in {"open", "closed", "all"}:
        raise invalid("PullRequest", "state")
    if sort not in _SORTS:
        raise invalid("PullRequest", "sort")
    head, base = query.get("head", ""), query.get("base", "")
    selected = [
        pull
        for pull in request.app[STATE].pulls
        if state in {"all", pull.state} and base in {"", pull.base_ref} and _has_head(pull, head)
    ]
    ascending = query.get("direction", "desc" if sort == "created" else "asc") == "asc"
    selected.sort(key=_SORTS[sort], reverse=not ascending)
    page, headers = paginate(request, selected)
    return json_response([pull_simple(request.app[HUB].show, pull) for pull in page], headers=headers)


def _has_head(pull: PullRequest, head: str) -> bool:
    # GitHub ignores a head that does not have the form `owner:branch`.
    if ":" not in head:
        return True
    owner = (pull.head_repository or "").partition("/")[0]
    return head == f"{owner}:{pull.head_ref}"


async def get_pull(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/pulls/{pull_number}"""
    require_installation(request, pull_requests="read")
    pull = request.app[STATE].pulls.get(number_in_path(request, "number"))
    if pull is None:
        raise not_found()
    return json_response(pull_full(request.app[HUB].show, pull, request.app[STATE]))


async def list_pulls_of_commit(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/commits/{sha}/pulls: with the commit as head or as merge commit."""
    require_installation(request, pull_requests="read")
    sha = request.match_info["sha"]
    if not await request.app[HUB].has_commit(sha):
        raise ApiError(422, f"No commit found for SHA: {sha}")
    pulls = [pull for pull in request.app[STATE].pulls if sha in {pull.head_sha, pull.merge_commit_sha}]
    page, headers = paginate(request, pulls)
    return json_response([pull_simple(request.app[HUB].show, pull) for pull in page], headers=headers)


async def list_issues(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/issues: pull requests are the only issues here."""
    require_any(request, issues="read", pull_requests="read")
    issue_state, since = request.query.get("state", "open"), request.query.get("since", "")
    state = request.app[STATE]
    pulls = [pull for pull in state.pulls if issue_state in {"all", pull.state} and pull.updated_at >= since]
    pulls.sort(key=lambda pull: -pull.number)
    page, headers = paginate(request, pulls)
    return json_response([issue(request.app[HUB].show, pull, state) for pull in page], headers=headers)
