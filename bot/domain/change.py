"""One change as analyzers see it, and the report on it. Plain immutable values, which cross to the analysis child and
back (`bot/sandbox`).
"""

from dataclasses import dataclass, field

from bot.domain.files import FileChange, PastChange, ToolFinding
from bot.domain.history import ChangeRisk, HistoryFacts
from bot.domain.insights import Insight, Severity
from bot.domain.open_pulls import OpenPull, Touched


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryConfig:
    """`.github/gitinsight.yml` of the default branch, or these defaults. See docs/configuration.md.

    risk: the percentile among the repository's last changes from which a change's risk is a remark.
    """

    ignore: tuple[str, ...] = ()
    analyzers_off: tuple[str, ...] = ()
    max_annotations: int = 10
    comment: bool = True
    gate: Severity | None = None
    ccn: int = 15
    cognitive: int = 20
    nloc: int = 100
    parameters: int = 7
    nesting: int = 5
    risk: int = 95


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was not analyzed, and why, in words for the reader."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Head against merge base: all that an analyzer may see.

    files are in git's order. past: newest first, at most a few hundred changes of the base branch before this one.
    scans: findings of outside scanners on both ends. history: what the history index tells of these files, None where
    there is none. codeowners: the text of the base's CODEOWNERS file. open_pulls: others into the same branch that may
    meet this one.
    """

    repository: str
    head_sha: str
    merge_base: str
    files: tuple[FileChange, ...]
    title: str = ""
    past: tuple[PastChange, ...] = ()
    scans: tuple[ToolFinding, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    config: RepositoryConfig = field(default_factory=RepositoryConfig)
    history: HistoryFacts | None = None
    codeowners: str = ""
    open_pulls: tuple[OpenPull, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All insights for one head sha, and what was left out.

    config_problem: what is wrong with the repository's configuration file, with its line; the defaults held.
    title: of the change, as the analyzers saw it. risk: as it was predicted, None where nothing is known of it.
    touched: what later pull requests are compared with.
    compared_pulls: numbers of the open pull requests that touch the same files.
    """

    repository: str
    head_sha: str
    merge_base: str
    engine: str
    insights: tuple[Insight, ...]
    files_analyzed: int
    left_out: tuple[LeftOut, ...] = ()
    config_problem: str | None = None
    config: RepositoryConfig = field(default_factory=RepositoryConfig)
    title: str = ""
    risk: ChangeRisk | None = None
    touched: Touched = field(default_factory=Touched)
    compared_pulls: tuple[int, ...] = ()
