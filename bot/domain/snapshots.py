"""Snapshots: stored facts on a whole repository, for the REST API and the pages.

The names of the fields are the keys in the database and in the REST API. A field with a default is left out of both
where it has that value.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.domain.back_test import BackTest
from bot.domain.file_details import FileDetails
from bot.domain.model_card import ModelCard
from bot.domain.patterns import Patterns
from bot.domain.trends import Trends


@dataclass(frozen=True, slots=True, kw_only=True)
class HotspotFile:
    """A file that changes often, with counts of the last 365 days.

    path: of the file at the newest commit of the index.
    revisions: changes of the file in the last 365 days.
    revisions_year_before: changes of the file in the 365 days before that.
    churn: lines added and lines deleted in the last 365 days, together.
    lines: of the file now.
    fixes: revisions in the last 365 days that corrected a fault.
    complexity: the sum of the levels of indentation of all lines; null where the text could not be read.
    score: 0 to 1; revisions times complexity, each as a share of the largest among the hotspots.
    """

    path: str
    revisions: int
    revisions_year_before: int
    churn: int
    lines: int
    fixes: int
    complexity: int | None
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotspots:
    """Files that change often and are complex.

    changes: commits in the history index.
    files: the highest score first, at most 60.
    """

    changes: int
    files: tuple[HotspotFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedFile:
    """Who wrote the lines of a file. Bots do not count as people.

    path: of the file at the newest commit of the index.
    lines: of the file now.
    people: contributors who wrote at least one of the lines.
    main_author: the name of the contributor with most lines; null where nobody is known.
    main_share: the main author's share of the lines, 0 to 1.
    minor_contributors: contributors with less than 5 % of the lines.
    inactive_share: the share of the lines, 0 to 1, by people without a commit in the last `inactive_after_days` days.
    """

    path: str
    lines: int
    people: int
    main_author: str | None
    main_share: float | None
    minor_contributors: int
    inactive_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who wrote the code, and how many people know it.

    bus_factor: how many authors must leave until more than half of the files have none; null without files of code.
    bus_factor_people: the names of these authors, in alphabetical order.
    authors: people with at least one commit.
    active_authors: people with a commit in the last `inactive_after_days` days.
    inactive_after_days: days without a commit after which a person counts as inactive.
    files: the files that changed most, at most 60.
    """

    bus_factor: int | None
    bus_factor_people: tuple[str, ...]
    authors: int
    active_authors: int
    inactive_after_days: int
    files: tuple[OwnedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoupledPair:
    """Two files that usually change together.

    one: path of the file whose changes are counted.
    other: path of the file that changes along.
    together: changes of both files.
    changes: changes of `one`.
    confidence: `together` as a share of `changes`, 0 to 1.
    lift: how many times more often than by chance.
    examples: sha of the newest changes of both, at most 5.
    """

    one: str
    other: str
    together: int
    changes: int
    confidence: float
    lift: float
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """Files that usually change together.

    changes: commits in the history index.
    pairs: each pair once; the strongest first, at most 60.
    """

    changes: int
    pairs: tuple[CoupledPair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexingProgress:
    """How far the first indexing of a repository is. It is removed once the history is known.

    status: `failed` is tried again after some hours.
    done: indexed changes.
    total: changes to index; None while that is not known.
    reason: why it failed, as a sentence.
    """

    status: Literal["running", "failed"]
    done: int = 0
    total: int | None = None
    reason: str = ""


SnapshotContent: TypeAlias = (
    Hotspots | Ownership | Coupling | ModelCard | BackTest | IndexingProgress | Trends | Patterns | FileDetails
)

# The name of each kind, in the database, and its content.
KINDS: tuple[tuple[str, type[SnapshotContent]], ...] = (
    ("hotspots", Hotspots),
    ("ownership", Ownership),
    ("coupling", Coupling),
    ("model-card", ModelCard),
    ("back-test", BackTest),
    ("learning", IndexingProgress),
    ("trends", Trends),
    ("patterns", Patterns),
    ("files", FileDetails),
)


def kind_of(content: type[object]) -> str:
    """The name of a kind, by its content."""
    return next(name for name, known in KINDS if known is content)
