"""Shallow clones: which commits have parents that the clone lacks (git-clone(1), `--depth`)."""

from pathlib import Path

from bot.errors import GiveUp
from bot.git.run import SHA, GitError, checked_sha, git

_MAX_BYTES = 16 * 1024 * 1024


class HistoryCut(GiveUp):
    """A shallow clone does not contain the commit that a head must be compared with."""

    def __init__(self, head: str, base: str | None = None) -> None:
        compared = f"a common ancestor of {head[:10]} and {base[:10]}" if base else f"the parent of {head[:10]}"
        super().__init__(
            f"The history of this clone is cut off (a shallow clone): it does not contain {compared}, so nobody can "
            "tell what was changed. Run `git fetch --unshallow`, or set `fetch-depth: 0` for actions/checkout."
        )


def is_shallow(repository: Path) -> bool:
    """Return whether the repository is a shallow clone. repository: its git directory, or that of a worktree."""
    return shallow_file(repository).is_file()


def cut_commits(repository: Path) -> frozenset[str]:
    """Return the commits that git takes for root commits because the clone lacks their parents."""
    try:
        with shallow_file(repository).open(encoding="ascii", errors="replace") as file:
            return frozenset(line for line in file.read(_MAX_BYTES).split() if SHA.fullmatch(line))
    except OSError:
        return frozenset()


def shallow_file(repository: Path) -> Path:
    """Return the path of the file `shallow`. A linked worktree shares that of its repository (`commondir`)."""
    try:
        common = (repository / "commondir").read_text(encoding="utf-8", errors="surrogateescape").removesuffix("\n")
    except OSError:
        return repository / "shallow"
    return repository / common / "shallow"


async def common_ancestor(repository: Path, base: str, head: str) -> str | None:
    """Return the best common ancestor of two commits, or None if their histories are unrelated.

    Raises HistoryCut if there is none because the history was cut off, and GitError if a commit is missing.
    """
    shas = (checked_sha(base), checked_sha(head))
    try:
        return (await git(repository, "merge-base", *shas)).decode().split()[0]
    except GitError as failure:
        if failure.status != 1:  # git-merge-base(1): 1 if there is no common ancestor
            raise
    if cut := cut_commits(repository):
        roots = await git(repository, "rev-list", "--max-parents=0", "--end-of-options", *shas)
        if not cut.isdisjoint(roots.decode().split()):
            raise HistoryCut(head, base)
    return None
