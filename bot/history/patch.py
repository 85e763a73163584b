"""One file's `-U0` patch as hunks, and the texts of the lines that it takes away and brings.

Every line of content stands behind `+`, `-` or `\\`, and git quotes line ends in names, so a line that begins with
`@@ -` is a hunk header and nothing else. What a header counts is compared with the lines that follow all the same.
"""

import re
from array import array
from dataclasses import dataclass

_HEADER = re.compile(rb"(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(slots=True)
class FilePatch:
    """What happened to one file's lines.

    hunks: (index of the first line in the new file, lines deleted there, lines added there, index in the old file),
    ascending.
    bodies: each hunk's text, its header line included. readable: False for a binary file, or one whose
    section is not there.
    """

    hunks: list[tuple[int, int, int, int]]
    bodies: list[bytes]
    added: int
    deleted: int
    readable: bool


def unread() -> FilePatch:
    """The patch of a file whose lines are not known."""
    return FilePatch([], [], 0, 0, readable=False)


def parse_section(section: bytes) -> FilePatch:
    """A section of a patch, from its `diff --git` line on. Raises ValueError when its counts do not hold."""
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
            raise ValueError("a hunk without its counts")
        old, old_count, new, new_count = match.groups()
        gone = 1 if old_count is None else int(old_count)
        come = 1 if new_count is None else int(new_count)
        hunks.append((int(new) - 1 if come else int(new), gone, come, int(old) - 1 if gone else int(old)))
        added += come
        deleted += gone
    lines = section.count(b"\n-") + section.count(b"\n+") - header.count(b"\n-") - header.count(b"\n+")
    if lines != added + deleted:
        raise ValueError("a hunk whose counts do not hold")
    return FilePatch(hunks, bodies, added, deleted, readable=True)


def splice(lines: "array[int]", patch: FilePatch, ordinal: int) -> None:
    """Apply a patch to the origins of a file's lines; lines that the index never saw have the origin 0."""
    size = len(lines)
    for start, gone, come, _ in patch.hunks:
        if start + gone > size:
            lines.extend([0] * (start + gone - size))
            size = start + gone
        if gone == come == 1:
            lines[start] = ordinal
        elif come:
            lines[start : start + gone] = array("I", [ordinal]) * come
            size += come - gone
        else:
            del lines[start : start + gone]
            size -= gone


def removed(body: bytes, count: int) -> list[bytes]:
    """The texts of the `count` lines that a hunk deletes."""
    return [line[1:] for line in body.split(b"\n")[1:] if line[:1] == b"-"][:count]


def brought(body: bytes) -> list[bytes]:
    """The texts of the lines that a hunk adds."""
    return [line[1:] for line in body.split(b"\n")[1:] if line[:1] == b"+"]
