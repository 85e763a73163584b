"""Issues, pull requests and what belongs to them, as webhook payloads and REST answers of GitHub describe them.

Pure functions. They read only the fields that are used, because old payloads lack newer ones. A required field that is
missing or of a wrong type raises KeyError, TypeError, ValueError or AttributeError.
Text is cleaned of what no database stores, and cut to the sizes of `domain.items` or of its column.

https://docs.github.com/en/rest/issues/issues, /rest/pulls/pulls, /rest/pulls/reviews, /rest/releases/releases
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.items import (
    MAX_BODY,
    MAX_LABELS,
    MAX_TITLE,
    Account,
    AccountActivity,
    Item,
    ItemKind,
    Label,
    Milestone,
    PullFacts,
    Release,
    Response,
    ResponseKind,
)

Json = Mapping[str, Any]

_MAX_NAME = 255
_MAX_REF = 1_024
_MAX_WORD = 20
_MAX_REASON = 40
_MAX_SHA = 64
_BOT_SUFFIX = "[bot]"
_GHOST = 10137  # the account that stands for deleted users: https://github.com/ghost
# PostgreSQL stores no NUL, and UTF-8 has no surrogates: JSON can spell both.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def read_item(json: Json) -> Item:
    """An issue or a pull request, from any list or payload that has either."""
    return read_pull(json) if "head" in json and "base" in json else read_issue(json)


def read_issue(json: Json) -> Item:
    """An issue. GitHub lists pull requests among them, without what only they have: their `pull` is None.

    The id of such a pull request is that of its issue: `read_pull` gives another one for the same number.
    """
    kind = ItemKind.PULL_REQUEST if json.get("pull_request") else ItemKind.ISSUE
    return _item(json, kind, None)


def read_pull(json: Json) -> Item:
    """A pull request.

    In GitHub's lists it has neither `comments` (0 here) nor `merged_by` (None here).
    """
    merged_at = _time(json.get("merged_at"))
    facts = PullFacts(
        draft=bool(json.get("draft")),
        base_ref=_text(json["base"]["ref"], _MAX_REF),
        head_sha=_text(json["head"]["sha"], _MAX_SHA),
        merge_commit_sha=_text(json.get("merge_commit_sha"), _MAX_SHA) or None if merged_at else None,
        merged_at=merged_at,
        merged_by=read_account(json.get("merged_by")),
    )
    return _item(json, ItemKind.PULL_REQUEST, facts)


def _item(json: Json, kind: ItemKind, facts: PullFacts | None) -> Item:
    milestone = json.get("milestone")
    return Item(
        github_id=int(json["id"]),
        number=int(json["number"]),
        kind=kind,
        title=_text(json.get("title"), MAX_TITLE),
        body=_text(json.get("body"), MAX_BODY),
        author=read_account(json.get("user")),
        state="open" if json["state"] == "open" else "closed",
        state_reason=_text(json.get("state_reason"), _MAX_REASON) or None if json["state"] != "open" else None,
        labels=_labels(json.get("labels")),
        milestone=int(milestone["number"]) if milestone else None,
        comments=int(json.get("comments") or 0),
        created_at=_required_time(json["created_at"]),
        updated_at=_required_time(json.get("updated_at") or json["created_at"]),
        closed_at=_time(json.get("closed_at")),
        pull=facts,
    )


def _labels(labels: list[Any] | None) -> tuple[str, ...]:
    """The names of labels, each once. A label is an object or only its name."""
    names = [_text(one if isinstance(one, str) else one.get("name"), _MAX_NAME) for one in (labels or [])[:MAX_LABELS]]
    return tuple(dict.fromkeys(name for name in names if name))


def read_review(json: Json) -> Response | None:
    """A review; None for one that is not submitted yet, which only its author sees."""
    at = _time(json.get("submitted_at"))
    if at is None:
        return None
    return Response(
        github_id=int(json["id"]),
        number=_number_at_end(json["pull_request_url"]),
        kind=ResponseKind.REVIEW,
        author=read_account(json.get("user")),
        at=at,
        state=_text(json.get("state"), _MAX_REASON).lower() or None,
    )


def read_comment(json: Json) -> Response:
    """A comment on the conversation (it has `issue_url`) or on a line of the diff (`pull_request_url`)."""
    of_diff = "pull_request_url" in json
    return Response(
        github_id=int(json["id"]),
        number=_number_at_end(json["pull_request_url" if of_diff else "issue_url"]),
        kind=ResponseKind.REVIEW_COMMENT if of_diff else ResponseKind.COMMENT,
        author=read_account(json.get("user")),
        at=_required_time(json["created_at"]),
    )


def read_label(json: Json) -> Label:
    """A label of the repository."""
    return Label(
        name=_text(json["name"], _MAX_NAME),
        color=_text(json.get("color"), _MAX_WORD),
        description=_text(json.get("description"), MAX_TITLE),
    )


def read_milestone(json: Json) -> Milestone:
    """A milestone."""
    return Milestone(
        number=int(json["number"]),
        title=_text(json.get("title"), MAX_TITLE),
        state="open" if json["state"] == "open" else "closed",
        created_at=_required_time(json["created_at"]),
        due_on=_time(json.get("due_on")),
        closed_at=_time(json.get("closed_at")),
    )


def read_release(json: Json) -> Release:
    """A release."""
    return Release(
        github_id=int(json["id"]),
        tag=_text(json["tag_name"], _MAX_REF),
        name=_text(json.get("name"), MAX_TITLE),
        author=read_account(json.get("author")),
        draft=bool(json.get("draft")),
        prerelease=bool(json.get("prerelease")),
        created_at=_required_time(json["created_at"]),
        published_at=_time(json.get("published_at")),
    )


def read_contributor(json: Json) -> AccountActivity | None:
    """A contributor; None for one without an account."""
    account = read_account(json)
    return AccountActivity(account, int(json["contributions"])) if account else None


def read_account(json: Json | None) -> Account | None:
    """An account; None where GitHub names none or `ghost`, because the user is deleted or has no account."""
    if not json or not json.get("login") or json.get("id") == _GHOST:
        return None
    login = _text(json["login"], _MAX_NAME)
    return Account(int(json["id"]), login, json.get("type") == "Bot" or login.endswith(_BOT_SUFFIX))


def _number_at_end(url: str) -> int:
    return int(url.rpartition("/")[2])


def _text(value: str | None, limit: int) -> str:
    return _NOT_STORABLE.sub("", value)[:limit] if value else ""


def _time(text: str | None) -> datetime | None:
    return _required_time(text) if text else None


def _required_time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError(f"not a time: {text!r}") from None
