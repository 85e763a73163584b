"""The records of issues and what belongs to them: what the stand-in stores, and one line each of a data file.

docs/data-file.md describes the file. Fields have GitHub's names; an account is its login, None for a deleted user.
Times are written as GitHub writes them: 2026-01-02T03:04:05Z.
"""

from typing import Annotated, Literal

import msgspec

Time = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Number = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
Id = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Sha = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
State = Literal["open", "closed"]


class Line(msgspec.Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """What all records have in common: `type` names their kind, and a misspelt field is an error."""


class Issue(Line, tag="issue"):
    """An issue. gone: why GitHub does not list it any more."""

    number: Number
    title: str
    user: str | None
    created_at: Time
    body: str | None = None
    state: State = "open"
    state_reason: str | None = None
    labels: list[str] = []
    milestone: int | None = None
    updated_at: Time | None = None
    closed_at: Time | None = None
    gone: Literal["", "deleted", "transferred", "converted"] = ""

    @property
    def updated(self) -> str:
        """When it changed last."""
        return self.updated_at or self.closed_at or self.created_at


class Pull(Line, tag="pull"):
    """A pull request of a data file. It is merged if it has `merged_at`.

    head_repository: the full name of the head's repository; absent: the served one; null: a deleted fork.
    """

    number: Number
    title: str
    user: str | None
    created_at: Time
    head_sha: Sha
    base_sha: Sha
    base_ref: str
    head_ref: str = "patch"
    head_repository: str | msgspec.UnsetType | None = msgspec.UNSET
    body: str | None = None
    state: State = "open"
    draft: bool = False
    labels: list[str] = []
    milestone: int | None = None
    updated_at: Time | None = None
    closed_at: Time | None = None
    merged_at: Time | None = None
    merged_by: str | None = None
    merge_commit_sha: Sha | None = None
    commits: int = 1
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0


class Response(Line):
    """What somebody answered on the item with that number. id: 0 takes the next free one."""

    number: Number
    user: str | None
    created_at: Time
    id: Id = 0
    body: str = ""
    updated_at: Time | None = None

    @property
    def updated(self) -> str:
        """When it changed last."""
        return self.updated_at or self.created_at


class Comment(Response, tag="comment"):
    """A comment on the conversation of an issue or a pull request."""


class ReviewComment(Response, tag="review_comment"):
    """A comment on a line of a diff. review: the id of its review."""

    path: str = "README.md"
    review: Id | None = None


class Review(Response, tag="review"):
    """A submitted review. `created_at` is when it was submitted."""

    state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"] = "COMMENTED"


class Label(Line, tag="label"):
    """A label of the repository."""

    name: str
    color: str = "ededed"
    description: str | None = None


class Milestone(Line, tag="milestone"):
    """A milestone."""

    number: Number
    title: str
    created_at: Time
    state: State = "open"
    description: str | None = None
    due_on: Time | None = None
    closed_at: Time | None = None
    user: str | None = None


class Release(Line, tag="release"):
    """A release. A draft has no `published_at`."""

    tag: str
    user: str | None
    created_at: Time
    id: Id = 0
    name: str | None = None
    body: str | None = None
    draft: bool = False
    prerelease: bool = False
    published_at: Time | None = None


class Contributor(Line, tag="contributor"):
    """A contributor. contributions: commits on the default branch."""

    user: str
    contributions: Annotated[int, msgspec.Meta(ge=1)]


Record = Issue | Pull | Comment | ReviewComment | Review | Label | Milestone | Release | Contributor
