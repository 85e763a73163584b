"""Whether two heads stand on commits of one another that their base does not have yet."""

from pathlib import Path

from bot.git.run import checked_sha, git


async def share_commits(repository: Path, one: str, other: str, merge_base: str) -> bool:
    """Whether `one` and `other` have commits in common that `merge_base` (of `one` and its base) cannot reach: one of
    them is built upon the other, or both on a third. Raises GitError when a commit is missing.
    """
    common = (await git(repository, "merge-base", checked_sha(one), checked_sha(other))).decode().strip()
    own = ("rev-list", "--max-count=1", "--end-of-options", checked_sha(common), f"^{checked_sha(merge_base)}")
    return bool((await git(repository, *own)).strip())
