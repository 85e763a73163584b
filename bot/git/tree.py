"""Reads all or some files of a commit as added `FileChange`s, within limits on files and bytes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot import paths
from bot.domain.files import FileChange, FileStatus, Hunk
from bot.git.change import MAX_LOCK_TEXT, MAX_PATH, MAX_TEXT, NOT_HERE, texts
from bot.git.contents import content_reason, decoded
from bot.git.linguist import UNMARKED, LinguistMarks, path_reason, read_marks
from bot.git.run import checked_sha, git
from bot.paths import path_text
from bot.process import MIB

_MAX_LISTING = 128 * MIB
_LINK, _SUBMODULE = b"120000", b"160000"


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a commit. left_out: why its text is not read; None: it is read. marks: from `.gitattributes`."""

    path: str
    oid: str
    size: int
    left_out: str | None
    marks: LinguistMarks = UNMARKED


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files to read, and those that are left out.

    files: the files within the limits.
    left_out: the number of other files by reason.
    named: the path and the reason of the first of them.
    """

    files: list[TreeFile] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    named: list[tuple[str, str]] = field(default_factory=list)


async def list_tree(repository: Path, commit: str) -> list[TreeFile]:
    """Return all files of a commit in git's order, without paths that no system can check out. Raises GitError."""
    arguments = ("ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", checked_sha(commit))
    listing = await git(repository, *arguments, max_output=_MAX_LISTING)
    every = (entry.partition(b"\t") for entry in listing.split(b"\0") if entry)
    entries = [entry for entry in every if len(entry[2]) <= MAX_PATH]
    marks = await read_marks(repository, commit, [name for _, _, name in entries])
    return [_tree_file(facts, name, marks.get(name, UNMARKED)) for facts, _, name in entries]


def _tree_file(facts: bytes, name: bytes, marks: LinguistMarks) -> TreeFile:
    mode, _, oid, size = facts.split()
    path = path_text(name)
    number = int(size) if size.isdigit() else 0
    return TreeFile(path, oid.decode(), number, _reason(mode, path, number, marks), marks)


def _reason(mode: bytes, path: str, size: int, marks: LinguistMarks) -> str | None:
    if mode == _SUBMODULE:
        return "submodule"
    if mode == _LINK:
        return "symbolic link"
    limit = MAX_LOCK_TEXT if paths.is_lock(path) else MAX_TEXT
    if size > limit:
        return f"larger than {limit // 1024} KB"
    return path_reason(path, marks)


def choose(
    files: Iterable[TreeFile], rank: Callable[[TreeFile], object], *, most: int, most_bytes: int, named: int = 200
) -> Chosen:
    """Return the first files by rank that are within the limits.

    most: the maximum number of files.
    most_bytes: the maximum number of bytes of all of them.
    named: the maximum number of files in `Chosen.named`.
    """
    chosen, total = Chosen(), 0
    for file in sorted(files, key=rank):  # type: ignore[arg-type]
        reason = file.left_out
        if reason is None and len(chosen.files) >= most:
            reason = f"beyond the first {most:,} files"
        if reason is None and total + file.size > most_bytes:
            reason = f"beyond the first {most_bytes // MIB} MB of text"
        if reason is None:
            chosen.files.append(file)
            total += file.size
            continue
        chosen.left_out[reason] = chosen.left_out.get(reason, 0) + 1
        if len(chosen.named) < named:
            chosen.named.append((file.path, reason))
    return chosen


async def read_files(repository: Path, files: Sequence[TreeFile]) -> tuple[FileChange, ...]:
    """Return the files with their texts, as added files. Raises GitError."""
    contents = await texts(repository, sorted({file.oid for file in files if file.left_out is None}))
    return tuple(_added(file, contents.get(file.oid)) for file in files)


def _added(file: TreeFile, content: bytes | None) -> FileChange:
    reason = file.left_out or (NOT_HERE if content is None else content_reason(file.path, content, file.marks))
    if reason is not None or content is None:
        return FileChange(path=file.path, status=FileStatus.ADDED, left_out=reason)
    text = decoded(content)
    lines = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
    hunks = (Hunk(0, 0, 1, lines),) if lines else ()
    return FileChange(path=file.path, status=FileStatus.ADDED, hunks=hunks, after=text, added=lines, deleted=0)
