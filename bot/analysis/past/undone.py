"""Finds what a change takes away of an earlier fix: its lines, its tests, and the lines that it had replaced. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot import paths
from bot.analysis.past.lines import (
    ChangedLines,
    Line,
    bare,
    bare_lines,
    is_compared,
    likeness,
    telling,
    tells,
    words_of,
)
from bot.domain.earlier import EarlierCommit, EarlierFile
from bot.domain.files import FileStatus, Hunk

# 1-based lines at the merge base of functions that are gone at the head.
GoneFunctions = tuple[tuple[int, int], ...]
# A line whose words are replaced by so many of the same words has changed, and is not taken away.
_SAME_LINE = 0.6
_ASSERTION = re.compile(
    r"(?i)assert|expect|should|\bt\.(?:error|fatal|fail)|\brequire\.|\bverify\(|raises|\bcheck\(|_eq!"
)


@dataclass(slots=True)
class Undone:
    """What a change takes away of one fix.

    gone: by path, the lines of production code that the fix brought and the change deletes.
    restored: by path, the lines that the fix had deleted and the change adds again.
    tests: by path, the lines of tests that the fix brought and the change deletes.
    brought: the telling lines of production code that the fix brought, in all of its files.
    replaced: the telling lines of production code that the fix deleted.
    tested: by path, the telling lines of tests that the fix brought.
    touched: whether the change deletes a line of production code that the fix brought, in whatever way.
    """

    fix: EarlierCommit
    gone: dict[str, list[Line]] = field(default_factory=dict)
    restored: dict[str, list[Line]] = field(default_factory=dict)
    tests: dict[str, list[Line]] = field(default_factory=dict)
    brought: int = 0
    replaced: int = 0
    tested: dict[str, int] = field(default_factory=dict)
    touched: bool = False

    @property
    def lines_gone(self) -> int:
        """The number of different lines in `gone`."""
        return _different(self.gone)

    @property
    def lines_restored(self) -> int:
        """The number of different lines in `restored`."""
        return _different(self.restored)

    @property
    def lines_tested(self) -> int:
        """The number of different lines in `tests`."""
        return _different(self.tests)

    @property
    def share(self) -> float:
        """The share of the lines that the fix brought which the change deletes."""
        return self.lines_gone / self.brought if self.brought else 0.0


def _different(lines: Mapping[str, Sequence[Line]]) -> int:
    return sum(len({line.bare for line in found}) for found in lines.values())


def undone_by(
    fix: EarlierCommit, changed: Mapping[str, ChangedLines], added: str, functions: Mapping[str, GoneFunctions]
) -> Undone:
    """Return what a change takes away of a fix.

    changed: the changed lines of the change, by path.
    added: all bare lines that the change adds, joined; a line in it is moved or laid out anew.
    """
    found = Undone(fix)
    if not any(map(_meets, fix.files, map(changed.get, (file.path for file in fix.files)))):
        return found
    files = [file for file in fix.files if is_compared(file.path)]
    its_added = {bare(line) for file in files for line in file.added}
    its_deleted = {bare(line) for file in files for line in file.deleted}
    for file in files:
        brought = {bare(line) for line in telling(file.path, file.added)} - its_deleted
        lines = changed.get(file.path)
        if paths.is_test(file.path):
            found.tested[file.path] = len(brought)
            if lines is not None and (gone := _gone(lines, brought, added, ())):
                found.tests[file.path] = gone
        elif paths.is_production(file.path):
            replaced = {bare(line) for line in telling(file.path, file.deleted)} - its_added
            found.brought += len(brought)
            found.replaced += len(replaced)
            found.touched |= lines is not None and any(line.bare in brought for line in lines.deleted)
            if lines is not None and lines.file.status is not FileStatus.DELETED:
                _compare(found, file, lines, (brought, replaced, added), functions.get(file.path, ()))
    return found


def _meets(file: EarlierFile, lines: ChangedLines | None) -> bool:
    """Return whether a change deletes a line that a fix added to this file. Most fixes end here."""
    deleted = {line.bare for line in lines.deleted} if lines is not None else set()
    return bool(deleted) and any(bare(line) in deleted for line in file.added)


def _compare(
    found: Undone,
    file: EarlierFile,
    lines: ChangedLines,
    words: tuple[set[str], set[str], str],
    functions: GoneFunctions,
) -> None:
    brought, replaced, added = words
    restored = [line for line in lines.added if line.bare in replaced and tells(file.path, line.text)]
    if restored:
        before = bare_lines(lines.file.before)
        restored = [line for line in restored if line.bare not in before]
    exact = {line.number for hunk in _hunks_of(lines, restored) for line in lines.of_hunk(hunk)[0]}
    if gone := _gone(lines, brought, added, functions, exact):
        found.gone[file.path] = gone
        if restored:
            found.restored[file.path] = restored


def _hunks_of(lines: ChangedLines, added: Sequence[Line]) -> list[Hunk]:
    numbers = {line.number for line in added}
    return [
        hunk
        for hunk in lines.file.hunks
        if not numbers.isdisjoint(range(hunk.new_start, hunk.new_start + hunk.new_count))
    ]


def _gone(
    lines: ChangedLines, brought: set[str], added: str, functions: GoneFunctions, exact: Collection[int] = ()
) -> list[Line]:
    """Return the deleted lines among the brought ones.

    Left out are lines that stand elsewhere in the file or are added anywhere, lines of functions that are gone, and
    lines that only change a little.
    exact: the numbers of lines that count although a similar line replaces them.
    """
    found = [
        line
        for line in lines.deleted
        if line.bare in brought
        and line.bare not in added
        and not any(start <= line.number <= end for start, end in functions)
    ]
    if not found:
        return []
    after = bare_lines(lines.file.after)
    found = [line for line in found if line.bare not in after]
    return [line for line in found if line.number in exact or not _altered(lines, line)]


def _altered(lines: ChangedLines, line: Line) -> bool:
    """Return whether the hunk of a deleted line adds a similar line."""
    words = words_of(line.text)
    for hunk in lines.file.hunks:
        if hunk.old_start <= line.number < hunk.old_start + hunk.old_count:
            return any(likeness(words, words_of(one.text)) >= _SAME_LINE for one in lines.of_hunk(hunk)[1])
    return False


@dataclass(frozen=True, slots=True)
class Around:
    """How many telling lines the hunks or files around an undone fix delete and add."""

    deleted: int
    added: int


def around(found: Mapping[str, Sequence[Line]], changed: Mapping[str, ChangedLines]) -> Around:
    """Count the different telling lines of the hunks with these deleted lines."""
    pairs = [
        (path, changed[path].of_hunk(hunk))
        for path, lines in found.items()
        for hunk in changed[path].file.hunks
        if any(hunk.old_start <= line.number < hunk.old_start + hunk.old_count for line in lines)
    ]
    return _count([(path, old) for path, (old, _) in pairs], [(path, new) for path, (_, new) in pairs])


def in_files(found: Mapping[str, Sequence[Line]], changed: Mapping[str, ChangedLines]) -> Around:
    """Count the different telling lines of the files with these deleted lines."""
    return _count(
        [(path, changed[path].deleted) for path in found],
        [(path, changed[path].added) for path in found],
    )


def _count(deleted: Sequence[tuple[str, Sequence[Line]]], added: Sequence[tuple[str, Sequence[Line]]]) -> Around:
    old, new = (
        {line.bare for path, lines in side for line in lines if tells(path, line.text)} for side in (deleted, added)
    )
    return Around(len(old - new), len(new - old))


def has_assertion(lines: list[Line]) -> bool:
    """Return whether one of the lines of a test checks something."""
    return any(_ASSERTION.search(line.text) for line in lines)
