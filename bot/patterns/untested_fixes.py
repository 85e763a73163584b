"""Finds files whose fixes come without a test, while the fixes of other files have one, and had to be repaired soon."""

from bot import inline_tests, paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.fix_patterns import UntestedFixes
from bot.domain.periods import YEAR
from bot.patterns.fixes import Fixes, most_hits
from bot.patterns.intervals import LEVEL

_PERIOD = 2 * YEAR
_LEAST_FIXES = 8
_LEAST_YEAR = 3
# Where few fixes have tests, a test is not the habit of the project, and no single file stands out.
_LEAST_HABIT = 0.3
_MOST_OF_REST = 0.5
_LEAST_REPAIRED = 4
_MOST = 5


def untested_fixes(fixes: Fixes, changed: ChangedFiles) -> tuple[UntestedFixes, ...]:
    """The files, those with the most fixes of a year without a test first. Files that may hold tests are left out."""
    production = [file.path for file in changed.files.values() if paths.is_production(file.path)]
    own = {path: frozenset(_fixes(path, fixes)) for path in production}
    everything = frozenset().union(*own.values())
    looked_at = [
        path for path, places in own.items() if len(places) >= _LEAST_FIXES and not inline_tests.may_have(path)
    ]
    found = []
    for path in sorted(looked_at):
        judged = _judged(path, own[path], everything - own[path], fixes, len(looked_at))
        if judged is not None:
            found.append(judged)
    found.sort(key=lambda one: (-one.fixes_year * (1 - one.tested / one.fixes), one.path))
    return tuple(found[:_MOST])


def _fixes(path: str, fixes: Fixes) -> list[int]:
    until = fixes.work.until
    return [place for place in fixes.of(path) if fixes.is_fix(place) and until - fixes.change(place).when < _PERIOD]


def _judged(path: str, own: frozenset[int], rest: frozenset[int], fixes: Fixes, looked_at: int) -> UntestedFixes | None:
    tested, rest_tested = len(own & fixes.test_places), len(rest & fixes.test_places)
    habit = rest_tested / max(1, len(rest))
    if habit < _LEAST_HABIT or tested / len(own) > _MOST_OF_REST * habit:
        return None
    # As few with a test, or fewer: as many without, or more.
    without, rest_without = len(own) - tested, len(rest) - rest_tested
    total = len(own) + len(rest)
    if most_hits(without, len(own), without + rest_without, total) >= LEVEL / max(1, looked_at):
        return None
    repaired = fixes.repairs(own, path)
    year = sum(fixes.work.until - fixes.change(place).when < YEAR for place in own)
    if year < _LEAST_YEAR or len({one.repair.sha for one in repaired}) < _LEAST_REPAIRED:
        return None
    return UntestedFixes(
        path=path,
        fixes=len(own),
        tested=tested,
        fixes_year=year,
        rest_fixes=len(rest),
        rest_tested=rest_tested,
        repaired=repaired[:10],
        functions=fixes.functions(sorted(own), lambda place: (path,)),
        commits=fixes.commits(own - fixes.test_places),
        tests=fixes.tests_of(own, path),
    )
