"""Production code that is added without tests, in a repository that usually changes both."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.inline import added_tests, changes_tests
from bot.analysis.measured import share_of
from bot.analysis.production import is_production
from bot.analysis.statistics import lower_bound
from bot.analysis.weightiest import heaviest_hunk
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus, PastChange
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.text import code

MIN_PAST = 20
_LEAST_SHARE = 0.6
_LEAST_LINES = 10
_LEAST_GROWTH = 5
_LEAST_SHARE_OF_GROWTH = 1 / 3


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """At most one remark, with the share of past changes of this kind that changed tests."""
    production = [file for file in change.files if _adds_production_code(file)]
    added = sum((file.added or 0) - added_tests(file) for file in production)
    # Deleted files count too: code that moved to another file is not new.
    deleted = sum(file.deleted or 0 for file in change.files if is_production(file))
    if not _grows(added, deleted) or any(changes_tests(file) for file in change.files):
        return []
    area = _area(file.path for file in production)
    past = [one for one in change.past if _is_comparable(one, area)]
    both = [one for one in past if any(paths.is_test(file.path) or file.tests for file in one.files)]
    if len(past) < MIN_PAST or lower_bound(len(both), len(past)) < _LEAST_SHARE:
        return []
    return [_insight(production, added, area, past, both)]


def _adds_production_code(file: FileChange) -> bool:
    return (
        file.left_out is None
        and file.status is not FileStatus.DELETED
        and is_production(file)
        and (file.added or 0) > 0
    )


def _area(touched: Iterable[str]) -> str:
    """The top folder that all touched files share, or "" for the whole repository."""
    tops = {PurePosixPath(path).parts[0] if len(PurePosixPath(path).parts) > 1 else "" for path in touched}
    return tops.pop() if len(tops) == 1 else ""


def _is_comparable(past: PastChange, area: str) -> bool:
    """Whether a past change is comparable: it added production code in the same area."""
    touched = [
        file for file in past.files if paths.is_production(file.path) and (not area or file.path.startswith(f"{area}/"))
    ]
    return _grows(sum(file.added - file.tests for file in touched), sum(file.deleted for file in touched))


def _grows(added: int, deleted: int) -> bool:
    """Whether code was added. Lines that replace about as many are mostly old code that was edited or moved."""
    return added >= _LEAST_LINES and added - deleted >= max(_LEAST_GROWTH, added * _LEAST_SHARE_OF_GROWTH)


def _insight(
    production: list[FileChange], added: int, area: str, past: list[PastChange], both: list[PastChange]
) -> Insight:
    largest = max(production, key=lambda file: file.added or 0)
    heaviest = heaviest_hunk(largest)
    place = f"under {code(area + '/')}" if area else "here"
    share = len(both) / len(past)
    return Insight(
        type=InsightType.TESTS,
        rule="tests/missing",
        title=f"{added} lines of production code are added, and no test is changed",
        description=f"{len(both)} of the last {len(past)} changes of this kind {place} ({share:.0%}) changed tests "
        f"too. Most of the new code is in {code(largest.path)}.",
        remedy="Add a test that fails without this change, or say in the pull request why none is needed.",
        severity=Severity.LOW if share < 0.85 else Severity.MEDIUM,
        confidence=share_of("tests/missing", f"{len(both)} of {len(past)} past changes here changed tests"),
        evidence={
            "added_lines": added,
            "area": area,
            "past_changes": len(past),
            "with_tests": len(both),
            "examples": [one.sha for one in both[:3]],
        },
        locations=(Location(largest.path, heaviest.start, heaviest.end) if heaviest else Location(largest.path, 1, 1),),
        fingerprint=fingerprint("tests/missing", area),
    )


ANALYZER: Analyzer[object] = Analyzer(name="tests", analyze=analyze)
