"""The replaced lines of a change: runs of neighbouring hunks, with the lines that are telling among them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.files import FileChange, Hunk

MAX_FILES = 300
MAX_LINE = 300
# Hunks with at most so many unchanged lines between them are one edit.
_GAP = 4
_LEAST_CHARACTERS = 12
_LEAST_WORDS = 2
# A word as the eye sees it: a path, an action with its version, a dotted name.
WORD = re.compile(r"[\w.@/-]+")
_LETTERS = re.compile(r"[A-Za-z]{3,40}")
_UNTELLING = re.compile(
    r"(import|from|use|using|require|include|package|export|#include|#!|return|break|continue|else|try|finally|end|"
    r"copyright|licensed|spdx)\b[^({=]*$|@\w+$|(//|#|\*|/\*|<!--|--|;|\"\"\"|''')",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Edit:
    """A run of neighbouring hunks of one file.

    old_start, old_end, new_start, new_end: 1-based lines at both ends, inclusive; an end before its start is empty.
    old, new: the deleted and the added lines without outer white space, without empty ones.
    """

    old_start: int
    old_end: int
    new_start: int
    new_end: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def is_telling(line: str) -> bool:
    """Return whether a line without outer white space is code that hardly stands elsewhere by chance."""
    return (
        _LEAST_CHARACTERS <= len(line) <= MAX_LINE
        and len(_LETTERS.findall(line)) >= _LEAST_WORDS
        and not _UNTELLING.match(line)
    )


def edits(file: FileChange, gap: int = _GAP) -> Iterator[Edit]:
    """Yield the edits of a file that has a text at both ends, in its order."""
    if file.before is None or file.after is None:
        return
    before, after = file.before.split("\n"), file.after.split("\n")
    run: list[Hunk] = []
    for hunk in file.hunks:
        if run and hunk.old_start - (run[-1].old_start + max(run[-1].old_count, 1)) >= gap:
            yield _edit(run, before, after)
            run = []
        run.append(hunk)
    if run:
        yield _edit(run, before, after)


def _edit(run: Sequence[Hunk], before: Sequence[str], after: Sequence[str]) -> Edit:
    old = [line.strip() for hunk in run for line in _lines(before, hunk.old_start, hunk.old_count)]
    new = [line.strip() for hunk in run for line in _lines(after, hunk.new_start, hunk.new_count)]
    deleting = [hunk for hunk in run if hunk.old_count]
    adding = [hunk for hunk in run if hunk.new_count]
    return Edit(
        deleting[0].old_start if deleting else run[0].old_start + 1,
        deleting[-1].old_start + deleting[-1].old_count - 1 if deleting else run[0].old_start,
        adding[0].new_start if adding else max(1, run[0].new_start),
        adding[-1].new_start + adding[-1].new_count - 1 if adding else max(1, run[0].new_start),
        tuple(line for line in old if line),
        tuple(line for line in new if line),
    )


def _lines(lines: Sequence[str], start: int, count: int) -> Sequence[str]:
    return lines[start - 1 : start - 1 + count] if count else ()


def replaced_word(old: str, new: str) -> tuple[str, str] | None:
    """Return the one word in which two lines differ, and what it became; None if several words differ."""
    if old == new or max(len(old), len(new)) > MAX_LINE:
        return None
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    while start and WORD.fullmatch(old[start - 1]):
        start -= 1
    while end and WORD.fullmatch(old[len(old) - end]):
        end -= 1
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    return (before, after) if WORD.fullmatch(before) else None


def _same(one: str, other: str) -> int:
    """Return how many characters both texts begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
