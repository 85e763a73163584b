"""Searches the tree at the head for what a change removed: one `git grep`, and only where there is something to find.

What the analyzers `twins`, `leftover`, `sweep` and `stale` say rests on it, and what `security` says of actions that
are not pinned. A search that fails costs these remarks only.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from bot.analysis import copies, leftover, security, spelling, stale, sweep, twins, unlisted
from bot.analysis.removed_names import removed_names
from bot.analysis.removed_paths import NameKind
from bot.analysis.security.workflows import adds_unpinned
from bot.analysis.sweep import sweeps
from bot.domain.files import FileChange
from bot.domain.tree import Mention, Tree
from bot.git.grep import find_texts, named_like, read_files
from bot.git.linguist import UNMARKED, path_reason, read_marks
from bot.git.run import GitError
from bot.pipeline.lists import find_lists
from bot.pipeline.spelling import new_misspellings

log = logging.getLogger(__name__)

MAX_MENTIONS = 5_000
_WORKFLOWS = (".github/workflows/*.yml", ".github/workflows/*.yaml")


async def search_tree(
    git_dir: Path, base: str, head: str, files: Sequence[FileChange], off: Collection[str] = ()
) -> Tree:
    """Search the tree at the head. off: the names of analyzers that are switched off, for which nothing is searched."""
    names = removed_names(files) if leftover.NAME not in off else []
    swept = sweeps(files) if sweep.NAME not in off else []
    blocks = twins.blocks(files) if twins.NAME not in off else []
    corrected = copies.texts(files) if copies.NAME not in off else []
    anchors = (*(one.anchor for one in swept), *(one.anchor for one in blocks))
    wanted = dict.fromkeys((*(one.name for one in names), *anchors, *(one.old for one in corrected)))
    around = await _around(git_dir, base, head, files, off)
    if not wanted:
        return around
    removed = {PurePosixPath(one.name).name for one in names if one.kind in {NameKind.FILE, NameKind.PATH}}
    folders = {one.name for one in names if one.kind is NameKind.FOLDER}
    try:
        found = await find_texts(git_dir, head, list(wanted))
        found = await _unmarked(git_dir, base, found)
        named = await named_like(git_dir, head, removed, folders) if (removed or folders) and found else ()
        holding = twins.candidates(found, blocks, files)
        texts = await read_files(git_dir, head, holding)
    except (GitError, ValueError) as problem:
        log.warning("the tree of %s could not be searched: %s", head[:10], problem)
        return around
    if len(found) > MAX_MENTIONS:
        log.info("the tree of %s holds what was removed %d times; nothing is said of it", head[:10], len(found))
        return around
    return replace(around, searched=True, mentions=found, files=texts, same_named=named)


async def _around(git_dir: Path, base: str, head: str, files: Sequence[FileChange], off: Collection[str]) -> Tree:
    """Search for all that is not removed. The searches run at once."""
    uses = adds_unpinned(files) if security.ANALYZER.name not in off else False
    stated, used, misspelled, listings = await asyncio.gather(
        _stated(git_dir, base, head, files if stale.NAME not in off else ()),
        _found(git_dir, base, head, ["uses:"] if uses else [], _WORKFLOWS),
        new_misspellings(git_dir, base, files if spelling.NAME not in off else ()),
        find_lists(git_dir, base, head, files if unlisted.NAME not in off else ()),
    )
    return Tree(stated=stated, uses=used, misspelled=misspelled, listings=listings)


async def _stated(git_dir: Path, base: str, head: str, files: Sequence[FileChange]) -> tuple[Mention, ...]:
    """Return the lines that state what the change alters. Facts that are searched in the same files share a search."""
    facts = stale.facts(files, parsed=False)
    found: dict[tuple[str, int], Mention] = {}
    for only in dict.fromkeys(fact.only for fact in facts):
        sought = [fact for fact in facts if fact.only == only]
        texts = dict.fromkeys(text for fact in sought for text in fact.texts)
        for one in await _found(git_dir, base, head, list(texts), only, partial(stale.any_concerns, sought)):
            found[one.path, one.line] = one
    return tuple(found.values())


async def _found(
    git_dir: Path,
    base: str,
    head: str,
    texts: Sequence[str],
    only: Sequence[str],
    counts: Callable[[Mention], bool] = lambda line: True,
) -> tuple[Mention, ...]:
    """Return the lines with one of the texts that count; none if the search fails or finds too many."""
    try:
        found = tuple(one for one in await find_texts(git_dir, head, texts, only) if counts(one))
        return await _unmarked(git_dir, base, found) if len(found) <= MAX_MENTIONS else ()
    except (GitError, ValueError) as problem:
        log.warning("the tree of %s could not be searched: %s", head[:10], problem)
        return ()


async def _unmarked(git_dir: Path, base: str, found: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Return the lines of files that neither their path nor `.gitattributes` at the base calls generated."""
    if not found or len(found) > MAX_MENTIONS:
        return found
    paths = {one.path: one.path.encode("utf-8", "replace") for one in found}
    marks = await read_marks(git_dir, base, paths.values())
    left_out = {path for path, raw in paths.items() if path_reason(path, marks.get(raw, UNMARKED))}
    return tuple(one for one in found if one.path not in left_out)
