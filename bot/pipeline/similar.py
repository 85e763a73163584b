"""Finds what is like a change, from the indexes beside the mirror. They are caches: without them there is nothing."""

import logging
from collections.abc import Mapping
from pathlib import Path

from bot.domain.files import Hunk
from bot.domain.similar import Similar
from bot.git.change import ChangeFiles
from bot.git.lines_since import hunks_since
from bot.history.alike import compared_files
from bot.history.index import opened
from bot.history.proposal import ProposedChange, as_of
from bot.history.schema import IndexUnusable
from bot.learning.similar_changes import similar_changes
from bot.learning.titles import texts_path, update_texts
from bot.ml.embeddings import Meaning
from bot.ml.text import TextIndexUnusable
from bot.pipeline.history import indexed_head

log = logging.getLogger(__name__)


async def changed_since(
    git_dir: Path, index: Path | None, change: ChangeFiles
) -> Mapping[str, tuple[Hunk, ...]] | None:
    """Return how the files of a change differ at the head of the index, as in `ProposedChange`."""
    newest = await indexed_head(index) if index else None
    if newest is None:
        return None
    # Not all of them: a change may have a thousand files with long names, more than a command line holds.
    compared = [one.old_path or one.path for one in compared_files(change.files)]
    return await hunks_since(git_dir, change.merge_base, newest, compared)


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
