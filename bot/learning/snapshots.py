"""What the history index tells of a whole repository, as the content of snapshots: plain JSON values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot import paths
from bot.domain.history import FileHistory, Hotspot, RepositoryHistory
from bot.domain.periods import DAY
from bot.history.index import HistoryIndex, file_histories
from bot.history.repository import hotspots_of, repository_history

_INACTIVE_DAYS = 183
_HOTSPOTS = 60
_PAIRS = 60
_LEAST_LIFT = 2.0


def hotspot_paths(index: HistoryIndex) -> list[str]:
    """The files whose texts `snapshots` wants the complexity of."""
    return [one.path for one in hotspots_of(index, index.clock)[:_HOTSPOTS]]


def snapshots(index: HistoryIndex, complexity: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Contents by kind. complexity: by path, levels of indentation (`analysis/indentation.py`)."""
    history = repository_history(index, index.clock)
    shown = history.hotspots[:_HOTSPOTS]
    files = file_histories(index, [one.path for one in shown], index.clock)
    return {
        "hotspots": {"changes": history.changes, "files": _hotspots(shown, files, complexity)},
        "ownership": _ownership(history, list(files.values()), index.clock),
        "coupling": {"changes": history.changes, "pairs": _pairs(list(files.values()))},
    }


def _hotspots(
    hotspots: Sequence[Hotspot], files: Mapping[str, FileHistory], complexity: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Most changed times most complex first. score: the product of both, each as a share of the largest here."""
    most = max((one.revisions for one in hotspots), default=1)
    deepest = max(complexity.values(), default=0) or 1
    rows = [
        {
            "path": one.path,
            "revisions": one.revisions,
            "revisions_year_before": files[one.path].revisions_year_before,
            "churn": one.added + one.deleted,
            "lines": one.lines,
            "fixes": one.fixes,
            "complexity": complexity.get(one.path),
            "score": round(one.revisions / most * complexity.get(one.path, 0) / deepest, 3),
        }
        for one in hotspots
    ]
    return sorted(rows, key=lambda row: (-float(str(row["score"])), str(row["path"])))


def _ownership(facts: RepositoryHistory, files: Sequence[FileHistory], now: int) -> dict[str, Any]:
    """bus_factor: by degree of authorship; nobody is ranked: people are in the order of their names."""
    return {
        "bus_factor": facts.truck_factor,
        "bus_factor_people": sorted(facts.truck),
        "authors": sum(not one.is_bot for one in facts.authors),
        "active_authors": sum(not one.is_bot and now - one.last_active < _INACTIVE_DAYS * DAY for one in facts.authors),
        "inactive_after_days": _INACTIVE_DAYS,
        "files": [_owned(file, now) for file in files],
    }


def _owned(file: FileHistory, now: int) -> dict[str, Any]:
    people = [one for one in file.contributors if not one.is_bot and one.lines]
    main = people[0] if people else None
    return {
        "path": file.path,
        "lines": file.lines,
        "people": len(people),
        "main_author": main.name if main else None,
        "main_share": round(main.share, 3) if main else None,
        "minor_contributors": sum(one.share < 0.05 for one in people),
        "inactive_share": round(sum(one.share for one in people if now - one.last_active >= _INACTIVE_DAYS * DAY), 3),
    }


def _pairs(files: Sequence[FileHistory]) -> list[dict[str, Any]]:
    """Each pair once, from the side that says more."""
    found: dict[frozenset[str], dict[str, Any]] = {}
    for file in files:
        for companion in file.companions:
            key = frozenset((file.path, companion.path))
            known = found.get(key)
            if paths.is_docs(companion.path) or companion.lift < _LEAST_LIFT:
                continue
            if known is None or known["confidence"] < companion.confidence:
                kept = ("together", "changes", "confidence", "lift", "examples")
                pair = {"one": file.path, "other": companion.path}
                found[key] = pair | {name: value for name, value in asdict(companion).items() if name in kept}
    ranked = sorted(found.values(), key=lambda row: (-row["together"] * row["confidence"], row["one"], row["other"]))
    return [row | {"confidence": round(row["confidence"], 3), "lift": round(row["lift"], 1)} for row in ranked[:_PAIRS]]
