"""Finds what is like a change, from the indexes beside the mirror. They are caches: without them there is nothing."""

import logging
from pathlib import Path

from bot.domain.similar import Similar
from bot.history.index import opened
from bot.history.proposal import ProposedChange, as_of
from bot.history.schema import IndexUnusable
from bot.learning.similar_changes import similar_changes, texts_path, update_texts
from bot.ml.embeddings import Meaning
from bot.ml.text import TextIndexUnusable

log = logging.getLogger(__name__)


def read_similar(path: Path, change: ProposedChange, meaning: Meaning | None = None) -> Similar:
    """Read what is like a change as of its base. path: of the history index. meaning: as in `similar_changes`."""
    try:
        with opened(path) as newest:
            if not newest.changes:
                return Similar()
            texts = update_texts(newest, texts_path(path), lag=True)
            return Similar(similar_changes(as_of(newest, change.base), texts, change, meaning))
    except (IndexUnusable, TextIndexUnusable, OSError) as problem:
        log.warning("nothing similar to a change is known: %s: %s", path.name, problem)
        return Similar()
