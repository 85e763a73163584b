"""The records that the stand-in stores, with GitHub's field names. Times are ISO 8601 in UTC, as on GitHub."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


def now() -> str:
    """Return the current time in GitHub's format."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(kw_only=True)
class Branch:
    """A branch and its head at the last read of the repository."""

    name: str
    sha: str


@dataclass(kw_only=True)
class PullRequest:
    """One pull request.

    head_repository: the full name of the head's repository; None if that fork was deleted.
    replayed: whether it was made from a commit that is merged already; merge_commit_sha is that commit.
    author, merged_by: a login; None for a deleted user.
    """

    number: int
    title: str
    body: str
    author: str | None
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
    merged_at: str | None = None
    merged_by: str | None = None
    labels: list[str] = field(default_factory=list)
    milestone: int | None = None
    commits: int = 0
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0


@dataclass(kw_only=True)
class Annotation:
    """An annotation of a check run on lines of a file."""

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
    """A button of a check run."""

    label: str
    description: str
    identifier: str


@dataclass(kw_only=True)
class CheckRun:
    """One check run. Several can have the same name."""

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
class Delivery:
    """One attempt to post a webhook. status_code: 0 before the attempt."""

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
    """An installation token, of which only the digest is stored.

    expires_at: Unix seconds.
    repository_ids: the repositories that it includes; None: all.
    """

    digest: str
    expires_at: float
    permissions: dict[str, str]
    repository_ids: list[int] | None = None
