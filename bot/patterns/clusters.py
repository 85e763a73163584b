"""Finds groups of files in several folders that change together.

Temporal coupling: Gall, Hajek, Jazayeri, "Detection of logical coupling based on product release history", ICSM 1998.
Files are grouped by average linkage of their Jaccard distances, so that one file in between does not join two groups.
"""

from itertools import combinations
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.cluster import AgglomerativeClustering

from bot import paths
from bot.domain.changed_files import ChangedFiles
from bot.domain.patterns import CouplingCluster
from bot.domain.periods import YEAR
from bot.patterns.intervals import LEVEL, at_least
from bot.patterns.selection import Work, folder_of, is_coupling_evidence

_MOST_FILES = 400
_MOST = 10
_LEAST_TOGETHER = 8
_LEAST_JACCARD = 0.3
_LEAST_LIFT = 2.0
_LARGEST = 8
Counts = NDArray[np.float64]


def clusters(work: Work, changed: ChangedFiles) -> tuple[CouplingCluster, ...]:
    """The clusters, the most common changes first. Pairs of a name with another extension do not count."""
    numbers = _candidates(work, changed)
    if len(numbers) < 2:
        return ()
    touched = _touched(work, numbers)
    together = np.asarray((touched.T @ touched).todense(), dtype=np.float64)
    names = [changed.files[number].path for number in numbers]
    coupled = _coupled(together, touched.shape[0], names)
    own = together.diagonal()
    jaccard = together / np.maximum(own[:, None] + own[None, :] - together, 1)
    distance = 1 - np.where(coupled, jaccard, 0.0)
    np.fill_diagonal(distance, 0.0)
    linkage = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - _LEAST_JACCARD
    )
    labels = linkage.fit_predict(distance)
    found = []
    for label in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == label)
        if 2 <= len(members) <= _LARGEST and _spans_folders(members, coupled, names):
            found.append(_cluster(members, touched, together, names, work))
    kept = [one for one in found if one.together >= _LEAST_TOGETHER]
    return tuple(sorted(kept, key=lambda one: (-one.together, one.files))[:_MOST])


def _candidates(work: Work, changed: ChangedFiles) -> list[int]:
    """The files that changed often enough, the most often changed ones."""
    counts: dict[int, int] = {}
    for files in work.files:
        for number in files:
            counts[number] = counts.get(number, 0) + 1
    often = sorted((number for number, count in counts.items() if count >= _LEAST_TOGETHER), key=lambda n: -counts[n])
    return [number for number in often if is_coupling_evidence(changed.files[number].path)][:_MOST_FILES]


def _touched(work: Work, numbers: list[int]) -> csr_matrix:
    """A row per change with at least one of the files, a column per file: 1 where it is changed."""
    column = {number: place for place, number in enumerate(numbers)}
    rows = [[column[number] for number in files if number in column] for files in work.files]
    indices = np.array([place for row in rows for place in row], dtype=np.int32)
    ends = np.cumsum([0, *(len(row) for row in rows)])
    return csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(rows), len(numbers)))


def _coupled(together: Counts, changes: int, names: list[str]) -> NDArray[np.bool_]:
    """Which pairs change together more often than by chance, and are not two forms of one file."""
    own = together.diagonal()
    expected = np.outer(own, own) / max(1, changes)
    tests = len(names) * (len(names) - 1) / 2
    coupled = (together >= _LEAST_TOGETHER) & (together >= _LEAST_LIFT * expected)
    coupled &= at_least(np.maximum(together, 1), np.maximum(expected, 1e-9)) < LEVEL / tests
    stems = np.array([PurePosixPath(name).name.split(".")[0].lower() for name in names])
    coupled &= stems[:, None] != stems[None, :]
    return np.asarray(coupled, dtype=np.bool_)


def _spans_folders(members: NDArray[np.int64], coupled: NDArray[np.bool_], names: list[str]) -> bool:
    """Whether two coupled files are in different folders, and one of the files is code."""
    pairs = ((one, other) for one, other in combinations(members, 2) if coupled[one, other])
    apart = any(folder_of(names[one]) != folder_of(names[other]) for one, other in pairs)
    return apart and any(paths.is_production(names[one]) for one in members)


def _cluster(
    members: NDArray[np.int64], touched: csr_matrix, together: Counts, names: list[str], work: Work
) -> CouplingCluster:
    own = together.diagonal()
    strength = {one: float(together[one, members].sum() - own[one]) for one in members}
    rank = sorted(members, key=lambda one: (-strength[one], names[one]))
    in_each = np.asarray(touched[:, members].sum(axis=1)).ravel()
    most = np.flatnonzero(in_each >= max(2, (len(members) + 1) // 2))
    apart = [pair for pair in combinations(members, 2) if folder_of(names[pair[0]]) != folder_of(names[pair[1]])]
    one, other = max(apart, key=lambda pair: together[pair[0], pair[1]])
    return CouplingCluster(
        files=tuple(names[one] for one in rank),
        folders=len({folder_of(names[one]) for one in members}),
        together=int((in_each >= 2).sum()),
        changes=int((in_each >= 1).sum()),
        fixes_year=sum(_is_recent_fix(work, int(place)) for place in np.flatnonzero(in_each >= 2)),
        lift=round(float(together[one, other] * touched.shape[0] / (own[one] * own[other])), 1),
        examples=tuple(work.changes[place].sha for place in most[::-1][:5]),
    )


def _is_recent_fix(work: Work, place: int) -> bool:
    change = work.changes[place]
    return change.is_fix and work.until - change.when < YEAR
