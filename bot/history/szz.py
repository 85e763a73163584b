"""Finds the changes that introduced the lines that a fix deletes (SZZ). Pure.

Śliwerski, Zimmermann, Zeller, "When do changes induce fixes?", MSR 2005, with these corrections:
- Comments, blank lines and changes of whitespace do not count: Kim et al., "Automatic identification of bug-introducing
  changes", ASE 2006.
- Mass changes do not count: Da Costa et al., "A framework for evaluating the results of the SZZ approach", IEEE TSE
  43(7), 2017.
- Lines that only move inside the fix do not count: Neto et al., "The impact of refactoring changes on the SZZ
  algorithm", SANER 2018. A move is detected by the text of the line only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.history.moves import ChangedFiles, normalized
from bot.history.patch import FilePatch, added_lines, deleted_lines
from bot.history.state import FileState
from bot.history.traits import code_lines, is_incidental, traits_of

# A change with more files is a mass change: it is neither a fix nor an introducing change.
MASS_CHANGE = 100


@dataclass(frozen=True, slots=True)
class Link:
    """A fix deletes lines of one file that an earlier change introduced.

    introduced_by: the ordinal of the introducing change.
    lines: the number of these lines.
    first_line: the 1-based number of the first one, before the fix.
    """

    introduced_by: int
    path: str
    lines: int
    first_line: int


def fix_links(files: ChangedFiles, introduced_by: Callable[[int, bytes], int]) -> list[Link]:
    """Return the links of one fix.

    files: the changed files of the fix, before it.
    introduced_by: returns the ordinal of the change that introduced a line. Its arguments are the ordinal that blame
        names and the normalized line; see `Moves.introduced_by`.
    """
    blamable = [(state, path, patch) for state, path, patch in files if traits_of(path).blamable]
    if not any(patch.deleted for _, _, patch in blamable):
        return []
    added = {normalized(line) for _, _, patch in files for body in patch.bodies for line in added_lines(body)}
    deleted = [
        (path, index, blamed, line)
        for state, path, patch in blamable
        for index, blamed, line in _deleted_code(state, path, patch)
        if normalized(line) not in added
    ]
    significant = [entry for entry in deleted if not is_incidental(entry[3])] or deleted
    counts: dict[tuple[int, str], list[int]] = {}
    for path, index, blamed, line in significant:
        if ordinal := introduced_by(blamed, normalized(line)):
            counts.setdefault((ordinal, path), [0, index + 1])[0] += 1
    return [Link(ordinal, path, lines, first) for (ordinal, path), (lines, first) in sorted(counts.items())]


def _deleted_code(state: FileState, path: str, patch: FilePatch) -> Iterator[tuple[int, int, bytes]]:
    """Yield each deleted line of code: its index before the change, the ordinal that blame names, and its text."""
    comment_starts = traits_of(path).comment_starts
    for (_, count, _, start), body in zip(patch.hunks, patch.bodies, strict=True):
        origins = state.origins[start : start + count]
        for offset, line in code_lines(deleted_lines(body, count), comment_starts):
            if offset < len(origins) and origins[offset]:
                yield start + offset, origins[offset], line
