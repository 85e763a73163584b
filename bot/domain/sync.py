"""How far the issues, pull requests and the rest of a repository are synced from GitHub."""

from collections.abc import Iterable, Sequence
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


SUSPENDED = "The sync from GitHub is off while the GitHub App is suspended on this account."
NOT_AUTOMATIC = "The sync from GitHub is off, because the automatic analysis of this repository is off in its settings."
NO_APP = "Issues and pull requests come from GitHub; this instance has no GitHub App."


@dataclass(frozen=True, slots=True)
class MissingSource:
    """A kind of items that is not synced completely. reason: a sentence. until: when its sync goes on, if known."""

    kind: ItemKind
    reason: str
    until: datetime | None


def missing_sources(
    states: Sequence[ResourceState], *, has_app: bool = True, off: str = ""
) -> tuple[MissingSource, ...]:
    """Return the kinds of items that are not synced completely, and why.

    states: all of the repository; none before its first sync.
    has_app: False in `up --local`, where nothing is synced.
    off: why the repository is not synced now, as a sentence: SUSPENDED or NOT_AUTOMATIC; empty if it is.
    """
    missing = []
    for kind, resource in _RESOURCE_OF_KIND.items():
        state = next((one for one in states if one.resource is resource), None)
        if not has_app:
            missing.append(MissingSource(kind, NO_APP, None))
        elif off and (state is None or state.completed_at is None):
            missing.append(MissingSource(kind, off, None))
        elif state is None or state.completed_at is None:
            missing.append(MissingSource(kind, _reason(kind, state), state.due_at if state else None))
    return tuple(missing)


def _reason(kind: ItemKind, state: ResourceState | None) -> str:
    words = "Issues" if kind is ItemKind.ISSUE else "Pull requests"
    if state is None:
        return f"{words} are not synced from GitHub yet. The sync begins soon."
    if state.reason:
        return f"{words} are not synced completely. {state.reason}"
    return f"{words} are being synced from GitHub; {state.done:,} are read."


class SyncOverall(StrEnum):
    """UNAVAILABLE: there is no GitHub App, or the sync is off. WAITING: nothing is read now.

    PARTIAL: a part is refused, or failed.
    """

    UNAVAILABLE = "unavailable"
    WAITING = "waiting"
    RUNNING = "running"
    PARTIAL = "partial"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """The state of the whole sync of a repository.

    sentence: what a person wants to know of it.
    current: the resource that is read now or next; None if nothing is read soon.
    """

    overall: SyncOverall
    sentence: str
    current: ResourceState | None = None


def summary(states: Sequence[ResourceState], *, has_app: bool = True, off: str = "") -> SyncSummary:
    """Return the state of the whole sync. The arguments are those of `missing_sources`."""
    if not has_app:
        return SyncSummary(SyncOverall.UNAVAILABLE, NO_APP)
    if off:
        return SyncSummary(SyncOverall.UNAVAILABLE, off)
    if not states:
        return SyncSummary(SyncOverall.WAITING, "The sync of issues and pull requests from GitHub begins soon.")
    if running := next((one for one in states if one.status is SyncStatus.RUNNING), None):
        share = f"{running.done:,} of about {running.total:,}" if running.total else f"{running.done:,}"
        name = running.resource.replace("_", " ")
        sentence = f"The sync from GitHub is running: {name}, {share} so far."
        return SyncSummary(SyncOverall.RUNNING, sentence, running)
    if waiting := next((one for one in states if one.status is SyncStatus.WAITING), None):
        if waiting.reason:
            return SyncSummary(SyncOverall.WAITING, waiting.reason)
        return SyncSummary(SyncOverall.WAITING, "The sync from GitHub goes on soon.", waiting)
    troubled = [one for one in states if one.status in {SyncStatus.REFUSED, SyncStatus.FAILED}]
    if troubled:
        names = ", ".join(one.resource.replace("_", " ") for one in troubled)
        return SyncSummary(SyncOverall.PARTIAL, f"Not everything is synced from GitHub: {names}. {troubled[0].reason}")
    return SyncSummary(SyncOverall.DONE, "Issues, pull requests and the rest are synced from GitHub.")
