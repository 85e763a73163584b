"""The change stream and the side stream as records; pure functions on bytes.

A stream is a run of records. Each begins with the stream's separator: the first bytes of all up to the first NUL.

    change: separator NUL sha NUL parents NUL name NUL e-mail NUL author time NUL commit time NUL message NUL diff
    side:   separator NUL sha NUL parents NUL name NUL e-mail NUL

`diff` is git's `--raw -z` records, a NUL, and the `-p -U0` patch; see git-diff(1). Names and paths are any bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MIB = 1024 * 1024
# What is kept of one commit: a larger patch is cut, and the files behind the cut lose their line ownership.
MAX_RECORD = 32 * MIB
MAX_FILES = 100_000
_MAX_MESSAGE = 64 * 1024
_LATEST = 2**40


@dataclass(frozen=True, slots=True)
class Entry:
    """One raw record: git's status letter, the paths at both ends, and how many patch sections belong to it."""

    status: str
    old_path: str
    path: str
    sections: int
    submodule: bool


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One first-parent commit as git has it. Times are Unix seconds, as written: they may be nonsense.

    whole: every file's section is there; otherwise the record was cut, or not understood from some file on.
    sections: one patch per file, in the order of the entries, each from its `diff --git` line on.
    """

    sha: str
    parents: tuple[str, ...]
    name: str
    email: str
    author_time: int
    commit_time: int
    message: str
    entries: tuple[Entry, ...]
    sections: list[bytes]
    whole: bool


@dataclass(frozen=True, slots=True)
class SideRecord:
    """A commit of any line of history and its author."""

    sha: str
    parents: tuple[str, ...]
    name: str
    email: str


def path_text(path: bytes) -> str:
    """A path or a name as text: UTF-8, other bytes as `\\xNN`, as `bot.git.parse` has it."""
    return path.decode("utf-8", "backslashreplace")


def split_records(chunks: Iterable[bytes], cap: int = MAX_RECORD) -> Iterator[tuple[bytes, bool]]:
    """(record after its separator, whether it is whole); what goes beyond `cap` bytes is dropped as it comes."""
    separator = b""
    tail = b""
    kept: bytes | None = None  # the beginning of a record that has outgrown the cap
    for chunk in chunks:
        tail += chunk
        if not separator:
            end = tail.find(b"\0")
            if end < 0:
                continue
            separator, tail = tail[:end], tail[end:]
        parts = tail.split(separator)
        tail = parts.pop()
        for part in parts:
            yield (part, True) if kept is None and len(part) <= cap else ((kept or part)[:cap], False)
            kept = None
        if len(tail) > cap or kept is not None:
            kept = kept or tail[:cap]
            tail = tail[-len(separator) :]
    if separator:
        yield (tail, True) if kept is None and len(tail) <= cap else ((kept or tail)[:cap], False)


def read_changes(chunks: Iterable[bytes], cap: int = MAX_RECORD) -> Iterator[ChangeRecord]:
    """The change stream's records. Raises ValueError on what is no change stream."""
    for record, whole in split_records(chunks, cap):
        fields = record.split(b"\0", 8)
        if len(fields) < 8 or len(fields[1]) < 40:
            raise ValueError("not a record of the change stream")
        diff = fields[8] if len(fields) == 9 else b""
        entries, position, complete = _raw(diff)
        expected = sum(entry.sections for entry in entries)
        there = complete and diff[position : position + 1] == b"\0"
        patch = diff[position + 1 :] if there else b""
        sections = (b"\n" + patch).split(b"\ndiff --git ")[1:] if expected else []
        yield ChangeRecord(
            fields[1].decode("ascii", "replace"),
            tuple(fields[2].decode("ascii", "replace").split()),
            path_text(fields[3][:500]),
            path_text(fields[4][:500]),
            _time(fields[5]),
            _time(fields[6]),
            path_text(fields[7][:_MAX_MESSAGE]),
            tuple(entries),
            sections,
            whole and complete and len(sections) == expected,
        )


def read_sides(chunks: Iterable[bytes]) -> Iterator[SideRecord]:
    """The side stream's records. Raises ValueError on what is no side stream."""
    for record, _ in split_records(chunks):
        fields = record.split(b"\0", 5)
        if len(fields) < 5:
            raise ValueError("not a record of the side stream")
        parents = tuple(fields[2].decode("ascii", "replace").split())
        yield SideRecord(
            fields[1].decode("ascii", "replace"), parents, path_text(fields[3][:500]), path_text(fields[4][:500])
        )


def _raw(diff: bytes) -> tuple[list[Entry], int, bool]:
    """(entries, where they end, whether all were there)."""
    entries: list[Entry] = []
    position = 1 if diff[:1] == b"\n" else 0
    while diff[position : position + 1] == b":":
        end = diff.find(b"\0", position)
        stop = diff.find(b"\0", end + 1)
        if end < 0 or stop < 0 or len(entries) >= MAX_FILES:
            return entries, position, False
        head = diff[position:end]
        status = chr(head[head.rfind(b" ") + 1])
        old_path = path = path_text(diff[end + 1 : stop])
        if status in "RC":
            end = stop
            stop = diff.find(b"\0", end + 1)
            if stop < 0:
                return entries, position, False
            path = path_text(diff[end + 1 : stop])
        submodule = head[1:7] == b"160000" or head[8:14] == b"160000"
        entries.append(Entry(status, old_path, path, 2 if status == "T" else 1, submodule))
        position = stop + 1
    return entries, position, True


def _time(text: bytes) -> int:
    try:
        return max(-_LATEST, min(_LATEST, int(text)))
    except ValueError:
        return 0
