"""The files of a change, past changes of a branch, and findings of outside scanners. Immutable values."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.insights import Severity


class FileStatus(StrEnum):
    """The status of a changed file, as in git."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    TYPE_CHANGED = "type_changed"


class Side(StrEnum):
    """The two ends of a change."""

    BASE = "base"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Hunk:
    """A changed range of lines.

    old_start, new_start: 1-based line numbers.
    old_count, new_count: lines; 0 for a pure addition or deletion.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A changed file at both ends of the change.

    path: decoded from UTF-8; invalid bytes become `\\xNN`.
    old_path: the path at the merge base if the file was renamed, else None.
    before, after: the texts with `\\n` line breaks; None if the file does not exist there or is left out.
    added, deleted: lines; None if git could not count them (binary).
    left_out: why the file is not analyzed ("binary", "larger than 512 KB", "generated", "symbolic link", …), else None.
    documentation: whether `.gitattributes` says so (`linguist-documentation`).
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
    documentation: bool = False

    def added_lines(self) -> list[tuple[int, str]]:
        """Return (1-based line number at head, text) of each added line. Empty without a text at head."""
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
class ChangedLines:
    """How many lines a change adds to a file and deletes there. path: at the head, or of the deleted file."""

    path: str
    added: int
    deleted: int


@dataclass(frozen=True, slots=True)
class PastFile:
    """A file in a past change.

    added, deleted: lines; 0 for a binary file.
    tests: how many of the added lines belong to tests that stand in production code.
    """

    path: str
    added: int
    deleted: int
    tests: int = 0


@dataclass(frozen=True, slots=True)
class PastChange:
    """One first-parent commit of the base branch by people, usually a merged pull request.

    when: Unix seconds; None if the commit has no known date.
    """

    sha: str
    when: int | None
    subject: str
    files: tuple[PastFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFinding:
    """A finding of an outside scanner (ruff, zizmor) at one end of a change.

    line, end_line: 1-based.
    """

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
