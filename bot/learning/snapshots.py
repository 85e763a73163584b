"""What the history index tells of a whole repository, as the content of snapshots: plain JSON values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot import paths
from bot.history.companions import companions_of
from bot.history.facts import FileFacts, Hotspot, RepositoryFacts
from bot.history.index import DAY, HistoryIndex, facts_for
from bot.history.proposal import revisions_before
from bot.history.repository import hotspots_of, repository_facts

_INACTIVE_DAYS = 183
_HOTSPOTS = 60
_FILES = 60
_PAIRS = 60
_LEAST_LIFT = 2.0


def hotspot_paths(index: HistoryIndex) -> list[str]:
    """The files whose texts `snapshots` wants the complexity of."""
    return [one.path for one in hotspots_of(index, _clock(index))[:_HOTSPOTS]]


def snapshots(index: HistoryIndex, complexity: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Contents by kind. complexity: by path, levels of indentation (`analysis/indentation.py`)."""
    now = _clock(index)
    facts = repository_facts(index, now)
    shown = facts.hotspots[:_HOTSPOTS]
    files = facts_for(index, [one.path for one in shown[:_FILES]], now, companions=False).files
    return {
        "hotspots": {"changes": facts.changes, "files": _hotspots(index, shown, complexity, now)},
        "ownership": _ownership(facts, list(files.values()), now),
        "coupling": {"changes": facts.changes, "pairs": _pairs(index, list(files.values()))},
    }


def _clock(index: HistoryIndex) -> int:
    return int(index.meta.get("clock", 0))


def _hotspots(
    index: HistoryIndex, hotspots: Sequence[Hotspot], complexity: Mapping[str, int], now: int
) -> list[dict[str, Any]]:
    """Most changed times most complex first. score: the product of both, each as a share of the largest here."""
    most = max((one.revisions for one in hotspots), default=1)
    deepest = max(complexity.values(), default=0) or 1
    year = 365 * DAY
    rows = [
        {
            "path": one.path,
            "revisions": one.revisions,
            "revisions_year_before": revisions_before(index, one.path, now - 2 * year, now - year),
            "churn": one.added + one.deleted,
            "lines": one.lines,
            "fixes": one.fixes,
            "complexity": complexity.get(one.path),
            "score": round(one.revisions / most * complexity.get(one.path, 0) / deepest, 3),
        }
        for one in hotspots
    ]
    return sorted(rows, key=lambda row: (-float(str(row["score"])), str(row["path"])))


def _ownership(facts: RepositoryFacts, files: Sequence[FileFacts], now: int) -> dict[str, Any]:
    """bus_factor: by degree of authorship; nobody is ranked: people are in the order of their names."""
    return {
        "bus_factor": facts.truck_factor,
        "bus_factor_people": sorted(facts.truck),
        "authors": sum(not one.bot for one in facts.authors),
        "active_authors": sum(not one.bot and now - one.last_active < _INACTIVE_DAYS * DAY for one in facts.authors),
        "inactive_after_days": _INACTIVE_DAYS,
        "files": [_owned(file, now) for file in files],
    }


def _owned(file: FileFacts, now: int) -> dict[str, Any]:
    people = [one for one in file.contributors if not one.bot and one.lines]
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


def _pairs(index: HistoryIndex, files: Sequence[FileFacts]) -> list[dict[str, Any]]:
    """Each pair once, from the side that says more."""
    found: dict[frozenset[str], dict[str, Any]] = {}
    for file in files:
        for companion in companions_of(index.connection, file.entity):
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
