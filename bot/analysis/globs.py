"""Patterns as in `.gitignore`, matched in time that does not depend on how they are written.

A regular expression of such a pattern backtracks: twelve stars cost minutes. Here all patterns are one automaton whose
states are the bits of a number: a character of a path costs a few operations on that number, whatever the patterns are
(Baeza-Yates and Gonnet, "A New Approach to Text Searching", 1992). RE2 is linear in the path, too, but some patterns of
200 characters took it 29 ms for one path.

The patterns: https://git-scm.com/docs/gitignore, "Pattern format".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.analysis.glob_parts import CharacterClass, Part, Repeat

_MOST_WORK = 3_000_000_000
_WORK_OF_A_CHARACTER = 3_000
_WORK_OF_A_RANGE = 500


@dataclass(frozen=True, slots=True)
class Glob:
    """One pattern. folders, files: whether it matches a folder (and with it all that is inside), or a file."""

    parts: tuple[Part, ...]
    folders: bool = True
    files: bool = True


@dataclass(slots=True)
class Globs:
    """Patterns that are matched together.

    work: what all calls may cost, in bits times characters; less than two seconds. Beyond it nothing matches any more.
    """

    globs: Sequence[Glob]
    work: int = _MOST_WORK
    _start: int = 0
    _skip: int = 0
    _stays: int = 0
    _stays_in_name: int = 0
    _ends: dict[int, int] = field(default_factory=dict)
    _folder_ends: int = 0
    _file_ends: int = 0
    _of_text: dict[str, int] = field(default_factory=dict)
    _of_class: dict[CharacterClass, int] = field(default_factory=dict)
    _ranges: int = 0
    _consuming: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Number the states: one before each part of a pattern, and one after the last."""
        bit = 1
        for index, glob in enumerate(self.globs):
            self._start |= bit
            for part in glob.parts:
                self._add(bit, part)
                bit <<= 1
            self._ends[bit.bit_length()] = index
            self._folder_ends |= bit if glob.folders else 0
            self._file_ends |= bit if glob.files else 0
            bit <<= 1
        self._start = self._skipping(self._start)

    def _add(self, bit: int, part: Part) -> None:
        if part is Repeat.NAME:
            self._skip |= bit
            self._stays_in_name |= bit
        elif part is Repeat.FOLDERS:
            self._skip |= bit
            self._stays |= bit
        elif isinstance(part, str):
            self._of_text[part] = self._of_text.get(part, 0) | bit
        elif isinstance(part, CharacterClass):
            self._ranges += 0 if part in self._of_class else len(part.ranges) + 1
            self._of_class[part] = self._of_class.get(part, 0) | bit

    def last_of_each_part(self, path: str) -> Iterator[int | None]:
        """The index of the last pattern that matches, for each folder of a path from the top, then for the path."""
        self.work -= len(path) * (_WORK_OF_A_CHARACTER + self._start.bit_length())
        if self.work < 0:
            return
        state = self._start
        for character in path:
            if character == "/":
                yield self._last(state & self._folder_ends)
            state = self._after(state, character)
        yield self._last(state & self._file_ends)

    def _last(self, ended: int) -> int | None:
        return self._ends[ended.bit_length()] if ended else None

    def _after(self, state: int, character: str) -> int:
        moved = (state & self._consumed(character)) << 1
        if character == "/":
            # What skips folders goes on after each "/", and only there; before it, it stays in `_stays`.
            return self._skipping(moved | (state & self._stays))
        waiting = state & self._stays
        return self._skipping(moved | (state & self._stays_in_name)) | waiting

    def _skipping(self, state: int) -> int:
        """Parts that may match nothing are skipped: at most two follow each other (`glob_parts.parts_of`)."""
        state |= (state & self._skip) << 1
        return state | (state & self._skip) << 1

    def _consumed(self, character: str) -> int:
        if (known := self._consuming.get(character)) is None:
            self.work -= _WORK_OF_A_RANGE * self._ranges
            known = self._of_text.get(character, 0)
            for one, bits in self._of_class.items():
                known |= bits if one.accepts(character) else 0
            self._consuming[character] = known
        return known
