"""The same edit in most files of a family, and not in the rest, which still have the old lines.

A family is the files of one folder with one extension, or the files of one name in sibling folders.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.edits import MAX_FILES, WORD, Edit, edits, replaced_word
from bot.analysis.measured import share_of
from bot.analysis.places import is_written_here
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.domain.tree import Mention
from bot.text import code, count

NAME = "sweep"
MAX_SWEEPS = 8
_MOST_LINES = 4
_LEAST_FILES = 3
_LEAST_SHARE = 0.6
# In workflows a pinned image, action or version means the same in each, so that fewer suffice.
_LEAST_WORKFLOW_SHARE = 0.3
_MOST_REST = 5
_REST_SHOWN = 3
_LEAST_CHARACTERS = 8
_LEAST_CODE_CHARACTERS = 16
# Each package of a repository has a version of its own; years and licence heads are nobody's fault.
_OWN = re.compile(r"[\"']?version[\"']?\s*[:=]|copyright|\(c\)|©|spdx|^(//|#|\*|/\*|<!--)", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z]{2,}")
# At least two parts, or a name with a number.
_TELLING_TOKEN = re.compile(r"(?=[^A-Za-z]*[A-Za-z]{3}).*([A-Za-z][-_./@]\w|[A-Za-z]\d)")


@dataclass(frozen=True, slots=True)
class Sweep:
    """One edit in several files of a family.

    old, new: the replaced and the new lines without outer white space, or one replaced and one new word.
    is_word: whether it is one word of a line.
    paths: of the changed files at the head.
    """

    family: tuple[str, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]
    is_word: bool
    paths: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """The longest of the old lines, which is searched for."""
        return max(self.old, key=len)

    def stands_in(self, line: str) -> bool:
        """Return whether a line is the old one, or holds the old word."""
        return self.anchor in WORD.findall(line) if self.is_word else line.strip() == self.anchor


Replaced = tuple[tuple[str, ...], tuple[str, ...], bool]


def sweeps(files: Sequence[FileChange]) -> list[Sweep]:
    """Return the edits that two or more files of a family share, at most `MAX_SWEEPS`, the most common first."""
    found: dict[tuple[tuple[str, ...], Replaced], dict[str, None]] = {}
    for file in files[:MAX_FILES]:
        if file.status is FileStatus.MODIFIED and file.left_out is None and _can_be_swept(file.path):
            for edit in edits(file, gap=1):
                for replaced in _replaced(edit, file.path):
                    for family in _families(file.path):
                        found.setdefault((family, replaced), {})[file.path] = None
    made = [
        Sweep(family, old, new, is_word, tuple(places))
        for (family, (old, new, is_word)), places in found.items()
        if len(places) >= _least(next(iter(places)))
    ]
    return sorted(made, key=lambda one: (-len(one.paths), one.family, one.old))[:MAX_SWEEPS]


def _replaced(edit: Edit, path: str) -> Iterator[Replaced]:
    """Yield the replaced words of lines that differ in one place only; else the lines, if they are few.

    A comma at the end comes and goes with the line after it.
    """
    if {line.rstrip(",;") for line in edit.old} <= {line.rstrip(",;") for line in edit.new}:
        return
    words = [_word(*pair) for pair in zip(edit.old, edit.new, strict=False)] if len(edit.old) == len(edit.new) else []
    told = [pair for pair in words if pair is not None]
    if told and len(told) == len(words):
        yield from (((old,), (new,), True) for old, new in dict.fromkeys(told))
    elif 0 < len(edit.old) <= _MOST_LINES and edit.new and _is_telling(edit.old, path):
        yield edit.old, edit.new, False


def _word(old: str, new: str) -> tuple[str, str] | None:
    """Return the one telling word in which two lines differ, and what it became."""
    pair = None if _OWN.search(old) else replaced_word(old, new)
    return pair if pair and len(pair[0]) >= _LEAST_CHARACTERS and _TELLING_TOKEN.match(pair[0]) else None


def _least(path: str) -> int:
    """Return how many files must share an edit: two of three suffice for configuration, whose lines mean one thing."""
    return _LEAST_FILES if paths.is_code(path) else _LEAST_FILES - 1


def _families(path: str) -> list[tuple[str, ...]]:
    pure = PurePosixPath(path)
    parts = pure.parts
    siblings = [(*parts[:at], "*", *parts[at + 1 :]) for at in range(len(parts) - 1)]
    return [(*parts[:-1], f"*{pure.suffix}"), *siblings]


def _can_be_swept(path: str) -> bool:
    """Catalogs are a family too."""
    return not (paths.is_test(path) or paths.is_lock(path) or paths.is_generated(path) or paths.is_vendored(path)) and (
        is_written_here(path) or PurePosixPath(path).suffix in {".json", ".yml", ".yaml", ".properties", ".ts", ".js"}
    )


def _is_telling(lines: Iterable[str], path: str) -> bool:
    anchor = max(lines, key=len)
    least = _LEAST_CODE_CHARACTERS if paths.is_code(path) else _LEAST_CHARACTERS
    return len(anchor) >= least and bool(_WORDS.search(anchor)) and not _OWN.search(anchor)


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One remark per rest; of the families that show the same rest, the narrowest."""
    if not change.tree.searched:
        return []
    changed = {file.path for file in change.files}
    insights: dict[tuple[str, ...], Insight] = {}
    for sweep in sweeps(change.files):
        holding = [one for one in change.tree.mentions if sweep.stands_in(one.text)]
        rest = [one for one in holding if one.path not in changed and sweep.family in _families(one.path)]
        members = {one.path for one in rest}
        # Where the old line stays in the changed files too, it was changed for a reason of its own.
        partly = {one.path for one in holding if one.path in sweep.paths}
        if members and len(members) <= _MOST_REST and not partly and _is_most(sweep, len(members)):
            insights.setdefault(tuple(sorted(members)), _insight(sweep, rest))
    return list(insights.values())


