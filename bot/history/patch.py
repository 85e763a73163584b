"""Parses the `-U0` patch of one file into hunks, and extracts the text of its deleted and added lines.

Each content line begins with `+`, `-` or `\\`, and git quotes line breaks in names. So a line that begins with `@@ -`
is always a hunk header. The counts of each header are still compared with the number of lines in the patch.
"""

import re
from array import array
from dataclasses import dataclass

_HEADER = re.compile(rb"(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(slots=True)
class FilePatch:
    """The changed lines of one file.

    hunks: (index of the first line in the new file, deleted lines, added lines, index in the old file), ascending.
    bodies: the text of each hunk with its header line.
    readable: False for a binary file, and where the patch is missing.
    """

    hunks: list[tuple[int, int, int, int]]
    bodies: list[bytes]
    added: int
    deleted: int
    readable: bool


def unreadable_patch() -> FilePatch:
    """Return the patch of a file whose lines are unknown."""
    return FilePatch([], [], 0, 0, readable=False)


def parse_section(section: bytes) -> FilePatch:
    """Parse one section of a patch; it begins with `diff --git`. Raises ValueError if its counts are wrong."""
    bodies = section.split(b"\n@@ -")
    header = bodies[0]
    if len(bodies) == 1:
        return FilePatch([], [], 0, 0, readable=b"\nBinary files " not in header)
    del bodies[0]
    hunks = []
    added = deleted = 0
    match_header = _HEADER.match
    for body in bodies:
        match = match_header(body)
        if match is None:
            raise ValueError("a hunk header has no counts")
        old, old_count, new, new_count = match.groups()
        removed = 1 if old_count is None else int(old_count)
        inserted = 1 if new_count is None else int(new_count)
        hunks.append((int(new) - 1 if inserted else int(new), removed, inserted, int(old) - 1 if removed else int(old)))
        added += inserted
        deleted += removed
    lines = section.count(b"\n-") + section.count(b"\n+") - header.count(b"\n-") - header.count(b"\n+")
    if lines != added + deleted:
        raise ValueError("the counts of a hunk header do not match its lines")
    return FilePatch(hunks, bodies, added, deleted, readable=True)


def splice(origins: "array[int]", patch: FilePatch, ordinal: int) -> None:
    """Apply a patch to the line origins of a file. Lines that the index has never read get the origin 0."""
    size = len(origins)
    for start, removed, inserted, _ in patch.hunks:
        if start + removed > size:
            origins.extend([0] * (start + removed - size))
            size = start + removed
        if removed == inserted == 1:
            origins[start] = ordinal
        elif inserted:
            origins[start : start + removed] = array("I", [ordinal]) * inserted
            size += inserted - removed
        else:
            del origins[start : start + removed]
            size -= removed


def deleted_lines(body: bytes, count: int) -> list[bytes]:
    """Return the text of the `count` lines that a hunk deletes."""
    return [line[1:] for line in body.split(b"\n")[1:] if line[:1] == b"-"][:count]


def added_lines(body: bytes) -> list[bytes]:
    """Return the text of the lines that a hunk adds."""
    return [line[1:] for line in body.split(b"\n")[1:] if line[:1] == b"+"]
