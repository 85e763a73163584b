"""Finds the issues and pull requests that are like an analyzed pull request, from what is synced from GitHub.

Without a sync there are none. The index of their texts is a cache beside the mirror: without it, nothing is said.
"""

import asyncio
import logging
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from bot.db.engine import Database
from bot.db.item_texts import stream_texts, texts_of, version_of
from bot.db.sync_states import get_states
from bot.domain.items import MAX_BODY, MAX_TITLE, ItemKind
from bot.domain.similar import SimilarItem
from bot.domain.sync import synced_kinds
from bot.git.log import messages
from bot.git.run import GitError
from bot.history.proposal import ProposedChange
from bot.learning.similar_items import (
    ChangeText,
    items_path,
    load_items,
    nearest,
    save_items,
    similar_items,
    stored_version,
    whole_text,
)
from bot.ml.embeddings import Meaning
from bot.ml.text import TextIndexUnusable
from bot.pipeline.open_pulls import PullScope

log = logging.getLogger(__name__)
# Items that the index does not have yet. What does the same is often as new as the pull request.
_NEWEST = 40


async def index_items(db: Database, index: Path, repository_id: UUID) -> None:
    """Index the texts of the items beside the history index, if they have changed. index: the history index."""
    path, kinds = items_path(index), await _synced(db, repository_id)
    version = f"{await version_of(db, repository_id, kinds)} {len(kinds)}"
    if version == await asyncio.to_thread(stored_version, path):
        return
    texts = await item_texts(db, repository_id)
    try:
        await asyncio.to_thread(save_items, path, list(texts), list(texts.values()), version)
    except OSError as problem:
        log.warning("the issues and pull requests could not be indexed: %s: %s", path.name, problem)


async def item_texts(db: Database, repository_id: UUID) -> dict[int, str]:
    """Read the texts of the items that are compared, by number, the newest first."""
    found = stream_texts(db, repository_id, await _synced(db, repository_id))
    return {item.number: whole_text(item.title, item.body) async for item in found}


async def read_similar_items(
    scope: PullScope, git_dir: Path, index: Path, change: ProposedChange, meaning: Meaning | None = None
) -> tuple[SimilarItem, ...]:
    """Read the issues that an open pull request seems to resolve without naming them, and those that do the same.

    meaning: of its `whole_text`, if there is a language model.
    """
    db, repository_id = scope.db, scope.claimed.repository_id
    kinds = await _synced(db, repository_id)
    if not scope.open or not kinds:
        return ()
    try:
        head = scope.claimed.head_sha
        text = ChangeText(
            number=scope.number,
            title=change.title[:MAX_TITLE],
            body=scope.body[:MAX_BODY],
            messages=await messages(git_dir, change.base, head) + scope.body[MAX_BODY:],
            base_ref=scope.base_ref,
            head_sha=head,
        )
        if not items_path(index).exists():  # the history was learned on another machine
            await index_items(db, index, repository_id)
        items = await asyncio.to_thread(load_items, items_path(index))
        numbers = await asyncio.to_thread(nearest, items, text)
        found = await texts_of(db, repository_id, kinds, numbers, newest=_NEWEST)
        return await asyncio.to_thread(similar_items, items, text, found, meaning)
    except (GitError, TextIndexUnusable, OSError) as problem:
        log.info("issues and pull requests are not compared: %s", problem)
        return ()


async def _synced(db: Database, repository_id: UUID) -> Collection[ItemKind]:
    return synced_kinds(await get_states(db, repository_id))
