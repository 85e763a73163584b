"""Reads single files, revisions and commits from a bare repository."""

from dataclasses import dataclass
from pathlib import Path

from bot.git.log import known_time
from bot.git.run import GitError, MissingObject, checked_sha, git
from bot.git.shallow import HistoryCut
from bot.process import MIB

_MAX_FILE = 16 * MIB


async def resolve(repository: Path, revision: str) -> str | None:
    """Return the sha of the commit that a revision names, or None. An untrusted revision is never an option."""
    try:
        found = await git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitError:
        return None
    return found.decode().strip() or None


async def read_text(repository: Path, commit: str, path: str, max_bytes: int) -> str | None:
    """Return a text file of a commit, or None if it is missing, is no regular file, or is larger than 16 MB.

    The text is cut to `max_bytes` + 1 bytes, so that the caller can detect a longer file.
    Raises MissingObject if a partial clone lacks the file, and GitError.
    """
    entry = await git(repository, "ls-tree", "-z", "-l", "--end-of-options", checked_sha(commit), "--", path)
    fields = entry.split(b"\t", 1)[0].split()
    if len(fields) != 4 or fields[0] not in {b"100644", b"100755"}:
        return None
    if not fields[3].isdigit():  # git says `BAD` for the size of a missing object
        raise MissingObject(f"git ls-tree: the clone lacks {path}")
    if int(fields[3]) > _MAX_FILE:
        return None
    content = await git(repository, "cat-file", "blob", checked_sha(fields[2].decode()))
    return content[: max_bytes + 1].decode("utf-8", "replace")


async def parent_of(repository: Path, commit: str) -> str | None:
    """Return the sha of the first parent, or None for a root commit.

    Raises HistoryCut if the commit has a parent that the clone lacks.
    """
    if found := await resolve(repository, f"{checked_sha(commit)}^1"):
        return found
    header, _, _ = (await git(repository, "cat-file", "commit", checked_sha(commit))).partition(b"\n\n")
    if b"\nparent " in header:
        raise HistoryCut(commit)
    return None


@dataclass(frozen=True, slots=True)
class CommitHead:
    """The metadata of a commit.

    author: the author's name and mail address.
    when: the committer time in Unix seconds; None if the commit has no known date.
    subject: the first line of the message.
    """

    author: tuple[str, str]
    when: int | None
    subject: str


async def commit_of(repository: Path, commit: str) -> CommitHead:
    """Return the metadata of a commit. Raises GitError if it is missing."""
    form = "--format=%an%x00%ae%x00%ct%x00%s"
    options = ("-1", form, "--encoding=UTF-8", "--no-show-signature", "--no-mailmap", "--no-patch")
    output = await git(repository, "log", *options, "--end-of-options", checked_sha(commit))
    name, email, when, subject = output.split(b"\0", 3)
    ident = (name.decode("utf-8", "replace"), email.decode("utf-8", "replace"))
    return CommitHead(ident, known_time(when), subject.decode("utf-8", "replace").strip())
