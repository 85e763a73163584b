"""Comments in the conversation of a pull request, which GitHub counts among issue comments.

Sources: docs.github.com/rest/issues/comments. An App with write access to pull requests may do all of this there.
"""

from typing import Any

from aiohttp import web

from bot.local.auth import require_any
from bot.local.config import BOT_LOGIN
from bot.local.keys import HUB, STATE, UNKNOWN_FIELDS
from bot.local.pull_json import issue_comment
from bot.local.records import Comment, now
from bot.local.responses import ApiError, invalid, json_response, not_found, number_in_path, paginate, read_object

_LONGEST = 65_536


async def list_comments(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/issues/{number}/comments, oldest first"""
    require_any(request, pull_requests="read", issues="read")
    since = request.query.get("since", "")
    comments = [one for one in request.app[STATE].comments_on(_number(request)) if one.updated_at >= since]
    page, headers = paginate(request, comments)
    return json_response([issue_comment(request.app[HUB].show, one) for one in page], headers=headers)


async def create(request: web.Request) -> web.Response:
    """POST /repos/{owner}/{repo}/issues/{number}/comments"""
    require_any(request, pull_requests="write", issues="write")
    number = _number(request)
    body = await _body(request)
    comment = Comment(id=request.app[STATE].new_id(), issue_number=number, author=BOT_LOGIN, body=body)
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
    if request.app[STATE].pulls.get(number) is None:
        raise not_found()
    return number


def _comment(request: web.Request) -> Comment:
    comment = request.app[STATE].comments.get(number_in_path(request, "id"))
    if comment is None:
        raise not_found()
    return comment


def _own(request: web.Request) -> Comment:
    comment = _comment(request)
    if comment.author != BOT_LOGIN:
        raise ApiError(403, "Resource not accessible by integration")
    return comment


async def _body(request: web.Request) -> str:
    given: dict[str, Any] = await read_object(request)
    request.app[UNKNOWN_FIELDS].extend(name for name in given if name != "body")
    body = given.get("body")
    if not isinstance(body, str):
        raise ApiError(422, 'Invalid request.\n\n"body" wasn\'t supplied.')
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field", "body can't be blank")
    if len(body) > _LONGEST:
        raise invalid("IssueComment", "body", "custom", f"body is too long (maximum is {_LONGEST} characters)")
    return body
