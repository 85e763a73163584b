"""Which changes brought the lines that a fix takes away. Pure.

Śliwerski, Zimmermann, Zeller, "When do changes induce fixes?", MSR 2005, with the corrections of Kim et al., "Automatic
identification of bug-introducing changes", ASE 2006 (no comments, blanks, or changes of whitespace), and Da Costa et
al., "A framework for evaluating the results of the SZZ approach", IEEE TSE 43(7), 2017 (no mass changes); lines that
only move inside the fix are left out, as in Neto et al., "The impact of refactoring changes on the SZZ algorithm",
SANER 2018, though by their text alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.history.moves import Changed, squeezed
from bot.history.patch import FilePatch, brought, removed
from bot.history.state import FileState
from bot.history.traits import code_in, is_incidental, traits_of

# A change of more files is no fix, and is not blamed for one.
MASS = 100


@dataclass(frozen=True, slots=True)
class Link:
    """The fix takes away `lines` lines of `path` that the change `brought` came with. first_line: before it."""

    brought: int
    path: str
    lines: int
    first_line: int


def links_of(files: Changed, origin_of: Callable[[int, bytes], int]) -> list[Link]:
    """Links of one fix. files: entities before it, their paths before it, and what the fix does to them.

    origin_of: what a line came with, of the change that blame names and the squeezed line (`Moves.origin`).
    """
    blamed = [(state, path, patch) for state, path, patch in files if traits_of(path).blamed]
    if not any(patch.deleted for _, _, patch in blamed):
        return []
    kept = {squeezed(line) for _, _, patch in files for body in patch.bodies for line in brought(body)}
    taken = [
        (path, position, came, line)
        for state, path, patch in blamed
        for position, came, line in _taken(state, path, patch)
        if squeezed(line) not in kept
    ]
    telling = [one for one in taken if not is_incidental(one[3])] or taken
    counts: dict[tuple[int, str], list[int]] = {}
    for path, position, came, line in telling:
        if origin := origin_of(came, squeezed(line)):
            counts.setdefault((origin, path), [0, position + 1])[0] += 1
    return [Link(origin, path, lines, first) for (origin, path), (lines, first) in sorted(counts.items())]


def _taken(state: FileState, path: str, patch: FilePatch) -> Iterator[tuple[int, int, bytes]]:
    """Lines of code that are taken away: the place of each before it, the change that blame names, the text."""
    marks = traits_of(path).comments
    for (_, gone, _, old), body in zip(patch.hunks, patch.bodies, strict=True):
        came = state.origins[old : old + gone]
        for offset, line in code_in(removed(body, gone), marks):
            if offset < len(came) and came[offset]:
                yield old + offset, came[offset], line
