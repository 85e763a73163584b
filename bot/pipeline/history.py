"""Updates the history index, and reads the history and the risk of a change from it.

The index is a cache. If it cannot be used, an analysis has no insights about the history, but does not fail.
"""

import asyncio
import logging
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from bot.domain.files import PastChange
from bot.domain.history import HistoryFacts
from bot.errors import RetryLater
from bot.git.history_stream import HistorySource, mailmap_bytes
from bot.git.run import GitError
from bot.git.shallow import is_shallow
from bot.history.build import Progress, update
from bot.history.index import opened
from bot.history.past_window import past_window
from bot.history.proposal import ProposedChange, as_of, history_facts, proposed_features
from bot.history.relabel import build_again, lacks_labels
from bot.history.schema import IndexUnusable
from bot.learning.kinds import classifier
from bot.learning.risk_model import assess_risk, model_folder

log = logging.getLogger(__name__)
_WAIT_SECONDS = 120.0


async def update_index(
    repository: Path,
    index: Path,
    head: str,
    progress: Progress | None = None,
    faults: Collection[int] | None = None,
    *,
    relabel: bool = False,
) -> bool:
    """Update the index to `head`. Returns False if it is not possible now.

    faults: the numbers of issues and pull requests that are labelled as faults; None if that is not known.
    relabel: build an index again that was built without labels, if they name a fix in it.
    """

    def build(path: Path) -> None:
        update(
            path,
            HistorySource(repository, head),
            mailmap=mailmap_bytes(repository, head),
            shallow=is_shallow(repository),
            progress=progress,
            classifier=classifier(),
            faults=faults,
            wait=_WAIT_SECONDS,
        )

    def run() -> None:
        build(index)
        if relabel and faults and lacks_labels(index, faults):
            log.info("the history index of %s is built again with the labels of its issues", repository.name)
            build_again(index, build, _WAIT_SECONDS)
            shutil.rmtree(model_folder(index), ignore_errors=True)  # the models learned from the labels before

    try:
        await asyncio.to_thread(run)
    except (RetryLater, GitError, IndexUnusable, OSError) as problem:
        log.warning("the history index of %s could not be updated: %s", repository.name, problem)
        return False
    return True


async def indexed_head(index: Path) -> str | None:
    """Return the newest commit of an index; None if it cannot be read."""

    def newest() -> str | None:
        with opened(index) as open_index:
            return open_index.meta.get("head")

    try:
        return await asyncio.to_thread(newest)
    except IndexUnusable:
        return None


def read_history(path: Path, change: ProposedChange) -> HistoryFacts | None:
    """Read the history and the risk of a change as of its base. Returns None if the index is unusable or empty."""
    try:
        with opened(path) as newest:
            index = as_of(newest, change.base)
            if not index.changes:
                return None
            risk = assess_risk(index, model_folder(path), proposed_features(index, change, classifier()))
            return replace(history_facts(index, change), risk=risk)
    except IndexUnusable as problem:
        log.warning("the history index %s cannot be read: %s", path.name, problem)
        return None


def read_past(path: Path, base: str) -> tuple[PastChange, ...] | None:
    """Read the newest changes by people before a base. Returns None if the index cannot be used."""
    try:
        with opened(path) as newest:
            return past_window(as_of(newest, base))
    except IndexUnusable as problem:
        log.warning("the history index %s cannot be read: %s", path.name, problem)
        return None
