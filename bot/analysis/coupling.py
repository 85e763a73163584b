"""Missing companions: files that usually change together with a changed file, but not in this change.

Association rules over past changes (Zimmermann, Weißgerber, Diehl, Zeller, "Mining Version Histories to Guide Software
Changes", IEEE TSE 31(6), 2005); the index leaves out mass changes, bots, and lock and generated files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.measured import share_of
from bot.analysis.statistics import lower_bound
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.history import Companion
from bot.domain.insights import Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, commits

MIN_TOGETHER = 8
LEAST_SHARE = 0.6
LEAST_LIFT = 3.0
# From here on it is a remark, if both files are code that ships: of seven read remarks on build files none was useful.
REMARK_SHARE, REMARK_LIFT = 0.7, 5.0
_MOST_REMARKS = 2
# As in the past changes that count: a change of more files is mechanical (`MAX_COUPLED` of the history index).
_MOST_FILES = 30
_LEAST_LINES = 5
_LINKED = 3
# Past changes of the file are comparable if they changed at most so many times more or fewer of its lines.
_ALIKE = 3.0
_LEAST_ALIKE = 8


@dataclass(frozen=True, slots=True)
class _Habit:
    """How often a companion changed in past changes of a file. alike: whether these are of a similar size."""

    together: int
    changes: int
    alike: bool

    @property
    def bound(self) -> float:
        """The lower bound of the share."""
        return lower_bound(self.together, self.changes)


@dataclass(frozen=True, slots=True)
class _MissingCompanion:
    """A changed file and its companion that is not changed."""

    file: FileChange
    companion: Companion
    habit: _Habit


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """Insights on the most probable missing companions, one of each file, each companion once."""
    if change.history is None or len(change.files) > _MOST_FILES:
        return []
    found = sorted(_missing_companions(change), key=lambda one: (-one.habit.bound, one.companion.path))
    told: list[_MissingCompanion] = []
    for one in found:
        if all(other.file is not one.file and other.companion.path != one.companion.path for other in told):
            told.append(one)
    return [_insight(one) for one in told[:_MOST_REMARKS]]


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
            if companion.path in here or companion.together < MIN_TOGETHER or companion.lift < LEAST_LIFT:
                continue
            if not _is_expected(companion.path) or (tests_changed and paths.is_test(companion.path)):
                continue
            habit = _habit(file, companion)
            if habit.bound >= LEAST_SHARE:
                yield _MissingCompanion(file, companion, habit)


def _habit(file: FileChange, companion: Companion) -> _Habit:
    """Compare with past changes of about this size, if there are enough: a large change touches everything."""
    lines = (file.added or 0) + (file.deleted or 0)
    together, alone = (
        sum(lines / _ALIKE <= past <= lines * _ALIKE for past in counts)
        for counts in (companion.lines_together, companion.lines_alone)
    )
    if together + alone >= _LEAST_ALIKE:
        return _Habit(together, together + alone, alike=True)
    return _Habit(companion.together, companion.changes, alike=False)


def _is_expected(path: str) -> bool:
    """Whether a file can be missed: people write it, and it is no prose. What manifests share are versions."""
    return paths.is_read(path) and not (paths.is_docs(path) or paths.is_manifest(path))


def _is_relevant(file: FileChange) -> bool:
    """Whether a file has enough changed lines, and is neither a test, nor documentation, nor a manifest."""
    return (
        file.status in {FileStatus.MODIFIED, FileStatus.RENAMED}
        and (file.added or 0) + (file.deleted or 0) >= _LEAST_LINES
        and not (paths.is_test(file.path) or paths.is_docs(file.path) or paths.is_manifest(file.path))
        and not file.documentation
    )


def _standing(one: _MissingCompanion) -> Standing:
    shipped = paths.is_production(one.file.path) and (
        paths.is_production(one.companion.path) or paths.is_test(one.companion.path)
    )
    strong = one.habit.bound >= REMARK_SHARE and one.companion.lift >= REMARK_LIFT
    return Standing.REMARK if shipped and strong else Standing.NOTE


def _insight(one: _MissingCompanion) -> Insight:
    companion, habit = one.companion, one.habit
    together, changes = habit.together, habit.changes
    first = next((hunk for hunk in one.file.hunks), None)
    line = max(1, first.new_start) if first else 1
    size = " of about this size" if habit.alike else ""
    return Insight(
        type=InsightType.COUPLING,
        rule="coupling/missing-companion",
        title=f"{code(companion.path)} usually changes together with {code(one.file.path)}, but not in this change",
        description=f"{together} of {changes} past changes{size} of {code(one.file.path)} ({together / changes:.0%}) "
        f"changed it too, {companion.lift:.0f} times as often as by chance{_examples(companion)}. Releases, "
        "raised versions, changes by programs and changes of many files do not count.",
        remedy="Check whether it needs a change too; if not, there is nothing to do.",
        severity=Severity.LOW,
        confidence=share_of(
            "coupling/missing-companion",
            f"lower bound {habit.bound:.0%} of {together} in {changes} past changes here",
        ),
        standing=_standing(one),
        evidence={
            "path": one.file.path,
            "companion": companion.path,
            "together": together,
            "revisions": changes,
            "of_this_size": habit.alike,
            "confidence": round(together / changes, 3),
            "lift": round(companion.lift, 1),
            "examples": list(companion.examples),
        },
        locations=(Location(one.file.path, line, line),),
        fingerprint=fingerprint("coupling/missing-companion", one.file.path, companion.path),
    )


def _examples(companion: Companion) -> str:
    return f"; for example {commits(companion.examples[:_LINKED])}" if companion.examples else ""


ANALYZER: Analyzer[object] = Analyzer(name="coupling", analyze=analyze)
