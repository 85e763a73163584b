"""The REST API of the comments on one issue or pull request. GitHub treats both as issue comments.

Source: docs.github.com/rest/issues/comments. Write access to pull requests is enough for all of these requests.
"""

from typing import Any

from aiohttp import web

from bot.local.auth import require_any
from bot.local.config import BOT_LOGIN
from bot.local.item_json import issue_comment
from bot.local.item_records import Comment, Issue
from bot.local.items_api import since
from bot.local.keys import HUB, STATE, UNKNOWN_FIELDS
from bot.local.records import now
from bot.local.responses import ApiError, invalid, json_response, not_found, number_in_path, paginate, read_object

_MAX_BODY = 65_536


async def list_comments(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/issues/{number}/comments, oldest first"""
    require_any(request, pull_requests="read", issues="read")
    found = "number = ? AND updated_at >= ?"
    comments = request.app[STATE].comments.select(found, _number(request), since(request), order="id")
    page, headers = paginate(request, comments)
    return json_response([issue_comment(request.app[HUB].show, comment) for comment in page], headers=headers)


async def create(request: web.Request) -> web.Response:
    """POST /repos/{owner}/{repo}/issues/{number}/comments"""
    require_any(request, pull_requests="write", issues="write")
    number = _number(request)
    body = await _body(request)
    comment = Comment(
        id=request.app[STATE].new_id(), number=number, user=BOT_LOGIN, body=body, created_at=now(), updated_at=now()
    )
    request.app[STATE].comments.save(comment)
    return json_response(issue_comment(request.app[HUB].show, comment), 201)


async def get(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/issues/comments/{id}"""
    require_any(request, pull_requests="read", issues="read")
    return json_response(issue_comment(request.app[HUB].show, _comment(request)))


async def update(request: web.Request) -> web.Response:
    """PATCH /repos/{owner}/{repo}/issues/comments/{id}"""
    require_any(request, pull_requests="write", issues="write")
    comment = _own(request)
    comment.body = await _body(request)
    comment.updated_at = now()
    request.app[STATE].comments.save(comment)
    return json_response(issue_comment(request.app[HUB].show, comment))


async def delete(request: web.Request) -> web.Response:
    """DELETE /repos/{owner}/{repo}/issues/comments/{id}"""
    require_any(request, pull_requests="write", issues="write")
    request.app[STATE].comments.delete(_own(request).id)
    return web.Response(status=204)


def _number(request: web.Request) -> int:
    number = number_in_path(request, "number")
    item = request.app[STATE].items.all.get(number)
    if item is None or (isinstance(item, Issue) and item.gone):
        raise not_found()
    return number


def _comment(request: web.Request) -> Comment:
    comment = request.app[STATE].comments.get(number_in_path(request, "id"))
    if comment is None:
        raise not_found()
    return comment


def _own(request: web.Request) -> Comment:
    comment = _comment(request)
    if comment.user != BOT_LOGIN:
        raise ApiError(403, "Resource not accessible by integration")
    return comment


async def _body(request: web.Request) -> str:
    fields: dict[str, Any] = await read_object(request)
    request.app[UNKNOWN_FIELDS].extend(name for name in fields if name != "body")
    body = fields.get("body")
    if not isinstance(body, str):
        raise ApiError(422, 'Invalid request.\n\n"body" wasn\'t supplied.')
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field", "body can't be blank")
    if len(body) > _MAX_BODY:
        raise invalid("IssueComment", "body", "custom", f"body is too long (maximum is {_MAX_BODY} characters)")
    return body
