"""Changed code of which a copy stands elsewhere in the repository and stays as it was.

A clone that is changed in one place and not in the other is a known source of faults: Juergens, Deissenboeck, Hummel,
Wagner, "Do Code Clones Matter?", ICSE 2009. Which copies exist is known from one search of the tree (`Change.tree`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.edits import MAX_FILES, Edit, edits, is_telling
from bot.analysis.measured import share_of
from bot.analysis.places import is_written_here
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.domain.tree import Mention
from bot.text import code, count

NAME = "twins"
MAX_ANCHORS = 12
MAX_CANDIDATES = 10
_LEAST_TELLING = 6
# A block that stands in more places than this is a pattern, of which one may be changed alone.
_MOST_TWINS = 3
_MOST_BLOCK = 200
_MOVED = 0.5
_MARKUP = frozenset("html htm css scss sass less j2 jinja jinja2 tmpl erb hbs ejs cmake mk".split())
_FIX = re.compile(r"\b(fix(es|ed)?|bug|correct|prevent|avoid|crash|leak|security|cve)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """A changed block. anchor: its most telling deleted line, without outer white space."""

    file: FileChange
    edit: Edit
    anchor: str


@dataclass(frozen=True, slots=True)
class Twin:
    """The same block in another place at the head. Lines are 1-based and inclusive; telling: distinct lines."""

    path: str
    start: int
    end: int
    old_start: int
    old_end: int
    telling: int


def blocks(files: Sequence[FileChange]) -> list[Block]:
    """Return the changed blocks that are searched for, at most `MAX_ANCHORS`, those with most deleted lines first."""
    eligible = [file for file in files[:MAX_FILES] if _is_eligible(file)]
    added = {line.strip() for file in files[:MAX_FILES] for _, line in file.added_lines()} if eligible else set()
    found = []
    for file in eligible:
        for edit in edits(file):
            anchors = [line for line in edit.old if is_telling(line) and line not in added]
            if anchors and edit.new and not _is_moved(edit, added):
                found.append(Block(file, edit, max(anchors, key=len)))
    found.sort(key=lambda block: (-len(block.edit.old), block.file.path, block.edit.old_start))
    return found[:MAX_ANCHORS]


def candidates(mentions: Iterable[Mention], found: Sequence[Block], changed: Iterable[FileChange]) -> list[str]:
    """Return the unchanged files that hold the anchor of a block as a whole line; none of a common anchor."""
    own = {file.path for file in changed}
    places: dict[str, set[str]] = {block.anchor: set() for block in found}
    for mention in mentions:
        if (line := mention.text.strip()) in places and can_hold_twin(mention.path):
            places[line].add(mention.path)
    rare = [path for held in places.values() if len(held) <= _MOST_TWINS + 1 for path in sorted(held - own)]
    return list(dict.fromkeys(rare))[:MAX_CANDIDATES]


def can_hold_twin(path: str) -> bool:
    """Return whether a copy in this file is worth a remark: code and templates, no tests. Workflows: `sweep`."""
    suffix = PurePosixPath(path).suffix.lower().lstrip(".")
    return (paths.is_code(path) or suffix in _MARKUP) and not paths.is_test(path) and is_written_here(path)


def _is_eligible(file: FileChange) -> bool:
    modified = file.status in {FileStatus.MODIFIED, FileStatus.RENAMED}
    return modified and file.left_out is None and can_hold_twin(file.path)


def _is_moved(edit: Edit, added: set[str]) -> bool:
    """Return whether the deleted lines stand elsewhere in the change, so that they were moved or indented."""
    telling = [line for line in edit.old if is_telling(line)]
    return sum(line in added for line in telling) >= _MOVED * len(telling)


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One remark per pair of files."""
    if not change.tree.searched:
        return []
    found = blocks(change.files)
    anchors = {block.anchor for block in found}
    holding = {one.path for one in change.tree.mentions if one.text.strip() in anchors}
    heads = {one.path: one.text for one in change.tree.files}
    heads |= {file.path: file.after for file in change.files if file.after is not None and can_hold_twin(file.path)}
    lines = {path: _normalized(text) for path, text in heads.items() if path in holding}
    pairs: dict[tuple[str, str], list[tuple[Block, Twin]]] = {}
    for block in found:
        twins = [twin for twin in _twins(block, lines) if not _was_changed(twin, change.files)]
        # Rules of one stylesheet are alike by nature.
        if not paths.is_code(block.file.path):
            twins = [twin for twin in twins if twin.path != block.file.path]
        if 0 < len(twins) <= _MOST_TWINS:
            pairs.setdefault((block.file.path, twins[0].path), []).append((block, twins[0]))
    return [_insight(change, sorted(pair, key=lambda one: one[0].edit.new_start)) for pair in pairs.values()]


