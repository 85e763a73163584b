"""The files of a change, the past changes of a branch, and what outside scanners found. Plain immutable values."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.insights import Severity


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
