"""The REST API of reviews, and of all comments of the repository, read only.

Sources: docs.github.com/rest/pulls/reviews, /rest/pulls/comments, /rest/issues/comments.
"""

from collections.abc import Callable

from aiohttp import web

from bot.local.auth import require_any, require_installation
from bot.local.item_json import issue_comment, review, review_comment
from bot.local.item_records import Comment, ReviewComment
from bot.local.items_api import chosen, direction, since
from bot.local.keys import HUB, STATE
from bot.local.records import PullRequest
from bot.local.representations import Json
from bot.local.responses import Handler, json_response, not_found, number_in_path, paginate
from bot.local.stored import Stored, T

_SORTS = {"created": "created_at", "created_at": "created_at", "updated": "updated_at"}


async def list_reviews(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews, oldest first"""
    require_installation(request, pull_requests="read")
    hub, state, number = request.app[HUB], request.app[STATE], number_in_path(request, "number")
    if not isinstance(state.items.all.get(number), PullRequest):
        raise not_found()
    page, headers = paginate(request, state.items.reviews.select("number = ?", number, order="created_at, id"))
    return json_response([review(hub.show, one, state) for one in page], headers=headers)


async def list_review_comments(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/pulls/comments"""
    require_installation(request, pull_requests="read")
    hub, state = request.app[HUB], request.app[STATE]

    def shown(one: ReviewComment) -> Json:
        return review_comment(hub.show, one, state)

    return _all(request, state.items.review_comments, shown)


async def list_comments(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/issues/comments"""
    require_any(request, issues="read", pull_requests="read")
    show = request.app[HUB].show

    def shown(one: Comment) -> Json:
        return issue_comment(show, one)

    return _all(request, request.app[STATE].comments, shown)


def _all(request: web.Request, table: Stored[T], shown: Callable[[T], Json]) -> web.Response:
    """Answer with the comments of all items that are not gone. Without `sort`, GitHub ignores the direction."""
    order = chosen(request, "sort", "created", _SORTS, "Comment")
    down = direction(request, "asc") if "sort" in request.query else "ASC"
    condition = "updated_at >= ? AND number NOT IN (SELECT number FROM items WHERE gone != '')"
    page, headers = paginate(request, table.select(condition, since(request), order=f"{order} {down}, id {down}"))
    return json_response([shown(one) for one in page], headers=headers)


ROUTES: tuple[tuple[str, Handler], ...] = (
    (r"/pulls/{number:\d+}/reviews", list_reviews),
    ("/pulls/comments", list_review_comments),
    ("/issues/comments", list_comments),
)
