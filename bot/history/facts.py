"""What the index says, as plain values. What analyzers see of it is `bot/past.py`. Docs: docs/history.md."""

from dataclasses import dataclass

from bot.domain.history import Companion, Fix


@dataclass(frozen=True, slots=True)
class Contributor:
    """A person and one file. lines: that come from their changes; share: of the file's known lines, 0 to 1.

    deliveries: changes of the file; last_active: their last change anywhere in the repository, Unix seconds.
    """

    name: str
    email: str
    bot: bool
    lines: int
    share: float
    deliveries: int
    last_active: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One entity's past. revisions, added, deleted: in total and in the 90 and 365 days before the moment asked for.

    first_change, last_change: Unix seconds. contributors: most lines first, bots too. lines: now; 0 for binary or
    unread files.
    """

    path: str
    entity: int
    revisions: int
    revisions_90: int
    revisions_365: int
    added: int
    deleted: int
    added_365: int
    deleted_365: int
    fixes_90: tuple[Fix, ...]
    fixes_365: tuple[Fix, ...]
    first_change: int
    last_change: int
    lines: int
    contributors: tuple[Contributor, ...]
    companions: tuple[Companion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFacts:
    """files: by path, those that the index knows. changes: in the index.

    partial: history was cut off (a shallow clone, or more commits than the index takes), or the contents are missing.
    lines: False where they are: all counts of lines are 0 then, and nobody owns any.
    """

    changes: int
    partial: bool
    lines: bool
    files: dict[str, FileFacts]


@dataclass(frozen=True, slots=True)
class Author:
    """A person in the repository. files: whose author they are by degree of authorship (Avelino et al. 2016)."""

    name: str
    email: str
    bot: bool
    changes: int
    last_active: int
    files: int


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A file with its revisions and churn in the last 365 days, and its lines now."""

    path: str
    revisions: int
    added: int
    deleted: int
    lines: int
    fixes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFacts:
    """truck_factor: how many authors must leave until more than half of the files have none; None without code files.

    authors: most changes first. truck: who they are, in the order in which they were taken away.
    """

    changes: int
    authors: tuple[Author, ...]
    truck_factor: int | None
    truck: tuple[str, ...]
    hotspots: tuple[Hotspot, ...]
