"""Finds files and folders that need more fixes than others of their size and activity.

The expected number of fixes is that of a Poisson regression over all files of code, on the logarithms of their lines
and of their other changes. Both predict faults well, so that a raw count of fixes says little more than that a file is
large and active: Zhou, Leung, "Empirical analysis of object-oriented design metrics for predicting high and low
severity faults", IEEE TSE 32(10), 2006; Hassan, "Predicting faults using the complexity of code changes", ICSE 2009.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import PoissonRegressor

from bot import paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.patterns import FixArea
from bot.domain.periods import QUARTER, YEAR
from bot.patterns.intervals import poisson_ratio
from bot.patterns.selection import Work, areas_of

_LEAST_FIXES = 6
_LEAST_QUARTERS = 4
_LEAST_RATIO = 1.5
_LEAST_UNITS = 15
_MOST = 10
# With few files, one of them has a large influence on its own expectation: it is fitted without it.
_LEAVE_OUT_BELOW = 150
Numbers = NDArray[np.float64]


@dataclass(slots=True)
class _Unit:
    """The changes of one file or folder. fixes: their places in the work, oldest first."""

    lines: int = 0
    files: int = 0
    others: int = 0
    fixes: list[int] = field(default_factory=list)


def fix_areas(work: Work, changed: ChangedFiles) -> tuple[FixArea, ...]:
    """The areas, the most fixes above the expected first. A folder is left out if one of its files explains it."""
    code = {number: file for number, file in changed.files.items() if paths.is_production(file.path)}
    areas = {number: areas_of(file.path) for number, file in code.items()}
    files: dict[str, _Unit] = defaultdict(_Unit)
    folders: dict[str, _Unit] = defaultdict(_Unit)
    for number, file in code.items():
        files[file.path].lines, files[file.path].files = file.lines, 1
        for area in areas[number]:
            folders[area].lines += file.lines
            folders[area].files += 1
    for place, numbers in enumerate(work.files):
        touched = [number for number in numbers if number in code]
        is_fix = work.changes[place].is_fix
        _count(files, [code[number].path for number in touched], place, is_fix=is_fix)
        _count(folders, {area for number in touched for area in areas[number]}, place, is_fix=is_fix)
    found = [*_judged(files, work), *_judged(folders, work)]
    found.sort(key=lambda one: (one.expected - one.fixes, one.path))
    return tuple(_without_explained(found)[:_MOST])


def _count(units: Mapping[str, _Unit], touched: Iterable[str], place: int, *, is_fix: bool) -> None:
    for path in touched:
        if is_fix:
            units[path].fixes.append(place)
        else:
            units[path].others += 1


def _judged(units: Mapping[str, _Unit], work: Work) -> list[FixArea]:
    active = {path: unit for path, unit in units.items() if unit.others or unit.fixes}
    if len(active) < _LEAST_UNITS:
        return []
    names = list(active)
    known = np.array([[unit.lines, unit.others] for unit in active.values()], dtype=np.float64)
    features = np.log1p(known)
    fixes = np.array([len(unit.fixes) for unit in active.values()], dtype=np.float64)
    fitted = _expected(features, fixes, features)
    dispersion = max(1.0, float(((fixes - fitted) ** 2 / np.maximum(fitted, 0.1)).sum() / max(1, len(names) - 3)))
    often = [place for place in range(len(names)) if fixes[place] >= _LEAST_FIXES]
    found = []
    for place in often:
        expected = float(fitted[place])
        if len(names) < _LEAVE_OUT_BELOW:
            kept = np.arange(len(names)) != place
            expected = float(_expected(features[kept], fixes[kept], features[[place]])[0])
        low, high = poisson_ratio(int(fixes[place]), expected, dispersion, len(often))
        if low > 1 and fixes[place] / expected >= _LEAST_RATIO:
            area = _area(names[place], active[names[place]], expected, low, high, work)
            if area.quarters >= _LEAST_QUARTERS and area.fixes_year:
                found.append(area)
    return found


def _expected(features: Numbers, fixes: Numbers, at: Numbers) -> Numbers:
    """The expected fixes of units by the regression over others. A little ridge keeps few units from overfitting."""
    if not fixes.any():
        return np.full(len(at), 0.01)
    model = PoissonRegressor(alpha=1e-3, solver="newton-cholesky").fit(features, fixes)
    return np.maximum(np.asarray(model.predict(at), dtype=np.float64), 0.01)


def _area(path: str, unit: _Unit, expected: float, low: float, high: float, work: Work) -> FixArea:
    times = [work.changes[place].when for place in unit.fixes]
    return FixArea(
        path=path,
        fixes=len(times),
        expected=round(expected, 1),
        ratio=round(len(times) / expected, 2),
        low=round(low, 2),
        high=round(high, 2),
        others=unit.others,
        lines=unit.lines,
        files=unit.files,
        quarters=len({(work.until - when) // QUARTER for when in times}),
        fixes_year=sum(work.until - when < YEAR for when in times),
        examples=tuple(work.changes[place].sha for place in unit.fixes[:-6:-1]),
    )


def _without_explained(found: list[FixArea]) -> list[FixArea]:
    """Leave out a folder that owes most of its fixes to a file or folder below it that is in the list as well."""
    return [
        one
        for one in found
        if not any(
            other.path != one.path and other.path.startswith(one.path) and 2 * other.fixes >= one.fixes
            for other in found
            if one.path.endswith("/")
        )
    ]
