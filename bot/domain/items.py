"""Issues and pull requests as they are on GitHub, with what people did to them. The sync stores them.

Text is that of strangers: show it through `bot.text` only. An account is None if GitHub has deleted the user.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ItemKind(StrEnum):
    """What an item is. GitHub numbers both in one series."""

    ISSUE = "issue"
    PULL_REQUEST = "pull_request"


class ResponseKind(StrEnum):
    """COMMENT: on the conversation. REVIEW: a submitted review. REVIEW_COMMENT: on a line of the diff."""

    COMMENT = "comment"
    REVIEW = "review"
    REVIEW_COMMENT = "review_comment"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of GitHub. is_bot: GitHub's type `Bot`, or a login that ends with `[bot]`."""

    github_id: int
    login: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What somebody answered on an item: when, not what.

    github_id: unique together with `kind`.
    number: of the item.
    state: of a review, in GitHub's lower-case words (`approved`, `changes_requested`, …); None for a comment.
    """

    github_id: int
    number: int
    kind: ResponseKind
    author: Account | None
    at: datetime
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullFacts:
    """What only a pull request has.

    merged_by: None if it is not merged, or not known yet.
    merge_commit_sha: of a merged pull request, the commit on the base branch.
    """

    draft: bool
    base_ref: str
    head_sha: str
    merge_commit_sha: str | None = None
    merged_at: datetime | None = None
    merged_by: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An issue or a pull request.

    body: the first MAX_BODY characters.
    state: `open` or `closed`.
    state_reason: of a closed issue: `completed`, `not_planned`, `duplicate`; None if GitHub names none.
    milestone: the number of its milestone.
    comments: how many GitHub counts on the conversation.
    pull: None for an issue.
    """

    github_id: int
    number: int
    kind: ItemKind
    title: str
    body: str
    author: Account | None
    state: str
    state_reason: str | None = None
    labels: tuple[str, ...] = ()
    milestone: int | None = None
    comments: int = 0
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    pull: PullFacts | None = None


MAX_TITLE = 1_000
MAX_BODY = 8_000
MAX_LABELS = 100


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the repository. color: six hex digits."""

    name: str
    color: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A milestone. state: `open` or `closed`."""

    number: int
    title: str
    state: str
    created_at: datetime
    due_on: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release on GitHub. published_at: None for a draft."""

    github_id: int
    tag: str
    name: str
    author: Account | None
    draft: bool
    prerelease: bool
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountActivity:
    """A contributor as GitHub counts them. contributions: commits on the default branch."""

    account: Account
    contributions: int
