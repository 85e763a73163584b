"""Searches the tree at the head for lists that lack what a change adds beside others: one `git grep`, one listing.

A search that fails costs these remarks only.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from bot.analysis.unlisted import adds_files, lists_without, members
from bot.analysis.unlisted.lists import PATTERNS, PATTERNS_OF_FILES, candidates, searched
from bot.domain.files import FileChange
from bot.domain.tree import Listing
from bot.git.grep import find_texts, read_files, tree_paths
from bot.git.linguist import UNMARKED, path_reason, read_marks
from bot.git.run import EMPTY_TREES, GitError

log = logging.getLogger(__name__)

_MOST_MENTIONS = 20_000


async def find_lists(git_dir: Path, base: str, head: str, files: Sequence[FileChange]) -> tuple[Listing, ...]:
    """Return the lists at the head that name the siblings of a new member, and not itself."""
    try:
        names = await tree_paths(git_dir, base) if base not in EMPTY_TREES and adds_files(files) else ()
        found = members(files, names)
        if not found:
            return ()
        names_of = dict.fromkeys(name for member in found for name in searched(member))
        are_files = any(member.kind in {"file", "folder"} for member in found)
        patterns = (*PATTERNS, *PATTERNS_OF_FILES) if are_files else PATTERNS
        mentions = await find_texts(git_dir, head, list(names_of), patterns)
        possible = candidates(found, mentions) if len(mentions) <= _MOST_MENTIONS else []
        marks = await read_marks(git_dir, base, [path.encode("utf-8", "replace") for path in possible])
        written = [one for one in possible if not path_reason(one, marks.get(one.encode("utf-8", "replace"), UNMARKED))]
        held = await read_files(git_dir, head, written)
        return tuple(lists_without(found, {one.path: one.text for one in held}))
    except (GitError, ValueError) as problem:
        log.warning("the lists at %s could not be searched: %s", head[:10], problem)
        return ()
