"""Reads a change (head against merge base) as `FileChange`s with hunks and both texts.

All contents are read from the object store of a bare repository by object id. Nothing is checked out. Symbolic links
are not followed and submodules are not entered.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bot import paths
from bot.domain.change import LeftOut
from bot.domain.files import FileChange, FileStatus
from bot.git.contents import compared, content_reason, decoded, is_binary, is_utf16
from bot.git.gaps import MAX_PLACEHOLDERS, placeholders
from bot.git.linguist import UNMARKED, LinguistMarks, path_reason, read_marks
from bot.git.parse import DiffOutput, RawEntry, parse_diff
from bot.git.run import EMPTY_TREES, GitError, checked_sha, git, is_null
from bot.git.shallow import common_ancestor
from bot.paths import path_text
from bot.process import MIB

MAX_FILES = 1_000
MAX_TEXT = 512 * 1024
MAX_LOCK_TEXT = 8 * MIB
MAX_ALL_TEXTS = 64 * MIB
_MAX_PATCH = 48 * MIB
_RAW = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
_PATCH = (
    "diff-tree", "-r", "-z", "--raw", "--numstat", "--no-abbrev", "--no-ext-diff", "--no-textconv", "-M", "-p", "-U0",
    "--full-index", "--no-color", "--no-relative", "--diff-algorithm=myers", "--indent-heuristic",
    "--inter-hunk-context=0", "--ignore-submodules=none", "--submodule=short",
)  # fmt: skip
NOT_HERE = "not in this clone"
# No system can check out a longer one (PATH_MAX of Linux), and each of its folders would cost time and memory here.
MAX_PATH = 4_096
TOO_LONG = f"its path is longer than {MAX_PATH:,} bytes"
_LINK, _SUBMODULE = "120000", "160000"
_STATUS = {
    "A": FileStatus.ADDED,
    "M": FileStatus.MODIFIED,
    "D": FileStatus.DELETED,
    "R": FileStatus.RENAMED,
    "T": FileStatus.TYPE_CHANGED,
}


@dataclass(frozen=True, slots=True)
class ChangeFiles:
    """The files of a change.

    merge_base: the commit that the head is compared with.
    files: all changed files.
    left_out: the files whose text is not read, each with the reason.
    """

    merge_base: str
    files: tuple[FileChange, ...]
    left_out: tuple[LeftOut, ...]


async def merge_base(repository: Path, base: str, head: str) -> str:
    """Return the best common ancestor, or the base if the histories are unrelated.

    base: a commit, or the empty tree for a history without a base.
    Raises HistoryCut if a shallow clone lacks the ancestor.
    """
    if base in EMPTY_TREES:
        return base
    return await common_ancestor(repository, base, head) or base


async def has_objects(repository: Path, shas: Iterable[str]) -> bool:
    """Return whether the repository has all these objects."""
    oids = list(shas)
    return None not in (await _sizes(repository, oids)).values() if oids else True


async def read_change(repository: Path, base: str, head: str) -> ChangeFiles:
    """Read the change of `head` against its merge base with `base`. Both are object ids.

    Attributes such as `-diff` have no effect: whether a file is text is decided by its content.
    Raises GitError if a commit or a tree is missing, HistoryCut if a shallow clone lacks the merge base, and ParseError
    if git's output has an unexpected form.
    """
    since = await merge_base(repository, base, head)
    diff = await _diff(repository, since, head)
    long = [entry for entry in diff.entries if len(entry.path) > MAX_PATH]
    diff = replace(diff, entries=tuple(entry for entry in diff.entries if len(entry.path) <= MAX_PATH))
    sizes = await _sizes(repository, sorted({oid for entry in diff.entries for oid in _ends(entry)}))
    marks = await read_marks(repository, since, [entry.path for entry in diff.entries])
    reasons = _reasons(diff, sizes, marks)
    needed = {oid for entry in diff.entries if entry.path not in reasons for oid in _ends(entry)}
    contents = await texts(repository, sorted(needed))
    files = tuple(
        _file_change(entry, diff, contents, reasons.get(entry.path), marks.get(entry.path, UNMARKED))
        for entry in diff.entries
    )
    left_out = [LeftOut(file.path, file.left_out) for file in files if file.left_out]
    left_out += [LeftOut(path_text(entry.path[:100]), TOO_LONG) for entry in long]
    return ChangeFiles(since, files, tuple(left_out))


def _ends(entry: RawEntry) -> list[str]:
    """Return the object ids of an entry at both ends, without the null id."""
    return [oid for oid in (entry.old_oid, entry.new_oid) if not is_null(oid)]


async def diff_with_hunks(repository: Path, since: str, head: str, files: Iterable[str] = ()) -> DiffOutput:
    """Return the diff of two trees, of the given files only if there are any. Raises GitError for a patch of 48 MB."""
    ends = ("--end-of-options", checked_sha(since), checked_sha(head), "--", *files)
    return parse_diff(await git(repository, *_PATCH, *ends, max_output=_MAX_PATCH))


async def _diff(repository: Path, since: str, head: str) -> DiffOutput:
    """Return the diff with hunks. If the patch is too large, return it without hunks.

    Missing objects of a partial clone cost the hunks of their own files only.
    """
    ends = ("--end-of-options", checked_sha(since), checked_sha(head))
    with suppress(GitError):
        return await diff_with_hunks(repository, since, head)
    without_hunks = parse_diff(await git(repository, *_RAW, *ends))
    blobs = {oid for entry in without_hunks.entries if _SUBMODULE not in _modes(entry) for oid in _ends(entry)}
    sizes = await _sizes(repository, sorted(blobs))
    if gaps := [oid for oid in sizes if sizes[oid] is None][: MAX_PLACEHOLDERS + 1]:
        with suppress(GitError), placeholders(gaps[:MAX_PLACEHOLDERS]) as env:
            return parse_diff(await git(repository, *_PATCH, *ends, max_output=_MAX_PATCH, env=env))
    return without_hunks


def _modes(entry: RawEntry) -> set[str]:
    return {entry.old_mode, entry.new_mode}


async def _sizes(repository: Path, oids: list[str]) -> dict[str, int | None]:
    """Return the size of each object in bytes; None for a missing object."""
    query = "".join(f"{checked_sha(oid)}\n" for oid in oids).encode()
    output = await git(repository, "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=query)
    sizes: dict[str, int | None] = {}
    for line in output.decode().splitlines():
        oid, size = line.split(" ", 1)
        sizes[oid] = int(size) if size.isdigit() else None
    return sizes


def _reasons(diff: DiffOutput, sizes: dict[str, int | None], marks: Mapping[bytes, LinguistMarks]) -> dict[bytes, str]:
    """Return why files are left out, by path. The text of every other file is read."""
    reasons: dict[bytes, str] = {}
    included = total = 0
    for entry in diff.entries:
        ends = [sizes.get(oid) or 0 for oid in _ends(entry)]
        reason = _reason(entry, sizes, marks.get(entry.path, UNMARKED))
        if reason is None and included >= MAX_FILES:
            reason = f"beyond the first {MAX_FILES} files"
        if reason is None and total + sum(ends) > MAX_ALL_TEXTS:
            reason = f"beyond the first {MAX_ALL_TEXTS // MIB} MB of text"
        if reason:
            reasons[entry.path] = reason
        else:
            included += 1
            total += sum(ends)
    return reasons


def _reason(entry: RawEntry, sizes: dict[str, int | None], marks: LinguistMarks) -> str | None:
    path = path_text(entry.path)
    if _SUBMODULE in _modes(entry):
        return "submodule"
    if _LINK in _modes(entry):
        return "symbolic link"
    ends = _ends(entry)
    if any(sizes.get(oid) is None for oid in ends):
        return NOT_HERE
    limit = MAX_LOCK_TEXT if paths.is_lock(path) else MAX_TEXT
    if max(sizes[oid] or 0 for oid in ends) > limit:
        return f"larger than {limit // 1024} KB"
    return path_reason(path, marks)


async def texts(repository: Path, oids: list[str]) -> dict[str, bytes]:
    """Return the contents of objects by id, without those that a partial clone lacks. Raises GitError."""
    if not oids:
        return {}
    query = "".join(f"{oid}\n" for oid in oids).encode()
    output = await git(repository, "cat-file", "--batch", stdin=query, max_output=2 * MAX_ALL_TEXTS)
    contents: dict[str, bytes] = {}
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        oid, *facts = output[position:end].decode().split(" ")
        position = end + 1
        if len(facts) == 2:  # type and size; otherwise `missing`
            contents[oid] = output[position : position + int(facts[1])]
            position += int(facts[1]) + 1
    return contents


def _file_change(
    entry: RawEntry, diff: DiffOutput, contents: dict[str, bytes], reason: str | None, marks: LinguistMarks
) -> FileChange:
    before, after = (contents.get(oid) for oid in (entry.old_oid, entry.new_oid))
    if reason is None and before is not None and is_binary(before):
        reason = "binary"
    reason = reason or content_reason(path_text(entry.path), after if after is not None else before, marks)
    added, deleted = diff.counts.get(entry.path, (None, None))
    old, new = (None if reason or content is None else decoded(content) for content in (before, after))
    hunks = diff.hunks.get((entry.old_oid, entry.new_oid), ())
    if reason is None and is_utf16(before, after):  # for git these are binary
        hunks = compared(old, new)
        added, deleted = sum(hunk.new_count for hunk in hunks), sum(hunk.old_count for hunk in hunks)
    return FileChange(
        path=path_text(entry.path),
        status=_STATUS.get(entry.status, FileStatus.MODIFIED),
        old_path=path_text(entry.old_path) if entry.status == "R" else None,
        hunks=hunks,
        before=old,
        after=new,
        added=added,
        deleted=deleted,
        left_out=reason,
        documentation=bool(marks.documentation),
    )
