"""What the history index says of files, people and changes: plain values, from the index to the analyzers.

Times are Unix seconds; shares are 0 to 1. A year is the 365 days, a quarter the 90 days before the moment asked for.
"""

from dataclasses import dataclass

from bot.domain.features import ChangeFeatures


@dataclass(frozen=True, slots=True)
class PastCommit:
    """A change of the past that evidence points at: a fix, a revert, or a change that needed one."""

    sha: str
    when: int
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """A person and one file.

    person: the index's number of the person.
    name, email: as the mailmap has them.
    lines: lines of the file that come from their changes.
    share: of the file's lines whose origin is known.
    changes: their changes of the file.
    last_active: their newest change anywhere in the repository.
    """

    person: int
    name: str
    email: str
    is_bot: bool = False
    lines: int
    share: float
    changes: int
    last_active: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A file that changed together with another one.

    together: changes of both (support).
    changes: changes of the other one that were looked at.
    confidence: together / changes.
    lift: how many times more often than by chance.
    examples: shas of the newest changes of both.
    """

    path: str
    together: int
    changes: int
    confidence: float
    lift: float
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHistory:
    """One entity's past, renames followed.

    path: where the file is at the head of the change.
    entity: the index's number of the file.
    revisions: changes of the file, in total; also in the year, the quarter, and the year before the year.
    added_year, deleted_year: lines.
    lines: of the file now; 0 for binary or unread files.
    fixes_year: newest first.
    contributors: most lines first, bots too.
    companions: highest confidence first; only those above the floors of `history/companions.py`.
    """

    path: str
    entity: int
    revisions: int
    revisions_year: int
    revisions_quarter: int
    revisions_year_before: int
    added_year: int
    deleted_year: int
    lines: int
    first_change: int
    last_change: int
    fixes_year: tuple[PastCommit, ...] = ()
    fixes_quarter: int = 0
    contributors: tuple[Contributor, ...] = ()
    companions: tuple[Companion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One feature's part in a risk.

    value: the change's. usual: the repository's median.
    contribution: in log-odds against the usual value; positive raises the risk.
    """

    feature: str
    value: float
    usual: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRisk:
    """The chance that a change needs a fix or a revert within 90 days.

    probability: None where there is too little history.
    percentile: share of the last `compared` changes that score lower.
    similar, similar_fixed: past changes with the nearest scores, and those of them that needed a fix.
    examples: some of the latter, nearest first.
    reasons: largest contribution first.
    """

    model_version: str
    probability: float | None
    percentile: float
    compared: int
    similar: int = 0
    similar_fixed: int = 0
    examples: tuple[PastCommit, ...] = ()
    reasons: tuple[Reason, ...] = ()
    features: ChangeFeatures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFacts:
    """What the index says of one change, as of its merge base.

    now: the latest of the change's own time and the newest indexed change.
    changes: changes in the index.
    known_faulty: changes of these that are known to have needed a fix.
    files: the changed files that the base knows.
    author: the index's number of the person who proposes the change; None for somebody new.
    hottest: revisions in the year that a file needs to be among the most changed twentieth.
    truncated: the index does not hold the whole history.
    """

    now: int
    changes: int
    known_faulty: int
    files: tuple[FileHistory, ...] = ()
    author: int | None = None
    hottest: int = 0
    risk: ChangeRisk | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """A person in the repository. files: whose author they are by degree of authorship (Avelino et al. 2016)."""

    name: str
    email: str
    is_bot: bool
    changes: int
    last_active: int
    files: int


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A code file with its human revisions, lines changed and fixes in the year, and its lines now."""

    path: str
    revisions: int
    added: int
    deleted: int
    lines: int
    fixes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryHistory:
    """What the index says of a whole repository.

    authors: most changes first.
    truck_factor: authors who must leave until more than half of the files have none; None without code files.
    truck: who they are, in the order in which they were taken away.
    hotspots: most revisions first.
    """

    changes: int
    authors: tuple[Author, ...]
    truck_factor: int | None
    truck: tuple[str, ...]
    hotspots: tuple[Hotspot, ...]