def _normalized(text: str) -> list[tuple[int, str]]:
    """Return (1-based number, text without outer white space) of the lines that are not empty."""
    return [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _twins(block: Block, heads: Mapping[str, list[tuple[int, str]]]) -> Iterator[Twin]:
    before = _normalized(block.file.before or "")
    own = [at for at, (number, _) in enumerate(before) if block.edit.old_start <= number <= block.edit.old_end]
    anchor = next((at for at in own if before[at][1] == block.anchor), None)
    if anchor is None:
        return
    for path, lines in heads.items():
        for at, (_, line) in enumerate(lines):
            if line == block.anchor and (twin := _twin(path, before, lines, own, anchor - at)) is not None:
                yield twin


def _twin(
    path: str, before: list[tuple[int, str]], lines: list[tuple[int, str]], own: list[int], shift: int
) -> Twin | None:
    """Return the longest equal run that holds all lines of the edit, if it has enough telling lines."""

    def same(at: int) -> bool:
        return 0 <= at < len(before) and 0 <= at - shift < len(lines) and before[at][1] == lines[at - shift][1]

    if not all(map(same, range(own[0], own[-1] + 1))):
        return None
    first, last = own[0], own[-1]
    while same(first - 1) and last - first < _MOST_BLOCK:
        first -= 1
    while same(last + 1) and last - first < _MOST_BLOCK:
        last += 1
    telling = len({before[at][1] for at in range(first, last + 1) if _is_logic(before[at][1])})
    if telling < _LEAST_TELLING:
        return None
    return Twin(path, lines[first - shift][0], lines[last - shift][0], before[first][0], before[last][0], telling)


def _is_logic(line: str) -> bool:
    """Return whether a telling line is more than a parameter, an argument or an entry of a list."""
    return is_telling(line) and not (line.endswith(",") and "(" not in line)


def _was_changed(twin: Twin, files: Iterable[FileChange]) -> bool:
    """Return whether the change touches the twin or the lines next to it."""
    return any(
        file.path == twin.path
        and any(
            hunk.new_start <= twin.end + 1 and twin.start - 1 <= hunk.new_start + max(hunk.new_count - 1, 0)
            for hunk in file.hunks
        )
        for file in files
    )


def _insight(change: Change, found: Sequence[tuple[Block, Twin]]) -> Insight:
    block, twin = found[0]
    path = block.file.path
    place = f"{code(twin.path)}:{twin.start}" if twin.path != path else f"line {twin.start}"
    several = count(len(found), "changed block") if len(found) > 1 else "A changed block"
    more = ", ".join(str(one.start) for _, one in found[1:4])
    others = f" (others at {more})" if more else ""
    fix = bool(_FIX.search(change.title))
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="twins/left-behind",
        title=f"{several} of {code(path)} also {'stand' if len(found) > 1 else 'stands'} at {place}, unchanged there",
        description=f"Lines {twin.old_start}–{twin.old_end} at the merge base are the same as lines"
        f" {twin.start}–{twin.end} of {code(twin.path)}, up to white space{others}."
        f" This change replaces {code(block.anchor, 80)} here only.",
        remedy="If the reason for this change holds there too, change both, or let both use one function.",
        severity=Severity.MEDIUM if fix else Severity.LOW,
        confidence=share_of(
            "twins/left-behind", f"{twin.telling} different lines are the same; whether both should change is not known"
        ),
        evidence={
            "blocks": [
                {
                    "path": path,
                    "lines": [one.edit.new_start, one.edit.new_end],
                    "replaced": one.anchor,
                    "twin": {"path": other.path, "start_line": other.start, "end_line": other.end},
                    "same_lines": other.telling,
                }
                for one, other in found[:20]
            ],
        },
        locations=(
            Location(path, block.edit.new_start, max(block.edit.new_start, block.edit.new_end)),
            Location(twin.path, twin.start, twin.end),
        ),
        fingerprint=fingerprint("twins/left-behind", path, twin.path, block.anchor),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
