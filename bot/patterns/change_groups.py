"""Groups of changes by kind, size and area, and those that each is compared with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot import paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.periods import FIX_WINDOW
from bot.domain.project import ProjectChange
from bot.patterns.selection import Work, areas_of

SIZES = (50, 150, 400)  # changed lines
LEAST_CHANGES = 25
_KINDS = ("feature", "fix", "refactor", "performance", "other")
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of changes, and those that it is compared with. Both are masks over the known changes."""

    kind: str
    area: str
    lines: int
    members: Mask
    rest: Mask


@dataclass(frozen=True, slots=True)
class KnownChanges:
    """Changes of code whose outcome is known, as columns. strata: the number of the size class."""

    changes: Sequence[ProjectChange]
    lines: NDArray[np.int64]
    strata: NDArray[np.int64]
    kinds: NDArray[np.str_]
    areas: dict[str, Mask]


def known_changes(work: Work, changed: ChangedFiles) -> KnownChanges:
    """Changes of production code that are old enough for a fix to have come."""
    areas = {number: areas_of(file.path) for number, file in changed.files.items() if paths.is_production(file.path)}
    chosen = []
    for change, numbers in zip(work.changes, work.files, strict=True):
        code = [number for number in numbers if number in areas]
        if code and work.until - change.when >= FIX_WINDOW and change.kind not in ("revert", "reapply"):
            chosen.append((change, {area for number in code for area in areas[number]}))
    lines = np.array([change.added + change.deleted for change, _ in chosen], dtype=np.int64)
    names = {area for _, areas in chosen for area in areas}
    return KnownChanges(
        changes=[change for change, _ in chosen],
        lines=lines,
        strata=np.searchsorted(np.array(SIZES), lines, side="right"),
        kinds=np.array([change.kind for change, _ in chosen], dtype=np.str_),
        areas={area: np.array([area in areas for _, areas in chosen], dtype=np.bool_) for area in sorted(names)},
    )


def change_groups(known: KnownChanges) -> Iterator[Group]:
    """A size against smaller changes; a kind and an area against others; both within another, against the same."""
    every = np.ones(len(known.changes), dtype=np.bool_)
    kinds = {kind: known.kinds == kind for kind in _KINDS}
    for size in SIZES:
        yield Group("", "", size, known.lines >= size, known.lines < size)
    for size in (0, *SIZES):
        large = known.lines >= size
        for kind, members in kinds.items():
            yield Group(kind, "", size, large & members, large & ~members)
    for area, members in known.areas.items():
        if 2 * members.sum() > len(every):
            continue  # most of the project is not an area of it
        yield Group("", area, 0, members, ~members)
        for kind, same in kinds.items():
            yield Group(kind, area, 0, members & same, same & ~members)
