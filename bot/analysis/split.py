"""Changes that consist of unrelated parts.

Two files are related if they share a folder, a name or a rare identifier, changed together before, or mention each
other. A connected component of related files is a part (cf. Barnett, Bird, Brunet, Lahiri, "Helping Developers Help
Themselves: Automatic Decomposition of Code Review Changesets", ICSE 2015, which relates definitions and uses).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.text import code, count

_LEAST_LINES = 400
_LEAST_PART = 0.25
_MOST_FILES = 150
_SHOWN = 4
_LEAST_NAME = 5
_MOST_WORDS = 4_000
# An identifier that more of the changed files use than this does not relate them.
_COMMON = 4
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{4,60}")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The identifiers on a file's changed lines."""

    words: frozenset[str]


def measure(file: FileChange) -> Identifiers | None:
    """The identifiers of one file; None if it is neither code nor a style or a template, or is not read by people."""
    if not (paths.is_code(file.path) or paths.is_shipped(file.path)) or not paths.is_read(file.path):
        return None
    words: dict[str, None] = {}
    for _, line in file.added_lines():
        words.update(dict.fromkeys(_WORD.findall(line[:400])))
        if len(words) > _MOST_WORDS:
            break
    return Identifiers(frozenset(words))


def analyze(change: Change, measured: Mapping[str, Identifiers]) -> list[Insight]:
    """At most one remark, on a large change of code with at least two substantial parts."""
    files = [file for file in change.files if file.left_out is None and file.path in measured]
    total = sum(map(_lines, files))
    if total < _LEAST_LINES or len(files) > _MOST_FILES or change.history is None:
        return []
    parts = [part for part in _parts(change, files, measured) if _is_substantial(part, total)]
    return [_insight(parts, total)] if len(parts) > 1 else []


def _lines(file: FileChange) -> int:
    return (file.added or 0) + (file.deleted or 0)


def _is_substantial(part: Sequence[FileChange], total: int) -> bool:
    return sum(map(_lines, part)) >= total * _LEAST_PART and any(paths.is_shipped(file.path) for file in part)


def _parts(change: Change, files: Sequence[FileChange], names: Mapping[str, Identifiers]) -> list[list[FileChange]]:
    """The connected components, largest first."""
    group = {file.path: file.path for file in files}

    def root(path: str) -> str:
        while group[path] != path:
            path = group[path]
        return path

    for one, other in _related_pairs(change, files, names):
        group[root(one)] = root(other)
    found: dict[str, list[FileChange]] = {}
    for file in files:
        found.setdefault(root(file.path), []).append(file)
    return sorted(found.values(), key=lambda part: (-sum(map(_lines, part)), part[0].path))


def _related_pairs(
    change: Change, files: Sequence[FileChange], names: Mapping[str, Identifiers]
) -> Iterable[tuple[str, str]]:
    together = {
        frozenset((past.path, companion.path))
        for past in (change.history.files if change.history else ())
        for companion in past.companions
    }
    users: dict[str, int] = {}
    for file in files:
        for word in names[file.path].words:
            users[word] = users.get(word, 0) + 1
    rare = {word for word, uses in users.items() if 1 < uses <= _COMMON}
    for one, other in combinations(files, 2):
        if (
            PurePosixPath(one.path).parent == PurePosixPath(other.path).parent
            or paths.tested_name(one.path) == paths.tested_name(other.path)
            or frozenset((one.path, other.path)) in together
            or names[one.path].words & names[other.path].words & rare
            or _mentions(one, names[other.path])
            or _mentions(other, names[one.path])
        ):
            yield one.path, other.path


def _mentions(file: FileChange, names: Identifiers) -> bool:
    stem = PurePosixPath(file.path).stem
    return len(stem) >= _LEAST_NAME and stem in names.words


def _insight(parts: Sequence[Sequence[FileChange]], total: int) -> Insight:
    shown = [
        f"{count(sum(map(_lines, part)), 'line')} in {', '.join(code(file.path) for file in part[:_SHOWN])}"
        + (f" and {len(part) - _SHOWN} more" if len(part) > _SHOWN else "")
        for part in parts
    ]
    first = parts[-1][0]
    return Insight(
        type=InsightType.RECOMMENDATION,
        rule="split/parts",
        title=f"This change has {len(parts)} unrelated parts",
        description=f"{'; '.join(shown)}. They share no folder and no names, and have not changed together before.",
        remedy="Each part would be easier to review as a pull request of its own.",
        severity=Severity.LOW,
        confidence=Confidence(0.6, "no relation was found between them; one that shows in no name is missed"),
        evidence={"lines": total, "parts": [[file.path for file in part[:50]] for part in parts]},
        locations=(Location(first.path, 1, 1),),
        fingerprint=fingerprint("split/parts", *sorted(part[0].path for part in parts)),
    )


ANALYZER = Analyzer(name="split", measure=measure, analyze=analyze)
