"""How far the issues, pull requests and the rest of a repository are synced from GitHub."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SyncResource(StrEnum):
    """What is synced, in this order. Each has its own position, so that one that is refused stops no other."""

    LABELS = "labels"
    MILESTONES = "milestones"
    RELEASES = "releases"
    CONTRIBUTORS = "contributors"
    ISSUES = "issues"  # GitHub lists pull requests among them, without what only they have
    PULLS = "pulls"
    COMMENTS = "comments"
    REVIEW_COMMENTS = "review_comments"
    REVIEWS = "reviews"


class SyncStatus(StrEnum):
    """WAITING: not begun, or its turn comes again at `due_at`. REFUSED: GitHub does not permit it."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceState:
    """How far one resource of one repository is.

    done: stored elements in the running pass; of a finished one, all.
    total: of the running pass; None while GitHub does not tell it.
    since: elements that changed before this time are stored; None before the first complete pass.
    completed_at: when the last pass ended.
    due_at: when the next pass begins, or a delayed one goes on; None: as soon as possible.
    reason: why it is refused, failed or delayed, as a sentence.
    """

    resource: SyncResource
    status: SyncStatus
    done: int = 0
    total: int | None = None
    since: datetime | None = None
    completed_at: datetime | None = None
    due_at: datetime | None = None
    reason: str = ""
