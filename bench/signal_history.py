"""What became of files and lines after a change: from the history index at the newest commit, and from git."""

import re
import sqlite3
import subprocess
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot import paths
from bot.domain.periods import FIX_WINDOW

_TELLING = re.compile(r"(?:.*?[A-Za-z]){3}")
_FIRST_LINE = re.compile(rb"^@@ -\S+ \+(\d+)")
_MOST_LINES = 20
_LEAST_STEM = 4


class Touch(NamedTuple):
    """A file in a later change. tests: whether it adds lines to tests, in a file of tests or inline."""

    entity: int
    path: str
    tests: bool


@dataclass(frozen=True, slots=True)
class _Commit:
    ordinal: int
    sha: str
    clock: int


class Later:
    """The history after the replayed changes of one repository. Windows are the 90 days after a change.

    A program's changes and versions that are raised count as nothing.
    """

    def __init__(self, connection: sqlite3.Connection, git_dir: Path, since: str) -> None:
        """since: a change; no older one is asked about."""
        self._git_dir = git_dir
        rows = connection.execute("SELECT ordinal, sha, clock FROM commits ORDER BY ordinal")
        self._commits = [_Commit(*row) for row in rows]
        self._clocks = [commit.clock for commit in self._commits]
        self._ordinals = {commit.sha: commit.ordinal for commit in self._commits}
        self._touched: dict[int, list[Touch]] = {}
        self._renames: dict[int, list[tuple[int, str, str]]] = {}
        query = (
            "SELECT c.ordinal, r.entity, e.path, r.added, r.tests FROM commits c"
            " JOIN revisions r ON r.ordinal = c.ordinal JOIN entities e ON e.id = r.entity"
            " WHERE c.ordinal > ? AND NOT c.bot AND NOT c.versions AND NOT c.mass"
        )
        for ordinal, entity, path, added, tests in connection.execute(query, (self._ordinals[since],)):
            tested = bool(tests) or (paths.is_test(path) and (added or 0) > 0)
            self._touched.setdefault(ordinal, []).append(Touch(entity, path, tested))
        # A path can have belonged to several files; the one that is alive comes last.
        rows = connection.execute("SELECT id, path FROM entities ORDER BY alive, id")
        self._now = {path: entity for entity, path in rows}
        self._paths = dict(connection.execute("SELECT id, path FROM entities"))
        self._renamed: dict[str, list[tuple[int, int]]] = {}
        self._old_paths: dict[int, list[tuple[int, str]]] = {}
        for ordinal, entity, old in connection.execute("SELECT ordinal, entity, old_path FROM renames"):
            self._renamed.setdefault(old, []).append((ordinal, entity))
            self._old_paths.setdefault(entity, []).append((ordinal, old))
        self._fixes: dict[int, list[tuple[int, str]]] = {}
        links = "SELECT introduced_by, fix, coalesce(path, '') FROM links WHERE undone_by IS NULL"
        for cause, fix, path in connection.execute(links):
            self._fixes.setdefault(cause, []).append((fix, path))

    def ordinal(self, sha: str) -> int:
        """The number of a change of the default branch."""
        return self._ordinals[sha]

    def needed_fix(self, sha: str, path: str = "") -> bool:
        """Whether a fix or a revert of the change came. path: only fixes of lines of this file, or reverts."""
        last = self._last(sha)
        entity = self._entity(path, self._ordinals[sha]) if path else None
        return any(
            fix <= last and (entity is None or not fixed or self._entity(fixed, fix) == entity)
            for fix, fixed in self._fixes.get(self._ordinals[sha], [])
        )

    def changed(self, sha: str, path: str, *, without: str = "") -> bool | None:
        """Whether a change changed the file, and not the file `without`; None if there was no such file."""
        entity = self._entity(path, self._ordinals[sha])
        if entity is None:
            return None
        other = self._entity(without, self._ordinals[sha])
        changed = ({touch.entity for touch in touches} for _, touches in self._window(sha))
        return any(entity in touched and other not in touched for touched in changed)

    def tested(self, sha: str, path: str) -> bool | None:
        """Whether a change added to tests, and changed the file or a test with its name; None without the file."""
        entity = self._entity(path, self._ordinals[sha])
        if entity is None:
            return None
        name = paths.tested_name(path)
        return any(
            any(touch.tests for touch in touches)
            and any(touch.entity == entity or _is_test_of(touch, name) for touch in touches)
            for _, touches in self._window(sha)
        )

    def gone(self, sha: str, head: str, path: str, line: int) -> bool | None:
        """Whether the text of a line at `head` is not in the file any more 90 days later; None if there is no text."""
        lines = self.lines(head, path)
        if not 0 < line <= len(lines) or not _TELLING.match(lines[line - 1]):
            return None
        return lines[line - 1].strip() not in self._later_lines(sha, path)

    def gone_elsewhere(self, sha: str, head: str, path: str, line: int) -> float | None:
        """The share of the other telling lines of the file, nearest first and at most 20, that are gone."""
        lines = self.lines(head, path)
        near = sorted(range(len(lines)), key=lambda number: abs(number + 1 - line))
        texts = [lines[number].strip() for number in near if number + 1 != line and _TELLING.match(lines[number])]
        later = self._later_lines(sha, path)
        chosen = texts[:_MOST_LINES]
        return sum(text not in later for text in chosen) / len(chosen) if chosen else None

    def first_line(self, base: str, head: str, path: str) -> int:
        """The first added line of a file that tells something; 0 without one."""
        lines = self.lines(head, path)
        for row in self._git("diff", "-U0", "--no-ext-diff", "--no-color", base, head, "--", path).splitlines():
            if found := _FIRST_LINE.match(row):
                number = int(found[1])
                if 0 < number <= len(lines) and _TELLING.match(lines[number - 1]):
                    return number
        return 0

    def lines(self, commit: str, path: str) -> list[str]:
        """The text of a file at a commit; empty if there is none."""
        return self._text(commit, path).split("\n")

    def _later_lines(self, sha: str, path: str) -> frozenset[str]:
        ordinal = self._ordinals[sha]
        last = self._last(sha)
        entity = self._entity(path, ordinal)
        there = self._path_at(entity, last) if entity is not None else path
        return frozenset(line.strip() for line in self.lines(self._commits[last - 1].sha, there))

    def _last(self, sha: str) -> int:
        """The ordinal of the last change within the window."""
        until = self._commits[self._ordinals[sha] - 1].clock + FIX_WINDOW
        return self._commits[bisect_right(self._clocks, until) - 1].ordinal

    def _window(self, sha: str) -> list[tuple[int, list[Touch]]]:
        first, last = self._ordinals[sha] + 1, self._last(sha)
        return [(number, self._touched[number]) for number in range(first, last + 1) if number in self._touched]

    def _entity(self, path: str, ordinal: int) -> int | None:
        """The file that had the path after a change, also if it is renamed later."""
        renamed = [(number, entity) for number, entity in self._renamed.get(path, ()) if number > ordinal]
        return min(renamed)[1] if renamed else self._now.get(path)

    def _path_at(self, entity: int, ordinal: int) -> str:
        later = [(number, old) for number, old in self._old_paths.get(entity, ()) if number > ordinal]
        return min(later)[1] if later else self._paths[entity]

    @lru_cache(maxsize=2_000)  # noqa: B019 - one per repository, as long as the script
    def _text(self, commit: str, path: str) -> str:
        return self._git("show", f"{commit}:{path}").decode("utf-8", "replace")

    def _git(self, *arguments: str) -> bytes:
        done = subprocess.run(["git", "-C", self._git_dir, *arguments], capture_output=True, check=False)
        return done.stdout


def _is_test_of(touch: Touch, name: str) -> bool:
    return touch.tests and len(name) >= _LEAST_STEM and paths.tested_name(touch.path) == name
