"""Finds the misspelled words that a change brings: those that the repository had nowhere before.

What stands in the tree already is a word of the project, or was there before this change.
"""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from bot.domain.files import FileChange
from bot.domain.tree import Misspelling
from bot.git.grep import find_texts
from bot.git.run import EMPTY_TREES, GitError
from bot.process import ProcessFailed
from bot.scan.spelling import find_misspellings

log = logging.getLogger(__name__)

_MOST_WORDS = 24


async def new_misspellings(git_dir: Path, base: str, files: Sequence[FileChange]) -> tuple[Misspelling, ...]:
    """Return the misspelled words on added lines that no file at the merge base has; none if that cannot be told."""
    if base in EMPTY_TREES:
        return ()
    try:
        found = await find_misspellings(files)
        words = list(dict.fromkeys(one.word.lower() for one in found))
        if not words or len(words) > _MOST_WORDS:
            return ()
        spelled = dict.fromkeys(text for word in words for text in (word, word.capitalize()))
        lines = await find_texts(git_dir, base, list(spelled))
    except (GitError, ProcessFailed, OSError, ValueError, KeyError) as problem:
        log.warning("the words of %s could not be checked: %s", base[:10], type(problem).__name__)
        return ()
    known = {word for word in words if any(_holds(line.text, word) for line in lines)}
    return tuple(one for one in found if one.word.lower() not in known)


def _holds(text: str, word: str) -> bool:
    """Return whether a line has the word, alone or as a part of a name."""
    return re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text.lower()) is not None
