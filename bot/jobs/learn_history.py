"""The job: what a repository's history tells, brought up to its default branch and stored for the API and the pages;
the change risk is fitted anew when the history has grown by a tenth, and judged.
"""

import asyncio
import logging
from pathlib import Path
from uuid import UUID

from bot.analysis.indentation import indentation
from bot.db import history, predictions
from bot.db.engine import Database
from bot.db.tables import PredictionRow
from bot.git.change import MAX_TEXT
from bot.git.mirror import mirror_path
from bot.git.read_file import read_text, resolve
from bot.history.build import Progress
from bot.history.index import opened
from bot.history.schema import IndexUnusable
from bot.jobs.assess_risk import model_folder
from bot.jobs.model_card import model_card
from bot.jobs.outcomes import outcomes_of
from bot.jobs.read_history import bring_up, index_path
from bot.jobs.snapshots import hotspot_paths, snapshots

log = logging.getLogger(__name__)


async def learn_history(db: Database, mirrors: Path, repository_id: UUID, progress: Progress | None = None) -> bool:
    """Index → outcomes → model → snapshots. False when there is nothing to learn from yet: no mirror or no commit."""
    repository = await history.get_repository(db, repository_id)
    if repository is None:
        return False
    mirror = mirror_path(mirrors, repository.github_id)
    head = await resolve(mirror, f"refs/remotes/origin/{repository.default_branch}") if mirror.exists() else None
    if head is None or not await bring_up(mirror, index_path(mirror), head, progress):
        return False
    index = index_path(mirror)
    try:
        waiting = await predictions.awaiting_outcome(db, repository_id)
        await predictions.record_outcomes(db, await asyncio.to_thread(_outcomes, index, waiting))
        known = await predictions.with_outcome(db, repository_id)
        contents = await _snapshots(mirror, index, head)
        contents["model-card"] = await asyncio.to_thread(_card, index, known)
    except IndexUnusable as problem:
        log.warning("the history of %s could not be read: %s", repository.full_name, problem)
        return False
    await predictions.save_snapshots(db, repository_id, head, contents)
    log.info("%s: history up to %s", repository.full_name, head[:10])
    return True


async def _snapshots(mirror: Path, index: Path, head: str) -> dict[str, dict[str, object]]:
    def paths() -> list[str]:
        with opened(index) as open_index:
            return hotspot_paths(open_index)

    complexity = {}
    for path in await asyncio.to_thread(paths):
        text = await read_text(mirror, head, path, MAX_TEXT)
        if text is not None and len(text) <= MAX_TEXT:
            complexity[path] = indentation(text)

    def contents() -> dict[str, dict[str, object]]:
        with opened(index) as open_index:
            return snapshots(open_index, complexity)

    return await asyncio.to_thread(contents)


def _outcomes(index: Path, waiting: list[PredictionRow]) -> dict[UUID, predictions.Outcome]:
    with opened(index) as open_index:
        return outcomes_of(open_index, waiting)


def _card(index: Path, known: list[PredictionRow]) -> dict[str, object]:
    with opened(index) as open_index:
        return model_card(open_index, model_folder(index), known)