def _is_most(sweep: Sweep, rest: int) -> bool:
    is_workflow = sweep.is_word and sweep.family[:2] == (".github", "workflows")
    return len(sweep.paths) >= (_LEAST_WORKFLOW_SHARE if is_workflow else _LEAST_SHARE) * (len(sweep.paths) + rest)


def _insight(sweep: Sweep, rest: Sequence[Mention]) -> Insight:
    members = list(dict.fromkeys(one.path for one in rest))
    total = len(sweep.paths) + len(members)
    places = ", ".join(f"{code(one.path)}:{one.line}" for one in rest[:_REST_SHOWN])
    still = f" and {len(members) - 1} more still have it" if len(members) > 1 else " still has it"
    changed = ", ".join(map(code, sweep.paths[:_REST_SHOWN]))
    more = f" and {len(sweep.paths) - _REST_SHOWN} more" if len(sweep.paths) > _REST_SHOWN else ""
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="sweep/incomplete",
        title=f"{code(sweep.anchor, 80)} is replaced in {len(sweep.paths)} of {total} files of"
        f" {code('/'.join(sweep.family))}; {code(members[0])}{still}",
        description=f"It became {code(max(sweep.new, key=len), 100)} in {changed}{more}."
        f" It stands as it was at {places}.",
        remedy="If the edit is meant for the whole family, make it there too.",
        severity=Severity.LOW,
        confidence=share_of(
            "sweep/incomplete",
            f"{count(len(sweep.paths), 'file')} of the {total} with this line were changed",
        ),
        evidence={
            "family": "/".join(sweep.family),
            "old": list(sweep.old),
            "new": list(sweep.new)[:20],
            "changed": list(sweep.paths)[:50],
            "rest": [{"path": one.path, "line": one.line} for one in rest[:20]],
        },
        locations=tuple(Location(one.path, one.line, one.line) for one in rest[:20]),
        fingerprint=fingerprint("sweep/incomplete", *sweep.family, sweep.anchor),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
