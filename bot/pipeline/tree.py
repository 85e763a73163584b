"""Searches the tree at the head for what a change removed: one `git grep`, and only where there is something to find.

What the analyzers `twins`, `leftover` and `sweep` say rests on it. A search that fails costs these remarks only.
"""

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

from bot.analysis import leftover, sweep, twins
from bot.analysis.removed_names import NameKind, removed_names
from bot.analysis.sweep import sweeps
from bot.domain.files import FileChange
from bot.domain.tree import Mention, Tree
from bot.git.grep import find_texts, named_like, read_files
from bot.git.linguist import UNMARKED, path_reason, read_marks
from bot.git.run import GitError

log = logging.getLogger(__name__)

MAX_MENTIONS = 5_000


async def search_tree(
    git_dir: Path, base: str, head: str, files: Sequence[FileChange], off: Collection[str] = ()
) -> Tree:
    """Search the tree at the head. off: the names of analyzers that are switched off, for which nothing is searched."""
    names = removed_names(files) if leftover.NAME not in off else []
    swept = sweeps(files) if sweep.NAME not in off else []
    blocks = twins.blocks(files) if twins.NAME not in off else []
    wanted = dict.fromkeys(
        (*(one.name for one in names), *(one.anchor for one in swept), *(one.anchor for one in blocks))
    )
    if not wanted:
        return Tree()
    removed = [one for one in names if one.kind is NameKind.FILE]
    try:
        found = await find_texts(git_dir, head, list(wanted))
        found = await _unmarked(git_dir, base, found)
        named = await named_like(git_dir, head, {one.name for one in removed}) if removed and found else ()
        holding = twins.candidates(found, blocks, files)
        texts = await read_files(git_dir, head, holding)
    except (GitError, ValueError) as problem:
        log.warning("the tree of %s could not be searched: %s", head[:10], problem)
        return Tree()
    if len(found) > MAX_MENTIONS:
        log.info("the tree of %s holds what was removed %d times; nothing is said of it", head[:10], len(found))
        return Tree()
    return Tree(searched=True, mentions=found, files=texts, same_named=named)


async def _unmarked(git_dir: Path, base: str, found: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Return the lines of files that neither their path nor `.gitattributes` at the base calls generated."""
    if not found or len(found) > MAX_MENTIONS:
        return found
    paths = {one.path: one.path.encode("utf-8", "replace") for one in found}
    marks = await read_marks(git_dir, base, paths.values())
    left_out = {path for path, raw in paths.items() if path_reason(path, marks.get(raw, UNMARKED))}
    return tuple(one for one in found if one.path not in left_out)
