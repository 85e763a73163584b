"""Counts the fixes of functions. A count says where the fixes are, not that they are too many."""

from collections import defaultdict

from bot.domain.fix_patterns import FixedFunction
from bot.domain.periods import YEAR
from bot.patterns.fixes import Fixes

_PERIOD = 2 * YEAR
_LEAST_FIXES = 4
_MOST = 30


def fixed_functions(fixes: Fixes) -> tuple[FixedFunction, ...]:
    """The functions of production code with at least four fixes in two years, those with the most first."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (sha, path), names in fixes.details.functions.items():
        place = fixes.place_of.get(sha)
        if place is None or not fixes.is_fix(place) or fixes.work.until - fixes.change(place).when >= _PERIOD:
            continue
        for name in names:
            found[path, name].append(place)
    often = {key: places for key, places in found.items() if len(places) >= _LEAST_FIXES}
    most = sorted(often, key=lambda key: (-len(often[key]), key))[:_MOST]
    return tuple(_function(path, name, often[path, name], fixes) for path, name in most)


def _function(path: str, name: str, places: list[int], fixes: Fixes) -> FixedFunction:
    return FixedFunction(
        path=path,
        name=name,
        fixes=len(places),
        fixes_year=sum(fixes.work.until - fixes.change(place).when < YEAR for place in places),
        tested=sum(place in fixes.test_places for place in places),
        commits=fixes.commits(places),
        untested=fixes.commits(set(places) - fixes.test_places, 5),
        tests=fixes.tests_of(places, path),
    )
