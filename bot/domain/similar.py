"""What is like a change: past changes of the default branch, issues, and other pull requests.

Text is that of strangers: show it through `bot.text` only.
"""

from dataclasses import dataclass

from bot.domain.history import PastCommit


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarChange:
    """A past change that is like the analyzed one.

    when: Unix seconds.
    number: of its pull request, if its subject names it.
    score: 0 to 1; the probability that an author would have named it in the message (docs/language.md).
    text: how alike the titles are, 0 to 1.
    files: of the changed files, those that it changed too.
    lines: of the lines at and around the changed ones, how many it wrote.
    replaced: of the lines that are changed or deleted, how many it wrote.
    fixes: its later fixes within 90 days, oldest first.
    reverted: by what and when, if it was.
    """

    sha: str
    when: int
    subject: str
    number: int | None
    score: float
    text: float
    files: tuple[str, ...] = ()
    lines: int = 0
    replaced: int = 0
    fixes: tuple[PastCommit, ...] = ()
    reverted: PastCommit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItem:
    """An issue that a change seems to resolve, or another pull request that seems to do the same.

    score: how alike the texts are, 0 to 1.
    """

    number: int
    title: str
    is_pull: bool
    is_open: bool
    score: float


@dataclass(frozen=True, slots=True)
class Similar:
    """What is like a change, the most alike first."""

    changes: tuple[SimilarChange, ...] = ()
    items: tuple[SimilarItem, ...] = ()
