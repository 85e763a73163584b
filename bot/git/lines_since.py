"""Reads how the lines of files moved between two commits."""

from collections.abc import Collection, Mapping
from pathlib import Path

from bot.domain.files import Hunk
from bot.git.change import diff_with_hunks
from bot.git.run import EMPTY_TREES, GitError
from bot.paths import path_text


async def hunks_since(
    repository: Path, old: str, new: str, files: Collection[str]
) -> Mapping[str, tuple[Hunk, ...]] | None:
    """Return the hunks between two commits of the files that differ, by path. None if they cannot be read."""
    if old == new or old in EMPTY_TREES or not files:
        return {}
    try:
        diff = await diff_with_hunks(repository, old, new, files)
    except GitError:
        return None
    pairs = {path_text(entry.path): (entry.old_oid, entry.new_oid) for entry in diff.entries}
    return {path: diff.hunks.get(pair, ()) for path, pair in pairs.items()}
