"""The words of GitInsight as frozen dataclasses: one shape for what is read, one for what is said.

Everything here is plain immutable values, so that it can cross to the analysis child and back (`bot/sandbox`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.past import ChangeRisk, HistoryFacts
from bot.touched import OpenPull, Touched


class Severity(StrEnum):
    """How much a remark matters, mildest first."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the mildest; for sorting."""
        return list(Severity).index(self)


class InsightType(StrEnum):
    """The types of insight that the REST API promises."""

    CODE_QUALITY = "code_quality"
    SECURITY = "security"
    DEPENDENCY = "dependency"
    RISK = "risk"
    HOTSPOT = "hotspot"
    OWNERSHIP = "ownership"
    COUPLING = "coupling"
    TESTS = "tests"
    SIMILARITY = "similarity"
    COLLISION = "collision"
    TREND = "trend"
    PATTERN = "pattern"
    RECOMMENDATION = "recommendation"


class Standing(StrEnum):
    """What the report does with an insight: a remark is shown, praise goes to the summary, a note is only stored."""

    REMARK = "remark"
    PRAISE = "praise"
    NOTE = "note"
    FAILURE = "failure"


class FileStatus(StrEnum):
    """What happened to a file, in git's words."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    TYPE_CHANGED = "type_changed"


class Side(StrEnum):
    """Which end of the change a fact belongs to."""

    BASE = "base"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One changed range; starts are 1-based line numbers, counts are lines (0 for pure additions or deletions)."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One entity's two ends.

    path: as UTF-8; bytes that are not UTF-8 stand as `\\xNN`. old_path: where it was at the merge base, if renamed.
    before, after: the texts with `\\n` line ends, None where absent or left out; `left_out` says why
    ("binary", "larger than 512 KB", "generated", "symbolic link", "submodule", …).
    added, deleted: lines, None where git could not count (binary).
    """

    path: str
    status: FileStatus
    old_path: str | None = None
    hunks: tuple[Hunk, ...] = ()
    before: str | None = None
    after: str | None = None
    added: int | None = None
    deleted: int | None = None
    left_out: str | None = None

    def added_lines(self) -> list[tuple[int, str]]:
        """(1-based line number at head, text) of each added line; empty without an after text."""
        if self.after is None:
            return []
        lines = self.after.split("\n")
        return [
            (number, lines[number - 1])
            for hunk in self.hunks
            for number in range(hunk.new_start, hunk.new_start + hunk.new_count)
            if number <= len(lines)
        ]


@dataclass(frozen=True, slots=True)
class PastFile:
    """A file in a past change; lines are 0 for binary files."""

    path: str
    added: int
    deleted: int


@dataclass(frozen=True, slots=True)
class PastChange:
    """One first-parent commit of the base branch: what a pull request was once merged. `when` is Unix seconds."""

    sha: str
    when: int
    subject: str
    files: tuple[PastFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFinding:
    """What an outside scanner (ruff, zizmor) said of one end of a file. Lines are 1-based."""

    tool: str
    rule: str
    side: Side
    path: str
    line: int
    end_line: int
    message: str
    severity: Severity
    confidence: float
    url: str | None = None


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


@dataclass(frozen=True, slots=True)
class Location:
    """Where at head; lines are 1-based and inclusive."""

    path: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Confidence:
    """0 to 1, with the reason for the number in a few words."""

    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """What an analyzer says.

    rule: `analyzer/what`, stable. title: one plain sentence. description: one or two sentences of Markdown.
    way_out: what the contributor can do about it here. Text of the repository inside these three
    stands in `text.code(...)`, never bare. evidence: JSON values, numbers before and after.
    fingerprint: the same for the same finding after lines shift (see `fingerprint`).
    """

    type: InsightType
    rule: str
    title: str
    description: str
    severity: Severity
    confidence: Confidence
    fingerprint: str
    standing: Standing = Standing.REMARK
    way_out: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    locations: tuple[Location, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All insights for one head sha, and what was left out.

    config_problem: what is wrong with the repository's configuration file, with its line; the defaults held.
    title: of the change, as the analyzers saw it. risk: as it was predicted, None where nothing is known of it.
    touched: what later pull requests are compared with.
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


def fingerprint(rule: str, *parts: str) -> str:
    """16 hex digits of a digest over the rule and what identifies the finding (names, never line numbers)."""
    return hashlib.sha256("\0".join((rule, *parts)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
