"""The past of a whole project in one value: its changes, and its issues and pull requests if they are synced.

Trends and patterns are computed from it, by pure functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.issue_kinds import IssueKind
from bot.domain.items import Item, ItemKind, Release, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectChange:
    """One change of the default branch.

    when: Unix seconds; never decreases from one change to the next.
    person: the number of its author in the history index.
    kind: as `history.messages` reads it (`fix`, `feature`, …).
    is_mass: it changes so many files that it says nothing about each of them.
    fixed_by, fixed_after: the first fix or revert of the change, and the seconds until it; None if there is none.
    reverted: whether that is a revert.
    issues: numbers that its message names.
    pull: the number of its pull request, if its message names it.
    """

    sha: str
    when: int
    person: int
    is_bot: bool
    kind: str
    is_fix: bool
    is_mass: bool
    files: int
    added: int
    deleted: int
    subject: str
    fixed_by: str | None = None
    fixed_after: int | None = None
    reverted: bool = False
    issues: tuple[int, ...] = ()
    pull: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The past of a project.

    now: the end of the period that is looked at.
    changes: oldest first.
    items: by number. Only those of synced kinds.
    responses: oldest first.
    releases: oldest first, without drafts.
    synced: the kinds of items that are synced completely.
    releases_synced: whether the releases are.
    issue_kinds: the kind of each issue of which one is known, by number; None if the kinds were not determined.
    """

    now: datetime
    changes: tuple[ProjectChange, ...]
    items: tuple[Item, ...] = ()
    responses: tuple[Response, ...] = ()
    releases: tuple[Release, ...] = ()
    synced: frozenset[ItemKind] = frozenset()
    releases_synced: bool = False
    issue_kinds: Mapping[int, IssueKind] | None = None
