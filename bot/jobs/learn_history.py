"""The job that updates the history index and the snapshots of a repository for the REST API and the pages.

It also records outcomes of predictions, fits and evaluates the risk model when the history has grown by 10 %, and looks
for trends and patterns in the whole project.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from uuid import UUID

from bot.analysis.indentation import indentation
from bot.db import predictions, repository_views
from bot.db.engine import Database
from bot.db.predictions import Prediction
from bot.db.snapshots import delete_snapshot, get_snapshots, save_snapshots
from bot.domain.back_test import BackTest
from bot.domain.changed_files import ChangedFiles
from bot.domain.file_details import FileDetails
from bot.domain.history import FileHistory
from bot.domain.model_card import ModelCard
from bot.domain.patch_details import PatchDetails
from bot.domain.patterns import Patterns
from bot.domain.project import Project
from bot.domain.snapshots import Coupling, Hotspots, IndexingProgress, Ownership, SnapshotContent
from bot.git.change import MAX_TEXT
from bot.git.linguist import read_marks
from bot.git.mirror import mirror_path
from bot.git.read_file import read_text, resolve
from bot.history.build import Progress
from bot.history.changed_files import changed_files
from bot.history.index import file_histories, opened
from bot.history.project_changes import index_details
from bot.history.schema import IndexUnusable, index_path
from bot.learning.model_card import model_card
from bot.learning.outcomes import outcomes_of
from bot.learning.project import load_project
from bot.learning.risk_model import model_folder
from bot.learning.snapshots import hotspot_paths, snapshots
from bot.learning.titles import texts_path, update_texts
from bot.ml.embeddings import NO_MODEL, Embedder
from bot.pipeline.history import update_index
from bot.pipeline.labels import known_faults
from bot.pipeline.meanings import fill_meanings
from bot.pipeline.presence import last_seen
from bot.pipeline.similar_items import index_items
from bot.trends.project import trends_of

log = logging.getLogger(__name__)


async def learn_history(
    db: Database,
    mirrors: Path,
    repository_id: UUID,
    progress: Progress | None = None,
    embedder: Embedder = NO_MODEL,
) -> bool:
    """Update the index, the outcomes, the model and the snapshots. Returns False without a mirror or a commit."""
    repository = await repository_views.get_repository(db, repository_id)
    if repository is None:
        return False
    mirror = mirror_path(mirrors, repository.github_id)
    head = await default_head(mirror, repository.default_branch)
    if head is None:
        log.info("%s: there is no mirror with a commit on the default branch", repository.full_name)
        return False
    faults = await known_faults(db, repository_id)
    if not await update_index(mirror, index_path(mirror), head, progress, faults, relabel=True):
        return False
    index = index_path(mirror)
    try:
        waiting = await predictions.awaiting_outcome(db, repository_id)
        await predictions.record_outcomes(db, await asyncio.to_thread(_outcomes, index, waiting))
        await asyncio.to_thread(_index_titles, index)
        await index_items(db, index, repository_id)
        seen = await _seen(db, repository_id, index)
        contents = await contents_of(mirror, index, head, await predictions.with_outcome(db, repository_id), seen)
    except IndexUnusable as problem:
        log.warning("the history of %s could not be read: %s", repository.full_name, problem)
        return False
    learned = await _learned(db, mirror, head, repository_id, [file.path for file in contents[0].files])
    await save_snapshots(db, repository_id, head, [*contents, *learned])
    await delete_snapshot(db, repository_id, IndexingProgress)
    await fill_meanings(embedder, db, index, repository_id)
    log.info("%s: the history is indexed up to %s", repository.full_name, head[:10])
    return True


async def bring_index(db: Database, mirrors: Path, repository_id: UUID) -> bool:
    """Update the history index of this machine to its mirror. False if that is not possible now; the log says why."""
    repository = await repository_views.get_repository(db, repository_id)
    if repository is None:
        return False
    mirror = mirror_path(mirrors, repository.github_id)
    head = await default_head(mirror, repository.default_branch)
    if head is None:
        log.info("%s has no commit on its default branch", repository.full_name)
        return False
    return await update_index(mirror, index_path(mirror), head, faults=await known_faults(db, repository_id))


async def lacks_back_test(db: Database, repository_id: UUID) -> bool:
    """Return whether the history of a repository is indexed and its back-test has not run yet."""
    kept = await get_snapshots(db, repository_id, Hotspots, BackTest)
    return kept.hotspots is not None and kept.back_test is None


async def default_head(mirror: Path, default_branch: str) -> str | None:
    """Return the head of the default branch in the mirror, or None. The name of the branch may be empty."""
    if not mirror.exists():
        return None
    named = await resolve(mirror, f"refs/remotes/origin/{default_branch}") if default_branch else None
    return named or await resolve(mirror, "refs/remotes/origin/HEAD")


async def contents_of(
    repository: Path, index: Path, head: str, predicted: list[Prediction], seen: Mapping[int, int] | None = None
) -> tuple[Hotspots, Ownership, Coupling, FileDetails, ModelCard]:
    """Return the snapshots. The index must be updated to `head`. Raises IndexUnusable.

    seen: when persons were last seen on GitHub, in Unix seconds.
    """
    found = await snapshots_of(repository, index, head, seen)
    return *found, await asyncio.to_thread(_card, index, predicted)


async def _seen(db: Database, repository_id: UUID, index: Path) -> Mapping[int, int]:
    def owners() -> tuple[list[FileHistory], int]:
        with opened(index) as open_index:
            files = file_histories(open_index, hotspot_paths(open_index), open_index.clock, companions=False)
            return list(files.values()), open_index.clock

    return await last_seen(db, repository_id, index, *await asyncio.to_thread(owners))


async def snapshots_of(
    mirror: Path, index: Path, head: str, seen: Mapping[int, int] | None = None
) -> tuple[Hotspots, Ownership, Coupling, FileDetails]:
    """Return the snapshots that need no model. The index must be updated to `head`. Raises IndexUnusable."""

    def paths() -> list[str]:
        with opened(index) as open_index:
            return hotspot_paths(open_index)

    complexity = {}
    hottest = await asyncio.to_thread(paths)
    marks = await read_marks(mirror, head, [path.encode() for path in hottest])
    left_out = [path for path in hottest if (mark := marks.get(path.encode())) and mark.means_unread]
    for path in hottest:
        text = await read_text(mirror, head, path, MAX_TEXT)
        if text is not None and len(text) <= MAX_TEXT:
            complexity[path] = indentation(text)

    def contents() -> tuple[Hotspots, Ownership, Coupling, FileDetails]:
        with opened(index) as open_index:
            return snapshots(open_index, complexity, seen, left_out)

    return await asyncio.to_thread(contents)


async def _learned(
    db: Database, mirror: Path, head: str, repository_id: UUID, hotspots: list[str]
) -> tuple[SnapshotContent, ...]:
    """What is computed from the whole project. Of what cannot be computed, the stored snapshot stays."""
    from bot.pipeline.patch_details import patch_details  # SciPy, which most jobs do without

    index = index_path(mirror)
    try:
        project, changed = await load_project(db, index, repository_id, hotspots=hotspots)
        files, known = await asyncio.to_thread(_recent_files, index, project)
        details = await patch_details(mirror, head, project, files, known)
    except Exception:
        log.exception("the project of repository %s could not be loaded", repository_id)
        return ()
    computed = (
        await attempted("trends", repository_id, partial(trends_of, project, changed)),
        await attempted("patterns", repository_id, partial(_patterns, project, files, details)),
    )
    return tuple(content for content in computed if content is not None)


async def attempted(name: str, repository_id: UUID, compute: Callable[[], SnapshotContent]) -> SnapshotContent | None:
    """The result, computed in a thread; None if it fails, because the rest of the job must not fail with it."""
    try:
        return await asyncio.to_thread(compute)
    except Exception:
        log.exception("the %s of repository %s could not be computed", name, repository_id)
        return None


def _recent_files(index: Path, project: Project) -> tuple[ChangedFiles, PatchDetails]:
    from bot.patterns.selection import WINDOW

    with opened(index) as open_index:
        since = int(project.now.timestamp()) - WINDOW
        return changed_files(open_index, since), index_details(open_index)


def _patterns(project: Project, changed: ChangedFiles, details: PatchDetails) -> Patterns:
    from bot.patterns.patterns import patterns  # scikit-learn, which most jobs do without

    return patterns(project, changed, details)


def _index_titles(index: Path) -> None:
    with opened(index) as open_index:
        update_texts(open_index, texts_path(index))


def _outcomes(index: Path, waiting: list[Prediction]) -> dict[UUID, predictions.Outcome]:
    with opened(index) as open_index:
        return outcomes_of(open_index, waiting)


def _card(index: Path, known: list[Prediction]) -> ModelCard:
    with opened(index) as open_index:
        return model_card(open_index, model_folder(index), known)
