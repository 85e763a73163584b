"""Missing companions: files that usually change together with a changed file, but not in this change.

Association rules over past changes (Zimmermann, Weißgerber, Diehl, Zeller, "Mining Version Histories to Guide Software
Changes", IEEE TSE 31(6), 2005); the index leaves out mass changes, bots, and lock and generated files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.statistics import lower_bound
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.history import Companion
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.text import code, commits

MIN_TOGETHER = 8
LEAST_SHARE = 0.6
LEAST_LIFT = 3.0
_MOST_REMARKS = 2
_LEAST_LINES = 5
_LINKED = 3


@dataclass(frozen=True, slots=True)
class _MissingCompanion:
    """A changed file and its companion that is not changed. bound: the lower bound of how often both change."""

    file: FileChange
    companion: Companion
    bound: float


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """Remarks on the most probable missing companions, each companion once."""
    if change.history is None:
        return []
    missing: dict[str, _MissingCompanion] = {}
    for one in _missing_companions(change):
        known = missing.get(one.companion.path)
        if known is None or one.bound > known.bound:
            missing[one.companion.path] = one
    ranked = sorted(missing.values(), key=lambda one: (-one.bound, one.companion.path))
    return [_insight(one) for one in ranked[:_MOST_REMARKS]]


def _missing_companions(change: Change) -> Iterator[_MissingCompanion]:
    assert change.history is not None  # noqa: S101 - checked by the caller
    here = {path for file in change.files for path in (file.path, file.old_path)}
    tests_changed = any(paths.is_test(file.path) for file in change.files)
    histories = {past.path: past for past in change.history.files}
    for file in change.files:
        past = histories.get(file.path)
        if past is None or not _is_relevant(file):
            continue
        for companion in past.companions:
            bound = lower_bound(companion.together, companion.changes)
            if companion.path in here or companion.together < MIN_TOGETHER or companion.lift < LEAST_LIFT:
                continue
            if (
                bound < LEAST_SHARE
                or paths.is_docs(companion.path)
                or not paths.is_read(companion.path)
                or (tests_changed and paths.is_test(companion.path))
            ):
                continue
            yield _MissingCompanion(file, companion, bound)


def _is_relevant(file: FileChange) -> bool:
    """Whether a file is code with enough changed lines, and neither a test nor documentation."""
    return (
        file.status in {FileStatus.MODIFIED, FileStatus.RENAMED}
        and (file.added or 0) + (file.deleted or 0) >= _LEAST_LINES
        and not paths.is_test(file.path)
        and not paths.is_docs(file.path)
    )


def _insight(one: _MissingCompanion) -> Insight:
    companion, together, revisions = one.companion, one.companion.together, one.companion.changes
    first = next((hunk for hunk in one.file.hunks), None)
    line = max(1, first.new_start) if first else 1
    return Insight(
        type=InsightType.COUPLING,
        rule="coupling/missing-companion",
        title=f"{code(companion.path)} usually changes together with {code(one.file.path)}, but not in this change",
        description=f"{together} of {revisions} past changes of {code(one.file.path)} ({together / revisions:.0%}) "
        f"changed it too, {companion.lift:.0f} times as often as by chance{_examples(companion)}.",
        remedy="Check whether it needs a change too; if not, there is nothing to do.",
        severity=Severity.LOW,
        confidence=Confidence(round(one.bound, 2), f"lower bound of {together} in {revisions} past changes"),
        evidence={
            "path": one.file.path,
            "companion": companion.path,
            "together": together,
            "revisions": revisions,
            "confidence": round(companion.confidence, 3),
            "lift": round(companion.lift, 1),
            "examples": list(companion.examples),
        },
        locations=(Location(one.file.path, line, line),),
        fingerprint=fingerprint("coupling/missing-companion", one.file.path, companion.path),
    )


def _examples(companion: Companion) -> str:
    return f"; most recently {commits(companion.examples[:_LINKED])}" if companion.examples else ""


ANALYZER: Analyzer[object] = Analyzer(name="coupling", analyze=analyze)
