"""What the history index shows of a whole repository: the snapshots of hotspots, ownership, coupling and files."""

from collections.abc import Collection, Mapping, Sequence

from bot import paths
from bot.domain.file_details import FileDetails
from bot.domain.history import Companion, FileHistory, Hotspot, RepositoryHistory
from bot.domain.periods import DAY, INACTIVE
from bot.domain.snapshots import CoupledPair, Coupling, HotspotFile, Hotspots, OwnedFile, Ownership
from bot.history.index import HistoryIndex, file_histories
from bot.history.repository import hotspots_of, repository_history
from bot.history.silent import with_last_seen
from bot.learning.file_details import file_details

_HOTSPOTS = 60
_PAIRS = 60
_LEAST_LIFT = 2.0


def hotspot_paths(index: HistoryIndex) -> list[str]:
    """The files whose texts `snapshots` wants the complexity of."""
    return [one.path for one in hotspots_of(index, index.clock)[:_HOTSPOTS]]


def snapshots(
    index: HistoryIndex,
    complexity: Mapping[str, int],
    seen: Mapping[int, int] | None = None,
    left_out: Collection[str] = (),
) -> tuple[Hotspots, Ownership, Coupling, FileDetails]:
    """What the index shows.

    complexity: by path, levels of indentation (`analysis/indentation.py`).
    seen: when persons were last seen on GitHub, in Unix seconds.
    left_out: paths of `hotspot_paths` that the repository marks as generated, vendored or documentation.
    """
    history = repository_history(index, index.clock)
    shown = [one for one in history.hotspots[:_HOTSPOTS] if one.path not in left_out]
    files = file_histories(index, [one.path for one in shown], index.clock)
    files = {file.path: file for file in with_last_seen(list(files.values()), seen or {})}
    return (
        Hotspots(changes=history.changes, files=_hotspots(shown, files, complexity)),
        _ownership(history, list(files.values()), index.clock),
        Coupling(changes=history.changes, pairs=_pairs(list(files.values()))),
        file_details(index, files.values(), index.clock),
    )


def _hotspots(
    hotspots: Sequence[Hotspot], files: Mapping[str, FileHistory], complexity: Mapping[str, int]
) -> tuple[HotspotFile, ...]:
    most = max((one.revisions for one in hotspots), default=1)
    deepest = max(complexity.values(), default=0) or 1
    rows = [
        HotspotFile(
            path=one.path,
            revisions=one.revisions,
            revisions_year_before=files[one.path].revisions_year_before,
            churn=one.added + one.deleted,
            lines=one.lines,
            fixes=one.fixes,
            complexity=complexity.get(one.path),
            score=round(one.revisions / most * complexity.get(one.path, 0) / deepest, 3),
        )
        for one in hotspots
    ]
    return tuple(sorted(rows, key=lambda file: (-file.score, file.path)))


def _ownership(history: RepositoryHistory, files: Sequence[FileHistory], now: int) -> Ownership:
    """Nobody is ranked: people are in the order of their names."""
    return Ownership(
        bus_factor=history.bus_factor,
        bus_factor_people=tuple(sorted(history.bus_factor_people)),
        authors=sum(not one.is_bot for one in history.authors),
        active_authors=sum(not one.is_bot and now - one.last_active < INACTIVE for one in history.authors),
        inactive_after_days=INACTIVE // DAY,
        files=tuple(_owned(file, now) for file in files),
    )


def _owned(file: FileHistory, now: int) -> OwnedFile:
    people = [one for one in file.contributors if not one.is_bot and one.lines]
    main = people[0] if people else None
    inactive = sum(one.share for one in people if now - one.last_active >= INACTIVE)
    return OwnedFile(
        path=file.path,
        lines=file.lines,
        people=len(people),
        main_author=main.name if main else None,
        main_share=round(main.share, 3) if main else None,
        minor_contributors=sum(one.share < 0.05 for one in people),
        inactive_share=round(inactive, 3),
    )


def _pairs(files: Sequence[FileHistory]) -> tuple[CoupledPair, ...]:
    """Each pair once, from the side with the higher confidence."""
    found: dict[frozenset[str], tuple[str, Companion]] = {}
    for file in files:
        for companion in file.companions:
            if paths.is_docs(companion.path) or companion.lift < _LEAST_LIFT or _is_own_test(file.path, companion.path):
                continue
            key = frozenset((file.path, companion.path))
            if key not in found or found[key][1].confidence < companion.confidence:
                found[key] = (file.path, companion)
    ranked = sorted(found.values(), key=lambda pair: (-pair[1].together * pair[1].confidence, pair[0], pair[1].path))
    return tuple(_pair(path, companion) for path, companion in ranked[:_PAIRS])


def _is_own_test(one: str, other: str) -> bool:
    """Whether one file is the test of the other: that they change together is obvious."""
    return paths.is_test(one) != paths.is_test(other) and paths.tested_name(one) == paths.tested_name(other)


def _pair(path: str, companion: Companion) -> CoupledPair:
    return CoupledPair(
        one=path,
        other=companion.path,
        together=companion.together,
        changes=companion.changes,
        confidence=round(companion.confidence, 3),
        lift=round(companion.lift, 1),
        examples=companion.examples,
    )
