"""What the stand-in remembers, in GitHub's words. Times are ISO 8601 in UTC, as GitHub writes them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


def now() -> str:
    """The time as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(kw_only=True)
class Branch:
    """A branch as it was seen last."""

    name: str
    sha: str


@dataclass(kw_only=True)
class PullRequest:
    """One pull request.

    head_repository: full name of the repository of the head, None when that fork was deleted. replayed: it was
    made from a commit of the past; merge_commit_sha is that commit.
    """

    number: int
    title: str
    body: str
    author: str
    head_ref: str
    head_sha: str
    head_repository: str | None
    base_ref: str
    base_sha: str
    state: str = "open"
    draft: bool = False
    replayed: bool = False
    merged: bool = False
    merge_commit_sha: str | None = None
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)
    closed_at: str | None = None
    commits: int = 0
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0


@dataclass(kw_only=True)
class Annotation:
    """A remark of a check run on lines of a file."""

    path: str
    start_line: int
    end_line: int
    annotation_level: str
    message: str
    start_column: int | None = None
    end_column: int | None = None
    title: str | None = None
    raw_details: str | None = None


@dataclass(kw_only=True)
class Action:
    """A button that a check run offers."""

    label: str
    description: str
    identifier: str


@dataclass(kw_only=True)
class CheckRun:
    """One check run; several may have the same name."""

    id: int
    name: str
    head_sha: str
    status: str = "queued"
    conclusion: str | None = None
    details_url: str | None = None
    external_id: str = ""
    started_at: str | None = None
    completed_at: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Annotation] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)


@dataclass(kw_only=True)
class Comment:
    """A comment in the conversation of a pull request."""

    id: int
    issue_number: int
    author: str
    body: str
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)


@dataclass(kw_only=True)
class Delivery:
    """One attempt to post a webhook. status_code 0: not tried yet."""

    id: int
    guid: str
    event: str
    action: str | None
    payload: str
    redelivery: bool = False
    delivered_at: str = field(default_factory=now)
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""


@dataclass(kw_only=True)
class Token:
    """An installation token; only its digest is kept. expires_at is Unix seconds."""

    digest: str
    expires_at: float
    permissions: dict[str, str]
    repository_ids: list[int] | None = None
