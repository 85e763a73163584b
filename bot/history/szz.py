"""Which changes brought the lines that a fix takes away. Pure.

Śliwerski, Zimmermann, Zeller, "When do changes induce fixes?", MSR 2005, with the corrections of Kim et al., "Automatic
identification of bug-introducing changes", ASE 2006 (no comments, blanks, or changes of whitespace), and Da Costa et
al., "A framework for evaluating the results of the SZZ approach", IEEE TSE 43(7), 2017 (no mass changes); lines that
only move inside the fix are left out, as in Neto et al., "The impact of refactoring changes on the SZZ algorithm",
SANER 2018, though by their text alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.history.patch import FilePatch, brought, removed
from bot.history.state import FileState
from bot.history.traits import is_comment, traits_of

# A change of more files is no fix, and is not blamed for one.
MASS = 100


@dataclass(frozen=True, slots=True)
class Link:
    """The fix takes away `lines` lines of `path` that the change `brought` came with. first_line: before it."""

    brought: int
    path: str
    lines: int
    first_line: int


def links_of(files: Sequence[tuple[FileState, str, FilePatch]]) -> list[Link]:
    """Links of one fix. files: entities before it, their paths before it, and what the fix does to them."""
    blamed = [(state, path, patch) for state, path, patch in files if traits_of(path).blamed]
    if not any(patch.deleted for _, _, patch in blamed):
        return []
    kept = {_squeezed(line) for _, _, patch in files for body in patch.bodies for line in brought(body)}
    found: list[Link] = []
    for state, path, patch in blamed:
        found += _file_links(state, path, patch, kept)
    return found


def _file_links(state: FileState, path: str, patch: FilePatch, kept: set[bytes]) -> list[Link]:
    marks = traits_of(path).comments
    counts: dict[int, list[int]] = {}
    for (_, gone, _, old), body in zip(patch.hunks, patch.bodies, strict=True):
        if not gone or old >= len(state.origins):
            continue
        for offset, line in enumerate(removed(body, gone)):
            position = old + offset
            if position >= len(state.origins) or is_comment(line, marks) or _squeezed(line) in kept:
                continue
            if origin := state.origins[position]:
                counts.setdefault(origin, [0, position + 1])[0] += 1
    return [Link(origin, path, lines, first) for origin, (lines, first) in sorted(counts.items())]


def _squeezed(line: bytes) -> bytes:
    """A line without any whitespace: equal for what only moved, or was indented anew."""
    return b"".join(line.split())
