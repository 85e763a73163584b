"""The REST API of issues and of the repository's labels, milestones, releases and contributors, read only.

Sources: docs.github.com/rest/issues, /rest/releases/releases, /rest/repos/repos.
"""

from datetime import UTC, datetime

from aiohttp import web

from bot.local.auth import require_any, require_installation
from bot.local.item_json import issue
from bot.local.item_records import Issue
from bot.local.keys import HUB, STATE
from bot.local.label_json import contributor, label, milestone_of, release
from bot.local.responses import ApiError, Handler, invalid, json_response, not_found, number_in_path, paginate

_STATES = {"open": "state = 'open'", "closed": "state = 'closed'", "all": "1"}
_COMMENTS = "(SELECT count(*) FROM comments WHERE comments.number = items.number)"
_SORTS = {"created": "created_at", "updated": "updated_at", "comments": _COMMENTS}


def chosen(request: web.Request, name: str, default: str, choices: dict[str, str], resource: str) -> str:
    """Return what SQL says for a parameter of the query. Raises ApiError for an unknown value."""
    value = request.query.get(name, default)
    if value not in choices:
        raise invalid(resource, name)
    return choices[value]


def direction(request: web.Request, default: str = "desc") -> str:
    """Return the direction of the order, as SQL."""
    return chosen(request, "direction", default, {"asc": "ASC", "desc": "DESC"}, "Issue")


def since(request: web.Request) -> str:
    """Return the time of the parameter `since` as it is stored; empty if there is none."""
    text = request.query.get("since", "")
    if not text:
        return ""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # an unescaped plus sign
    except ValueError:
        raise invalid("Issue", "since") from None
    return (at.astimezone(UTC) if at.tzinfo else at).strftime("%Y-%m-%dT%H:%M:%SZ")


async def list_issues(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/issues: pull requests are among them"""
    require_installation(request, issues="read")
    _require_issues(request)
    hub, state = request.app[HUB], request.app[STATE]
    conditions, values = (
        ["gone = ''", chosen(request, "state", "open", _STATES, "Issue"), "updated_at >= ?"],
        [since(request)],
    )
    for name in filter(None, request.query.get("labels", "").split(",")):
        conditions.append("EXISTS (SELECT 1 FROM json_each(body, '$.labels') WHERE value = ? COLLATE NOCASE)")
        values.append(name)
    order, down = chosen(request, "sort", "created", _SORTS, "Issue"), direction(request)
    found = state.items.all.select(" AND ".join(conditions), *values, order=f"{order} {down}, number {down}")
    page, headers = paginate(request, found)
    return json_response([issue(hub.show, item, state) for item in page], headers=headers)


async def get_issue(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/issues/{issue_number}"""
    require_installation(request, issues="read")
    _require_issues(request)
    hub, state = request.app[HUB], request.app[STATE]
    item = state.items.all.get(number_in_path(request, "number"))
    if item is None:
        raise not_found()
    if isinstance(item, Issue) and item.gone == "transferred":
        url = f"{hub.show.root}/repos/{hub.identity.owner}/elsewhere/issues/{item.number}"
        body = {"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest"}
        return json_response(body, 301, {"Location": url})
    if isinstance(item, Issue) and item.gone:
        raise ApiError(410, "This issue was deleted")
    return json_response(issue(hub.show, item, state))


def _require_issues(request: web.Request) -> None:
    if not request.app[HUB].show.has_issues:
        raise ApiError(410, "Issues has been disabled in this repository.")


async def list_labels(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/labels, by name"""
    require_any(request, issues="read", pull_requests="read")
    page, headers = paginate(request, request.app[STATE].items.labels.select("1", order="name COLLATE NOCASE, name"))
    return json_response([label(request.app[HUB].show, one) for one in page], headers=headers)


async def list_milestones(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/milestones"""
    require_any(request, issues="read", pull_requests="read")
    state = request.app[STATE]
    condition, down = chosen(request, "state", "open", _STATES, "Milestone"), direction(request, "asc")
    found = state.items.milestones.select(condition, order=f"due_on {down} NULLS LAST, number")
    page, headers = paginate(request, found)
    return json_response([milestone_of(request.app[HUB].show, one, state) for one in page], headers=headers)


async def list_releases(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/releases, newest first. Drafts are for those who can push only."""
    require_installation(request, contents="read")
    releases = request.app[STATE].items.releases
    found = releases.select("json_extract(body, '$.draft') = 0", order="created_at DESC, id DESC")
    page, headers = paginate(request, found)
    return json_response([release(request.app[HUB].show, one) for one in page], headers=headers)


async def list_contributors(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/contributors, those with most commits first; 204 if the repository is empty"""
    require_installation(request, metadata="read")
    found = request.app[STATE].items.contributors.select("1", order="contributions DESC, login")
    page, headers = paginate(request, found)
    return json_response([contributor(request.app[HUB].show, one) for one in page], headers=headers)


ROUTES: tuple[tuple[str, Handler], ...] = (
    ("/issues", list_issues),
    (r"/issues/{number:\d+}", get_issue),
    ("/labels", list_labels),
    ("/milestones", list_milestones),
    ("/releases", list_releases),
    ("/contributors", list_contributors),
)
