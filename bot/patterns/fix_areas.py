"""Finds files and folders that need more fixes than others of their size and activity.

Size and activity predict faults well, so that a raw count of fixes says little more than that a file is large and
active: Zhou, Leung, "Empirical analysis of object-oriented design metrics for predicting high and low severity faults",
IEEE TSE 32(10), 2006. So the share of fixes among the changes of a file is compared with that of files with as many
lines, by a logistic regression over all files of code. A regression of the number of fixes on that of the other changes
would be wrong: the latter is a noisy measure of activity, and its slope would be too flat for active files.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot import paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.patterns import FixArea
from bot.domain.periods import QUARTER, YEAR
from bot.patterns.intervals import exact_share
from bot.patterns.selection import Work, areas_of

# Of less active areas nothing is said. The areas with so many changes are those that are looked at; to count only those
# with many fixes would be wrong, because they are chosen for their fixes.
_LEAST_CHANGES = 20
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

    @property
    def changes(self) -> int:
        """All changes of it."""
        return self.others + len(self.fixes)


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
    looked_at = sum(unit.changes >= _LEAST_CHANGES for unit in (*files.values(), *folders.values()))
    found = [*_judged(files, work, looked_at), *_judged(folders, work, looked_at)]
    found.sort(key=lambda one: (one.expected - one.fixes, one.path))
    return tuple(_without_explained(found)[:_MOST])


def _count(units: Mapping[str, _Unit], touched: Iterable[str], place: int, *, is_fix: bool) -> None:
    for path in touched:
        if is_fix:
            units[path].fixes.append(place)
        else:
            units[path].others += 1


def _judged(units: Mapping[str, _Unit], work: Work, looked_at: int) -> list[FixArea]:
    active = {path: unit for path, unit in units.items() if unit.changes}
    if len(active) < _LEAST_UNITS:
        return []
    lines = np.log1p(np.array([[unit.lines] for unit in active.values()], dtype=np.float64))
    counts = np.array([(unit.others, len(unit.fixes)) for unit in active.values()], dtype=np.float64)
    shares = _shares(lines, counts, lines)
    dispersion = _dispersion(counts, shares)
    found = []
    for place, (path, unit) in enumerate(active.items()):
        if unit.changes < _LEAST_CHANGES or len(unit.fixes) < _LEAST_FIXES:
            continue
        share = float(shares[place])
        if len(active) < _LEAVE_OUT_BELOW:
            kept = np.arange(len(active)) != place
            share = float(_shares(lines[kept], counts[kept], lines[[place]])[0])
        low, high = exact_share(len(unit.fixes) / dispersion, unit.changes / dispersion, looked_at)
        if low > share and len(unit.fixes) >= _LEAST_RATIO * share * unit.changes:
            area = _area(path, unit, share * unit.changes, low / share, high / share, work)
            if area.quarters >= _LEAST_QUARTERS and area.fixes_year:
                found.append(area)
    return found


def _shares(lines: Numbers, counts: Numbers, at: Numbers) -> Numbers:
    """The share of fixes among the changes of units with so many lines, by the regression over others."""
    others, fixes = counts.T
    if not fixes.any() or not others.any():
        return np.full(len(at), max(0.001, float(fixes.sum() / max(1.0, counts.sum()))))
    known = np.concatenate([lines, lines])
    is_fix = np.repeat([0, 1], len(lines))
    model = LogisticRegression(C=100.0).fit(known, is_fix, sample_weight=np.concatenate([others, fixes]))
    return np.asarray(model.predict_proba(at)[:, 1], dtype=np.float64)


def _dispersion(counts: Numbers, shares: Numbers) -> float:
    """How much wider than by chance the counts of fixes are spread, at least 1 (Pearson's statistic per unit)."""
    changes, fixes = counts.sum(axis=1), counts[:, 1]
    spread = (fixes - changes * shares) ** 2 / np.maximum(changes * shares * (1 - shares), 0.1)
    often = changes >= 5
    return max(1.0, float(spread[often].sum() / max(1, often.sum() - 2)))


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
