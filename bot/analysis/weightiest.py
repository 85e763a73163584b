"""Where a change alters most code: the place that a remark on the whole change points at. Pure.

A line counts if it is added or replaced and has code. Imports, comments, brackets, versions and tests do not count, so
that no remark points at an import, or at the first line because nothing better is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import inline_tests
from bot.analysis.functions.facts import FileFunctions, FunctionFacts
from bot.code_lines import code_lines, comment_starts, import_line, is_incidental
from bot.domain.files import FileChange, Hunk

_MOST_LINES = 20_000
# An import that is longer is no import.
_MOST_IMPORTED = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A range of lines at head, 1-based and inclusive.

    lines: how many lines of code are changed there.
    """

    start: int
    end: int
    lines: int


def heaviest_function(file: FileChange, functions: FileFunctions) -> Place | None:
    """Return where the function with the most changed lines of code is changed, from the first to the last such line.

    The innermost function of a line counts. None if less than half of the changed lines of code are in functions.
    """
    changed = [number for numbers in changed_code(file) for number in numbers]
    if not changed or functions.after is None:
        return None
    inside: dict[FunctionFacts, list[int]] = {}
    for number in changed:
        around = [one for one in functions.after.functions if one.start_line <= number <= one.end_line]
        if around:
            inside.setdefault(min(around, key=lambda one: one.end_line - one.start_line), []).append(number)
    if 2 * sum(map(len, inside.values())) < len(changed):
        return None
    return _place(max(inside.values(), key=lambda numbers: (len(numbers), -numbers[0])))


def heaviest_hunk(file: FileChange) -> Place | None:
    """Return the hunk with the most changed lines of code, without other lines at its ends; None without such lines."""
    changed = [numbers for numbers in changed_code(file) if numbers]
    return _place(max(changed, key=lambda numbers: (len(numbers), -numbers[0]))) if changed else None


def changed_lines(file: FileChange) -> int:
    """Return how many lines of code the change adds or replaces, without tests, imports and the like."""
    return sum(map(len, changed_code(file)))


def _place(numbers: Sequence[int]) -> Place:
    return Place(numbers[0], numbers[-1], len(numbers))


def changed_code(file: FileChange) -> list[list[int]]:
    """Return the 1-based numbers of the added or replaced lines of code, by hunk."""
    if file.after is None:
        return []
    lines = file.after.split("\n")[:_MOST_LINES]
    left_out = _imports(lines)
    if inline_tests.may_have(file.path):
        left_out |= inline_tests.test_lines(file.path, lines)
    starts = comment_starts(file.path)
    return [[number for number in _code_of(hunk, lines, starts) if number - 1 not in left_out] for hunk in file.hunks]


def _code_of(hunk: Hunk, lines: Sequence[str], starts: tuple[bytes, ...]) -> list[int]:
    begin = max(0, hunk.new_start - 1)
    texts = [line.encode("utf-8", "replace") for line in lines[begin : begin + hunk.new_count]]
    return [begin + index + 1 for index, line in code_lines(texts, starts) if not is_incidental(line)]


def _imports(lines: Sequence[str]) -> set[int]:
    """Return the indexes of the lines of imports that are longer than a line: up to the closing bracket."""
    found: set[int] = set()
    end = 0
    for index, line in enumerate(lines):
        if index < end or not import_line(line[:300].encode("utf-8", "replace")):
            continue
        opened = line.rstrip()[-1:]
        if closing := {"(": ")", "{": "}"}.get(opened):
            following = lines[index + 1 : index + _MOST_IMPORTED]
            last = next((number for number, other in enumerate(following, 1) if closing in other), None)
            if last is not None:
                end = index + last + 1
                found.update(range(index, end))
    return found
