"""What a repository's past tells about the files of one change: plain values that analyzers read.

All of it is as of the change's merge base. Times are Unix seconds; shares are 0 to 1.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fix:
    """A past change that mended something, or took it back."""

    sha: str
    when: int
    subject: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A person whose lines stand in a file. person: the index's number; name: as the mailmap has it.

    share: of the file's lines. last_seen: the person's newest change anywhere in the repository.
    """

    person: int
    name: str
    share: float
    last_seen: int
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A file that changed together with another.

    together: changes of both (support), of so many changes of the file. confidence: their share.
    lift: how many times more often than by chance. examples: the newest such changes.
    """

    path: str
    together: int
    changes: int
    confidence: float
    lift: float
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHistory:
    """One entity's past, renames followed. Only what changed it for people: no mass changes, no bots.

    owners: largest share first. companions: most often first; only those above the floors.
    """

    path: str
    revisions: int
    revisions_year: int
    revisions_quarter: int
    revisions_year_before: int
    churn_year: int
    lines: int
    first: int
    last: int
    fixes_year: tuple[Fix, ...] = ()
    fixes_quarter: int = 0
    owners: tuple[Owner, ...] = ()
    companions: tuple[Companion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One feature's part in a risk. contribution: in log-odds, positive for more. usual: the repository's median."""

    feature: str
    value: float
    usual: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRisk:
    """The chance that a change needs a fix or a revert within 90 days.

    probability: None where there is too little history. percentile: share of the last `compared` changes that score
    lower. similar, similar_fixed: of so many past changes scored nearest, so many needed one; examples are those.
    """

    model_version: str
    probability: float | None
    percentile: float
    compared: int
    similar: int = 0
    similar_fixed: int = 0
    examples: tuple[Fix, ...] = ()
    reasons: tuple[Reason, ...] = ()
    features: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFacts:
    """files: by path at the head, only those that the base knows. now: when the newest indexed change was made.

    changes: how many the index holds. labelled: how many of them are known to have needed a fix.
    author: the person who proposes the change, where the index knows them. hottest: revisions in the last year that a
    file needs to be among the repository's most changed twentieth. truncated: the index holds the newest part only.
    """

    now: int
    changes: int
    labelled: int
    files: tuple[FileHistory, ...] = ()
    author: int | None = None
    hottest: int = 0
    risk: ChangeRisk | None = None
    truncated: bool = False
