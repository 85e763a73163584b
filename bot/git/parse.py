"""Pure parsers of git's machine-readable formats.

They raise ParseError on unexpected input, because a partly parsed diff would look like a small one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.files import Hunk

_HUNK = re.compile(rb"^@@ -(\d{1,19})(?:,(\d{1,19}))? \+(\d{1,19})(?:,(\d{1,19}))? @@")
_COUNTS = re.compile(rb"(-|\d{1,19})\t(-|\d{1,19})\t(.*)", re.DOTALL)
_INDEX = re.compile(rb"^index ([0-9a-f]{40,64})\.\.([0-9a-f]{40,64})")


class ParseError(Exception):
    """git's output does not have the documented form."""


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One record of `diff-tree --raw -z`: see git-diff(1), "Raw output format". Paths are bytes, as in git."""

    old_mode: str
    new_mode: str
    old_oid: str
    new_oid: str
    status: str
    old_path: bytes
    path: bytes


@dataclass(frozen=True, slots=True)
class DiffOutput:
    """The three parts of `diff-tree -z --raw --numstat -p`.

    entries: the raw records.
    counts: (added, deleted) lines by path; (None, None) for a binary file.
    hunks: the hunks by (old oid, new oid). Equal pairs have equal hunks, so the key needs no path.
    """

    entries: tuple[RawEntry, ...]
    counts: dict[bytes, tuple[int | None, int | None]]
    hunks: dict[tuple[str, str], tuple[Hunk, ...]]


def parse_diff(output: bytes) -> DiffOutput:
    """Parse `diff-tree -r -z --raw --numstat -p -U0 --full-index --no-abbrev`. The patch is optional."""
    entries, position = _raw_entries(output)
    counts, position = _counts(output, position)
    patch = output[position + 1 :] if output[position : position + 1] == b"\0" else output[position:]
    return DiffOutput(tuple(entries), counts, parse_patch(patch))


def _field(output: bytes, position: int) -> tuple[bytes, int]:
    end = output.find(b"\0", position)
    if end < 0:
        raise ParseError("a field has no terminating NUL")
    return output[position:end], end + 1


def _raw_entries(output: bytes) -> tuple[list[RawEntry], int]:
    entries = []
    position = 0
    while output[position : position + 1] == b":":
        header, position = _field(output, position)
        fields = header[1:].decode("ascii", "replace").split(" ")
        if len(fields) != 5 or not fields[4]:
            raise ParseError("a raw record does not have five fields")
        old_path, position = _field(output, position)
        path = old_path
        if fields[4][0] in "RC":
            path, position = _field(output, position)
        entries.append(RawEntry(fields[0], fields[1], fields[2], fields[3], fields[4][0], old_path, path))
    return entries, position


def _counts(output: bytes, position: int) -> tuple[dict[bytes, tuple[int | None, int | None]], int]:
    counts: dict[bytes, tuple[int | None, int | None]] = {}
    while position < len(output) and output[position : position + 1] not in {b"\0", b"d"}:
        record, position = _field(output, position)
        match = _COUNTS.fullmatch(record)
        if match is None:
            raise ParseError("a record of counts has no counts")
        added, deleted, path = match.groups()
        if not path:  # in a rename, the two paths follow
            _, position = _field(output, position)
            path, position = _field(output, position)
        counts[path] = (None, None) if b"-" in {added, deleted} else (int(added), int(deleted))
    return counts, position


def parse_patch(patch: bytes) -> dict[tuple[str, str], tuple[Hunk, ...]]:
    """Return the hunks of a `-U0 --full-index` patch by (old oid, new oid).

    The counts in the hunk header say how many lines to skip, so content such as `-- x` or `@@` is never parsed.
    """
    hunks: dict[tuple[str, str], list[Hunk]] = {}
    key: tuple[str, str] | None = None
    lines = iter(patch.split(b"\n"))
    for line in lines:
        if match := _INDEX.match(line):
            key = (match[1].decode(), match[2].decode())
            hunks[key] = []
        elif match := _HUNK.match(line):
            if key is None:
                raise ParseError("a hunk before its index line")
            hunk = _hunk(match)
            hunks[key].append(hunk)
            _skip(lines, hunk.old_count + hunk.new_count)
    return {pair: tuple(found) for pair, found in hunks.items()}


def _hunk(match: re.Match[bytes]) -> Hunk:
    old_start, old_count, new_start, new_count = match.groups()
    return Hunk(
        int(old_start),
        1 if old_count is None else int(old_count),
        int(new_start),
        1 if new_count is None else int(new_count),
    )


def _skip(lines: Iterator[bytes], count: int) -> None:
    """Skip the lines of one hunk. The header does not count "\\ No newline at end of file"."""
    while count:
        line = next(lines, b"")
        if line[:1] in {b"-", b"+"}:
            count -= 1
        elif line[:1] != b"\\":
            raise ParseError("a hunk has fewer lines than its header says")
