"""Finds the changes that introduced the lines that a fix deletes (SZZ). Pure.

Śliwerski, Zimmermann, Zeller, "When do changes induce fixes?", MSR 2005, with these corrections:
- Comments, blank lines and changes of whitespace do not count: Kim et al., "Automatic identification of bug-introducing
  changes", ASE 2006.
- Mass changes do not count: Da Costa et al., "A framework for evaluating the results of the SZZ approach", IEEE TSE
  43(7), 2017.
- Lines that only move inside the fix do not count: Neto et al., "The impact of refactoring changes on the SZZ
  algorithm", SANER 2018. A move is detected by the text of the line only.
- Of several changes, the one with the most lines counts: Davies, Roper, Wood, "Comparing text-based and
  dependence-based approaches for determining the origins of bugs", JSEP 26(1), 2014.
- A fix that only adds code is linked to the change that introduced the lines around it (cf. Sahal, Tosun, "Identifying
  bug-inducing changes for code additions", ESEM 2018).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from bot.code_lines import code_lines, is_incidental
from bot.history.edits import in_tests
from bot.history.moves import ChangedFiles, normalized
from bot.history.patch import FilePatch, added_lines, deleted_lines
from bot.history.state import FileState
from bot.history.traits import traits_of

# A change with more files is a mass change: it is neither a fix nor an introducing change.
MASS_CHANGE = 100
# The lines before and after added code, and what each tells of the change that the fix corrects.
_NEAR = ((-3, 0.2), (-2, 0.4), (-1, 1.0), (0, 1.0), (1, 0.4), (2, 0.2))


@dataclass(frozen=True, slots=True)
class Link:
    """A fix deletes lines of one file that an earlier change introduced.

    introduced_by: the ordinal of the introducing change.
    lines: the number of these lines; 0 if the fix only adds code beside them.
    first_line: the 1-based number of the first one, before the fix.
    how: "lines", or "around" if the fix only adds code.
    """

    introduced_by: int
    path: str
    lines: int
    first_line: int
    how: str = "lines"


def fix_links(
    files: ChangedFiles, introduced_by: Callable[[int, bytes], int], blamable: Callable[[int], bool]
) -> list[Link]:
    """Return the links of one fix: to the change that introduced the most of its lines, a link for each file.

    files: the changed files of the fix, before it.
    introduced_by: returns the ordinal of the change that introduced a line. Its arguments are the ordinal that blame
        names and the normalized line; see `Moves.introduced_by`.
    blamable: whether a fix may be linked to a change.
    """
    production = [(state, path, patch) for state, path, patch in files if traits_of(path).blamable]
    if not production:
        return []
    added = {normalized(line) for _, _, patch in files for body in patch.bodies for line in added_lines(body)}
    deleted = [
        (path, index, blamed, line)
        for state, path, patch in production
        for index, blamed, line in _deleted_code(state, path, patch)
    ]
    gone = [entry for entry in deleted if normalized(entry[3]) not in added]
    significant = [entry for entry in gone if not is_incidental(entry[3])] or gone
    places = (
        (introduced_by(blamed, normalized(line)), path, index + 1, 1.0) for path, index, blamed, line in significant
    )
    if links := _most(places, blamable, "lines"):
        return links
    known = {normalized(line) for _, _, _, line in deleted}
    around = (place for state, path, patch in production for place in _around(state, path, patch, known))
    return _most(around, blamable, "around")


def _most(places: Iterable[tuple[int, str, int, float]], blamable: Callable[[int], bool], how: str) -> list[Link]:
    """Return the links to the change with the most weight, the newest of several.

    places: the ordinal of a change, path, line, and weight.
    """
    weights: dict[int, float] = {}
    files: dict[int, dict[str, list[int]]] = {}
    for ordinal, path, line, weight in places:
        if ordinal and blamable(ordinal):
            weights[ordinal] = weights.get(ordinal, 0.0) + weight
            files.setdefault(ordinal, {}).setdefault(path, []).append(line)
    if not weights:
        return []
    cause = max(weights, key=lambda ordinal: (round(weights[ordinal], 3), ordinal))
    return [
        Link(cause, path, len(lines) if how == "lines" else 0, min(lines), how)
        for path, lines in sorted(files[cause].items())
    ]


def _around(
    state: FileState, path: str, patch: FilePatch, known: Collection[bytes]
) -> Iterator[tuple[int, str, int, float]]:
    """Yield the lines of the old code around added code, with more weight for the nearest.

    known: the normalized lines that the fix deletes; an added one of these only moves.
    """
    starts = traits_of(path).comment_starts
    for (_, count, inserted, start), body, testing in zip(
        patch.hunks, patch.bodies, in_tests(path, patch), strict=True
    ):
        if testing or not inserted:
            continue
        new = (line for _, line in code_lines(added_lines(body), starts))
        if not any(not is_incidental(line) and normalized(line) not in known for line in new):
            continue
        for offset, weight in _NEAR:
            index = start + offset if offset < 0 else start + count + offset
            if 0 <= index < len(state.origins):
                yield state.origins[index], path, index + 1, weight
        for index in range(start, min(start + count, len(state.origins))):
            yield state.origins[index], path, index + 1, 1.0


def _deleted_code(state: FileState, path: str, patch: FilePatch) -> Iterator[tuple[int, int, bytes]]:
    """Yield each deleted line of code: its index before the change, the ordinal that blame names, and its text."""
    comment_starts = traits_of(path).comment_starts
    for (_, count, _, start), body, testing in zip(patch.hunks, patch.bodies, in_tests(path, patch), strict=True):
        if testing:
            continue
        origins = state.origins[start : start + count]
        for offset, line in code_lines(deleted_lines(body, count), comment_starts):
            if offset < len(origins) and origins[offset]:
                yield start + offset, origins[offset], line
