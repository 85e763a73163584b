"""Single files and names out of a bare repository."""

from dataclasses import dataclass
from pathlib import Path

from bot.git.run import GitError, checked_sha, git
from bot.process import MIB

_ABSURD = 16 * MIB


async def resolve(repository: Path, revision: str) -> str | None:
    """The commit that a revision names, or None. The revision may be a stranger's: it is never read as an option."""
    try:
        found = await git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitError:
        return None
    return found.decode().strip() or None


async def read_text(repository: Path, commit: str, path: str, max_bytes: int) -> str | None:
    """A text file at a commit, cut after max_bytes and one more, so that the reader can tell; None when it is not
    there, is no regular file, or is absurdly large.
    """
    entry = await git(repository, "ls-tree", "-z", "-l", "--end-of-options", checked_sha(commit), "--", path)
    fields = entry.split(b"\t", 1)[0].split()
    if len(fields) != 4 or fields[0] not in {b"100644", b"100755"} or int(fields[3]) > _ABSURD:
        return None
    content = await git(repository, "cat-file", "blob", checked_sha(fields[2].decode()))
    return content[: max_bytes + 1].decode("utf-8", "replace")


async def parent_of(repository: Path, commit: str) -> str | None:
    """The first parent, None for a root commit."""
    return await resolve(repository, f"{checked_sha(commit)}^1")


@dataclass(frozen=True, slots=True)
class CommitHead:
    """What a commit says of itself. author: name and address; when: Unix seconds, of the committer."""

    author: tuple[str, str]
    when: int
    subject: str


async def commit_of(repository: Path, commit: str) -> CommitHead:
    """The head of a commit. Raises GitError when it is not there."""
    form = "--format=%an%x00%ae%x00%ct%x00%s"
    options = ("-1", form, "--no-show-signature", "--no-mailmap", "--no-patch")
    said = await git(repository, "log", *options, "--end-of-options", checked_sha(commit))
    name, email, when, subject = said.decode("utf-8", "replace").split("\0", 3)
    return CommitHead((name, email), int(when), subject.strip())
