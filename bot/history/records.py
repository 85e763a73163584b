"""Parses the change stream and the side stream of `bot.git.history_stream`. Pure.

A stream is a sequence of records. Each record begins with the separator of the stream. The separator is the text before
the first NUL of the stream.

    change: separator NUL sha NUL parents NUL name NUL e-mail NUL author time NUL commit time NUL
            committer's name NUL committer's e-mail NUL message NUL diff
    side:   separator NUL sha NUL parents NUL name NUL e-mail NUL

`diff` contains git's `--raw -z` records, a NUL, and the `-p -U0` patch; see git-diff(1). Names and paths may contain
any bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.paths import path_text

MIB = 1024 * 1024
# Limits for one commit. A larger patch is cut. The line origins of the files after the cut become unknown.
MAX_RECORD = 32 * MIB
MAX_FILES = 100_000
_MAX_MESSAGE = 64 * 1024
_MAX_TIME = 2**40


@dataclass(frozen=True, slots=True)
class Entry:
    """One `--raw` record: a changed file.

    status: git's status letter.
    sections: the number of sections that the file has in the patch.
    """

    status: str
    old_path: str
    path: str
    sections: int
    submodule: bool


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One first-parent commit.

    author_time, commit_time: Unix seconds, as written in the commit; they may be wrong.
    committer: name and e-mail.
    sections: the patches of the files in the order of the entries. Each begins with its `diff --git` line.
    complete: False if the record was cut, or if its patch does not match its entries.
    """

    sha: str
    parents: tuple[str, ...]
    name: str
    email: str
    author_time: int
    commit_time: int
    committer: tuple[str, str]
    message: str
    entries: tuple[Entry, ...]
    sections: list[bytes]
    complete: bool


@dataclass(frozen=True, slots=True)
class SideRecord:
    """A commit of any branch, with its parents and its author."""

    sha: str
    parents: tuple[str, ...]
    name: str
    email: str


def split_records(chunks: Iterable[bytes], cap: int = MAX_RECORD) -> Iterator[tuple[bytes, bool]]:
    """Yield (record without its separator, whether it is complete). Bytes of a record beyond `cap` are dropped."""
    separator = b""
    tail = b""
    head: bytes | None = None  # the first `cap` bytes of a record that is longer
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
            yield (part, True) if head is None and len(part) <= cap else ((head or part)[:cap], False)
            head = None
        if len(tail) > cap or head is not None:
            head = head or tail[:cap]
            tail = tail[-len(separator) :]
    if separator:
        yield (tail, True) if head is None and len(tail) <= cap else ((head or tail)[:cap], False)


def read_changes(chunks: Iterable[bytes], cap: int = MAX_RECORD) -> Iterator[ChangeRecord]:
    """Yield the records of a change stream. Raises ValueError if the input is not a change stream."""
    for record, is_complete in split_records(chunks, cap):
        fields = record.split(b"\0", 10)
        if len(fields) < 10 or len(fields[1]) < 40:
            raise ValueError("not a record of the change stream")
        diff = fields[10] if len(fields) == 11 else b""
        entries, position, all_parsed = _parse_raw(diff)
        expected = sum(entry.sections for entry in entries)
        has_patch = all_parsed and diff[position : position + 1] == b"\0"
        patch = diff[position + 1 :] if has_patch else b""
        sections = (b"\n" + patch).split(b"\ndiff --git ")[1:] if expected else []
        yield ChangeRecord(
            fields[1].decode("ascii", "replace"),
            tuple(fields[2].decode("ascii", "replace").split()),
            path_text(fields[3][:500]),
            path_text(fields[4][:500]),
            _time(fields[5]),
            _time(fields[6]),
            (path_text(fields[7][:500]), path_text(fields[8][:500])),
            path_text(fields[9][:_MAX_MESSAGE]),
            tuple(entries),
            sections,
            is_complete and all_parsed and len(sections) == expected,
        )


def read_sides(chunks: Iterable[bytes]) -> Iterator[SideRecord]:
    """Yield the records of a side stream. Raises ValueError if the input is not a side stream."""
    for record, _ in split_records(chunks):
        fields = record.split(b"\0", 5)
        if len(fields) < 5:
            raise ValueError("not a record of the side stream")
        parents = tuple(fields[2].decode("ascii", "replace").split())
        yield SideRecord(
            fields[1].decode("ascii", "replace"), parents, path_text(fields[3][:500]), path_text(fields[4][:500])
        )


def _parse_raw(diff: bytes) -> tuple[list[Entry], int, bool]:
    """Return the entries, the position after the last one, and whether all of them could be parsed."""
    entries: list[Entry] = []
    position = 1 if diff[:1] == b"\n" else 0
    while diff[position : position + 1] == b":":
        end = diff.find(b"\0", position)
        stop = diff.find(b"\0", end + 1)
        if end < 0 or stop < 0 or len(entries) >= MAX_FILES:
            return entries, position, False
        head = diff[position:end]
        status = chr((head.rpartition(b" ")[2] or b"?")[0])
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
        return max(-_MAX_TIME, min(_MAX_TIME, int(text)))
    except ValueError:
        return 0
