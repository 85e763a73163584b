"""Builds the index again when the labels of issues become known: fixes, their links and the features depend on them.

This is done once. Labels that change later count for the changes that are indexed after them.
"""

import json
from collections.abc import Callable, Collection
from pathlib import Path

from bot.history.index import opened
from bot.history.schema import locked, remove_index

_MISSED = """
SELECT EXISTS (SELECT 1 FROM commits WHERE kind <> 'fix' AND NOT bot AND (
    pull IN (SELECT value FROM json_each(:faults))
    OR ordinal IN (SELECT ordinal FROM issues WHERE number IN (SELECT value FROM json_each(:faults)))))
"""


def lacks_labels(path: Path, faults: Collection[int]) -> bool:
    """Return whether an index was built without labels and they name a fix in it. Raises IndexUnusable.

    faults: the numbers of issues and pull requests that are labelled as faults.
    """
    with opened(path) as index:
        if index.meta.get("faults"):
            return False
        return bool(index.connection.execute(_MISSED, {"faults": json.dumps(sorted(faults))}).fetchone()[0])


def build_again(path: Path, build: Callable[[Path], object], wait: float) -> None:
    """Build an index beside the old one, which is read meanwhile, and put it into its place.

    build: calls `update` for a path. wait: as there. Raises its errors.
    """
    beside = path.with_name(path.name + ".new")
    remove_index(beside)
    build(beside)
    with locked(path, wait):
        remove_index(path)
        beside.replace(path)
