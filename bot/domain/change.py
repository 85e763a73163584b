"""One change as the input of the analyzers, and the report on it. Immutable values.

They are sent to the child process of the analysis and back (`bot/sandbox`).
"""

from dataclasses import dataclass, field

from bot.domain.earlier import Earlier
from bot.domain.files import ChangedLines, FileChange, PastChange, ToolFinding
from bot.domain.history import ChangeRisk, HistoryFacts
from bot.domain.insights import Insight, Severity
from bot.domain.open_pulls import OpenPull, Touched
from bot.domain.similar import Similar
from bot.domain.tree import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryConfig:
    """The values of `.github/gitinsight.yml` on the default branch, with these defaults. See docs/configuration.md.

    risk: the percentile among the last changes of the repository from which the risk of a change becomes a remark.
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
    """A file or a part of the analysis that was left out.

    path: of the file, or a name in brackets.
    reason: shown in the report.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A head compared with its merge base: the input of all analyzers.

    files: in the order of git.
    past: the newest changes of the base branch before this one, newest first, at most a few hundred.
    scans: findings of outside scanners at both ends.
    left_out: files that are not analyzed.
    history: from the history index; None if it is not available.
    codeowners: the text of the CODEOWNERS file at the merge base; empty without one.
    open_pulls: other open pull requests into the same branch that may conflict with this change.
    similar: past changes, issues and pull requests that are like this change.
    tree: what the whole tree at the head still holds of what the change removes.
    pulls: how many merged pull requests it carries, as the merge of a branch of releases does.
    earlier: earlier commits that this change may undo or bring back, with their lines.
    whole_repository: the files are all files of a repository at one commit, as if the change added them.
    """

    repository: str
    head_sha: str
    merge_base: str
    files: tuple[FileChange, ...]
    title: str = ""
    pulls: int = 0
    past: tuple[PastChange, ...] = ()
    scans: tuple[ToolFinding, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    config: RepositoryConfig = field(default_factory=RepositoryConfig)
    history: HistoryFacts | None = None
    codeowners: str = ""
    open_pulls: tuple[OpenPull, ...] = ()
    similar: Similar = field(default_factory=Similar)
    tree: Tree = field(default_factory=Tree)
    earlier: Earlier = field(default_factory=Earlier)
    whole_repository: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All insights on one head.

    left_out: files and parts that were not analyzed.
    config_problem: the error in the configuration file with its line, if the defaults were used instead, and the error
        that the change brings into it; None without either.
    title: of the change.
    risk: the predicted risk; None if it could not be predicted.
    touched: the changed files and functions. Later pull requests are compared with them.
    compared_pulls: the numbers of the other open pull requests that change the same files.
    dismissed: the fingerprints of its insights that are dismissed. They are stored, but neither shown nor counted.
    place: the file at the head with the most changed lines, where remarks on the whole change are shown; else empty.
    lines: of the analyzed files, the largest change first.
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
    dismissed: frozenset[str] = frozenset()
    place: str = ""
    lines: tuple[ChangedLines, ...] = ()
