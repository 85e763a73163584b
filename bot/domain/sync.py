"""How far the issues, pull requests and the rest of a repository are synced from GitHub."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.items import ItemKind


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

    done: elements that the running pass has read (of reviews: pull requests whose reviews it has read); after it, all
    that are stored.
    total: how many elements the running pass will read, about; None while that is unknown.
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


# The resource that brings all items of a kind.
_RESOURCE_OF_KIND = {ItemKind.ISSUE: SyncResource.ISSUES, ItemKind.PULL_REQUEST: SyncResource.PULLS}


def synced_kinds(states: Iterable[ResourceState]) -> frozenset[ItemKind]:
    """Return the kinds of items of which at least one complete pass has ended."""
    complete = {state.resource for state in states if state.completed_at is not None}
    return frozenset(kind for kind, resource in _RESOURCE_OF_KIND.items() if resource in complete)


def reason_missing(states: Iterable[ResourceState], kind: ItemKind) -> str:
    """Return why items of a kind are not synced completely, as a sentence; empty if they are.

    states: all of the repository; none before its first sync.
    """
    words = "Issues" if kind is ItemKind.ISSUE else "Pull requests"
    state = next((one for one in states if one.resource is _RESOURCE_OF_KIND[kind]), None)
    if state is None:
        return f"{words} are not synced from GitHub yet. The sync begins soon."
    if state.completed_at is not None:
        return ""
    if state.status in {SyncStatus.REFUSED, SyncStatus.FAILED} or state.reason:
        return f"{words} are not synced completely. {state.reason}".rstrip()
    return f"{words} are being synced from GitHub: {state.done:,} so far."
