"""Issues, comments and reviews as GitHub's JSON."""

from typing import Any

from bot.local.config import BOT_LOGIN
from bot.local.item_records import Comment, Issue, Response, Review, ReviewComment
from bot.local.items import Item
from bot.local.label_json import labels, milestone, reactions
from bot.local.pull_json import pull_simple
from bot.local.records import PullRequest
from bot.local.representations import Json, Representations, node_id
from bot.local.state import State

_SHARED = (
    "id node_id html_url number state locked active_lock_reason title user body draft created_at updated_at closed_at "
    "assignee assignees milestone labels author_association"
).split()
_NO_COMMIT = "0" * 40


def issue(show: Representations, item: Item, state: State) -> Json:
    """Return an issue. On GitHub every pull request is also an issue."""
    api = f"{show.api}/issues/{item.number}"
    facts = _of_pull(show, item, state) if isinstance(item, PullRequest) else _of_issue(show, item, state)
    return facts | {
        "url": api,
        "repository_url": show.api,
        "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments",
        "events_url": f"{api}/events",
        "comments": state.comments.count("number = ?", item.number),
        "reactions": reactions(api),
        "timeline_url": f"{api}/timeline",
        "performed_via_github_app": None,
    }


def _of_pull(show: Representations, pull: PullRequest, state: State) -> Json:
    simple = pull_simple(show, pull, state)
    links = ("url", "html_url", "diff_url", "patch_url", "merged_at")
    return {name: simple[name] for name in _SHARED} | {
        "state_reason": None,
        "pull_request": {name: simple[name] for name in links},
    }


def _of_issue(show: Representations, one: Issue, state: State) -> Json:
    identifier = show.identity.repository_id * 1000 + one.number
    return {
        "html_url": f"{show.html}/issues/{one.number}",
        "id": identifier,
        "node_id": node_id("Issue", identifier),
        "number": one.number,
        "title": one.title,
        "user": show.user_or_null(one.user),
        "labels": labels(show, one.labels, state),
        "state": one.state,
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": milestone(show, one.milestone, state),
        "created_at": one.created_at,
        "updated_at": one.updated,
        "closed_at": one.closed_at,
        "author_association": _association(show, one.user),
        "active_lock_reason": None,
        "body": one.body,
        "draft": False,
        "state_reason": one.state_reason,
    }


def _association(show: Representations, login: str | None) -> str:
    return "OWNER" if login == show.identity.owner else "NONE"


def issue_comment(show: Representations, comment: Comment) -> Json:
    """Return a comment on the conversation of an issue or a pull request."""
    issue_url = f"{show.api}/issues/{comment.number}"
    return _response(show, comment, "IssueComment", f"{show.api}/issues/comments/{comment.id}") | {
        "html_url": f"{show.html}/issues/{comment.number}#issuecomment-{comment.id}",
        "issue_url": issue_url,
        "created_at": comment.created_at,
        "updated_at": comment.updated,
        "performed_via_github_app": show.app() if comment.user == BOT_LOGIN else None,
    }


def _response(show: Representations, one: Response, kind: str, url: str) -> Json:
    return {
        "id": one.id,
        "node_id": node_id(kind, one.id),
        "url": url,
        "user": show.user_or_null(one.user),
        "author_association": _association(show, one.user),
        "body": one.body,
        "reactions": reactions(url),
    }


def review(show: Representations, one: Review, state: State) -> Json:
    """Return a review in the form of REST: its state is in capitals."""
    pull, html = f"{show.api}/pulls/{one.number}", f"{show.html}/pull/{one.number}#pullrequestreview-{one.id}"
    made = _response(show, one, "PullRequestReview", pull)
    del made["url"], made["reactions"]
    return made | {
        "state": one.state,
        "html_url": html,
        "pull_request_url": pull,
        "submitted_at": one.created_at,
        "commit_id": _head(one, state),
        "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
    }


def review_comment(show: Representations, one: ReviewComment, state: State) -> Json:
    """Return a comment on a line of a diff."""
    pull, html = f"{show.api}/pulls/{one.number}", f"{show.html}/pull/{one.number}#discussion_r{one.id}"
    url = f"{show.api}/pulls/comments/{one.id}"
    head = _head(one, state)
    line: dict[str, Any] = {"position": 1, "original_position": 1, "line": 1, "original_line": 1}
    return _response(show, one, "PullRequestReviewComment", url) | {
        "pull_request_review_id": one.review,
        "diff_hunk": "@@ -1 +1 @@",
        "path": one.path,
        **line,
        "start_line": None,
        "original_start_line": None,
        "start_side": None,
        "side": "RIGHT",
        "subject_type": "line",
        "commit_id": head,
        "original_commit_id": head,
        "created_at": one.created_at,
        "updated_at": one.updated,
        "html_url": html,
        "pull_request_url": pull,
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull}},
    }


def _head(one: Response, state: State) -> str:
    pull = state.items.all.get(one.number)
    return pull.head_sha if isinstance(pull, PullRequest) else _NO_COMMIT
