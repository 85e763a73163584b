"""What the optional language model knows of a repository: vectors of its titles, issues and pull requests.

The job that learns the history computes them; an analysis adds those of its own pull request. Without a model, or with
one that cannot be used, there are none, and texts are compared by their characters.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bot.db.engine import Database
from bot.domain.items import MAX_BODY, MAX_TITLE
from bot.history.index import opened
from bot.history.schema import IndexUnusable
from bot.learning.similar_items import whole_text
from bot.learning.titles import bare_title, newest_titles, vectors_path
from bot.ml.embeddings import Embedder, Meaning
from bot.ml.vector_store import MAX_KEPT
from bot.pipeline.similar_items import item_texts

log = logging.getLogger(__name__)
# For one job. What is missing then, the next one computes.
_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Meanings:
    """What a change means, by its title alone and by title and body; None if that is not known."""

    title: Meaning | None
    text: Meaning | None


async def read_meanings(embedder: Embedder, index: Path, title: str, body: str) -> Meanings:
    """Compute what a change means. index: the history index."""
    texts = [bare_title(title), whole_text(title[:MAX_TITLE], body[:MAX_BODY])]
    return Meanings(*await embedder.meanings_of(texts, vectors_path(index)))


async def fill_meanings(
    embedder: Embedder, db: Database, index: Path, repository_id: UUID, seconds: float = _SECONDS
) -> None:
    """Compute missing vectors of a repository, the newest texts first, for about `seconds`."""
    if not embedder.is_on:
        return

    def titles() -> list[str]:
        with opened(index) as history:
            return newest_titles(history, MAX_KEPT)

    try:
        texts = [*(await item_texts(db, repository_id)).values(), *await asyncio.to_thread(titles)]
    except IndexUnusable as problem:
        log.warning("the vectors of the texts are not updated: %s: %s", index.name, problem)
        return
    await embedder.fill(texts, vectors_path(index), seconds)
