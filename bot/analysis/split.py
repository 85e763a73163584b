"""Changes that consist of unrelated parts: names the parts, which are the commits to make of it (`parts.py`)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.measured import share_of
from bot.analysis.parts import Part, parts_of
from bot.analysis.size import carries_others, compared_size
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint

_MOST_WORDS = 4_000
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{4,60}")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The identifiers on a file's added lines."""

    words: frozenset[str]


def measure(file: FileChange) -> Identifiers | None:
    """The identifiers of one file; None if it is no code, style or template, documents, or is not read by people."""
    if not (paths.is_code(file.path) or paths.is_shipped(file.path)) or not paths.is_read(file.path):
        return None
    if file.documentation:
        return None
    words: dict[str, None] = {}
    for _, line in file.added_lines():
        words.update(dict.fromkeys(_WORD.findall(line[:400])))
        if len(words) > _MOST_WORDS:
            break
    return Identifiers(frozenset(words))


def analyze(change: Change, measured: Mapping[str, Identifiers]) -> list[Insight]:
    """At most one remark, on a change with at least two parts that can be named."""
    if change.whole_repository or carries_others(change.title) or change.pulls > 1:
        return []
    parts = parts_of(change, {path: found.words for path, found in measured.items()})
    return [_insight(change, parts)] if len(parts) > 1 else []


def _insight(change: Change, parts: Sequence[Part]) -> Insight:
    size = compared_size(change)
    commits = "; ".join(f"({number}) {part.label}" for number, part in enumerate(parts, 1))
    first = min(parts, key=lambda part: part.lines).files[0]
    return Insight(
        type=InsightType.RECOMMENDATION,
        rule="split/parts",
        title=f"This change has {len(parts)} parts that can stand alone",
        description=f"{commits}.{size}",
        remedy="Make each a commit or a pull request of its own, so that it can be reviewed and reverted alone.",
        severity=Severity.LOW,
        confidence=share_of("split/parts", "no relation was found between them; one that shows in no name is missed"),
        evidence={
            "lines": sum(part.lines for part in parts),
            "parts": [[file.path for file in part.files[:50]] for part in parts],
        },
        locations=(Location(first.path, 1, 1),),
        fingerprint=fingerprint("split/parts", *sorted(part.files[0].path for part in parts)),
    )


ANALYZER = Analyzer(name="split", measure=measure, analyze=analyze)
