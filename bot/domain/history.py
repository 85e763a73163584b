"""Values that analyzers get from the history index: about files, people and changes.

Times are Unix seconds; shares are 0 to 1. A year is the last 365 days, a quarter the last 90 days.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.features import ChangeFeatures


@dataclass(frozen=True, slots=True)
class PastCommit:
    """A past change that is given as evidence: a fix, a revert, or a change that needed one."""

    sha: str
    when: int
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """A person who contributed to one file.

    person: the number of the person in the index.
    name, email: with the mailmap applied.
    lines: the number of lines of the file that the person wrote.
    share: of the lines of the file with a known origin.
    changes: the number of changes of the file by the person.
    last_active: when the person last wrote, committed, merged or co-authored a change, or was seen on GitHub.
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
    """A file that usually changes along with another one.

    together: the number of changes of both files (support).
    changes: the number of examined changes of the other file.
    confidence: together / changes.
    lift: the quotient of the observed and the expected number of common changes.
    examples: the shas of the newest common changes.
    lines_together, lines_alone: of each examined change of the other file, how many of its lines it changed; 0 if that
        is unknown.
    """

    path: str
    together: int
    changes: int
    confidence: float
    lift: float
    examples: tuple[str, ...] = ()
    lines_together: tuple[int, ...] = ()
    lines_alone: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHistory:
    """The history of one file, followed across renames.

    path: at the head of the change.
    entity: the number of the file in the index.
    revisions, revisions_year, revisions_quarter: the number of changes of the file, in total and in these periods.
    revisions_year_before: the number of changes in the year before the last one.
    added_year, deleted_year: lines.
    lines: the number of lines of the file; 0 if it is binary or was not read.
    first_change, last_change: times.
    fixes_year: newest first.
    contributors: most lines first, with bots.
    companions: highest confidence first.
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


class Basis(StrEnum):
    """What a risk is predicted by. Where the model is not better than a baseline, the baseline is used."""

    MODEL = "model"
    LINES = "lines changed"
    CHURN = "churn of the files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The contribution of one feature to a risk.

    value: of the change.
    usual: the median of the repository.
    contribution: in log-odds, compared with the usual value. A positive one increases the risk.
    """

    feature: str
    value: float
    usual: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRisk:
    """The predicted risk that a change needs a fix or a revert within 90 days.

    probability: None if there is too little history.
    percentile: the share of the last `compared` changes with a lower score.
    similar: the number of past changes with the nearest scores.
    similar_fixed: how many of them needed a fix.
    same_size: the number of past changes, at most 50, with nearly as many lines changed.
    same_size_fixed: how many of them needed a fix.
    examples: some of the similar changes that needed a fix, nearest first.
    reasons: largest contribution first.

    Similar changes and changes of the same size are older than 90 days, so that their outcome is known.
    """

    model_version: str
    probability: float | None
    percentile: float
    compared: int
    basis: Basis = Basis.MODEL
    similar: int = 0
    similar_fixed: int = 0
    same_size: int = 0
    same_size_fixed: int = 0
    examples: tuple[PastCommit, ...] = ()
    reasons: tuple[Reason, ...] = ()
    features: ChangeFeatures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFacts:
    """The history of one change as of its merge base.

    now: the later one of the time of the change and the time of the newest indexed change.
    changes: the number of changes in the index.
    known_faulty: how many of them are known to have needed a fix.
    files: the changed files that exist at the merge base.
    author: the number of the author in the index; None for a new author.
    present: the numbers of others who take part in the change: they are active, and need no telling.
    hottest: the number of revisions in the year that a file needs to be in the most changed 5 %.
    risk: None if it could not be predicted.
    truncated: whether the index lacks a part of the history.
    """

    now: int
    changes: int
    known_faulty: int
    files: tuple[FileHistory, ...] = ()
    author: int | None = None
    present: frozenset[int] = frozenset()
    hottest: int = 0
    risk: ChangeRisk | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """A person who changed the repository.

    changes: their number.
    files: the number of files that the person authored by degree of authorship (Avelino et al. 2016).
    """

    name: str
    email: str
    is_bot: bool
    changes: int
    last_active: int
    files: int


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A code file that changes often.

    revisions, added, deleted, fixes: in the year, without bots.
    lines: the current number of lines.
    """

    path: str
    revisions: int
    added: int
    deleted: int
    lines: int
    fixes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryHistory:
    """The history of a whole repository.

    changes: the number of changes.
    authors: most changes first.
    bus_factor: the number of authors who must leave until more than half of the files have no author; None without
        code files.
    bus_factor_people: the names of these authors, the author of the most files first.
    hotspots: most revisions first.
    """

    changes: int
    authors: tuple[Author, ...]
    bus_factor: int | None
    bus_factor_people: tuple[str, ...]
    hotspots: tuple[Hotspot, ...]
