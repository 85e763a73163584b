"""Checks whether two heads have unmerged commits in common."""

from pathlib import Path

from bot.git.run import checked_sha, git


async def share_commits(repository: Path, head: str, other: str, merge_base: str) -> bool:
    """Return whether `head` contains `other`, or both have commits in common that `merge_base` cannot reach.

    This is the case if one is built on the other, or both on a third branch, or if `other` is merged already.
    merge_base: the merge base of `head` and its base branch.
    Raises GitError if a commit is missing.
    """
    common = (await git(repository, "merge-base", checked_sha(head), checked_sha(other))).decode().strip()
    if common == other:
        return True
    own = ("rev-list", "--max-count=1", "--end-of-options", checked_sha(common), f"^{checked_sha(merge_base)}")
    return bool((await git(repository, *own)).strip())
