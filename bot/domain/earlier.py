"""Earlier commits with their changed lines: fixes, reverts and security work on the files of a change.

Text is that of strangers: show it through `bot.text` only.
"""

import re
from dataclasses import dataclass, field

from bot.domain.history import PastCommit

_SECURITY = re.compile(
    r"(?i)\b(secur\w+|vulnerab\w+|cve-\d{4}-\d+|ghsa-\w{4}|injections?|inject|zizmor|bandit|harden\w*|unsafe\w*"
    r"|sanitiz\w+|xss|csrf|ssrf|exploit\w*|untrusted|malicious|attack\w*)\b"
)


def is_about_security(message: str) -> bool:
    """Return whether a part of a commit message says that the commit is about security."""
    return _SECURITY.search(message) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierFile:
    """A file in an earlier commit.

    path: at the merge base of the change if the file was renamed since; else as in the commit.
    status: git's status letter.
    added, deleted: the texts of the lines in the order of the file, without line ends.
    """

    path: str
    status: str = "M"
    added: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierCommit:
    """A commit of the default branch before the merge base.

    when: Unix seconds.
    body: the first lines of the message below the subject.
    is_fix: whether it corrects a fault of production code.
    is_revert: whether it reverts a change and was not reverted itself.
    is_clearing: whether its message is about security, or it is a fix; it may be older than a year.
    issues: the numbers of issues that it closes.
    pull: the number of its pull request, if its message names it.
    reverts: the commits that it reverts, where they are known.
    same_author: whether the author of the change wrote it.
    """

    sha: str
    when: int
    subject: str
    body: str = ""
    is_fix: bool = False
    is_revert: bool = False
    is_clearing: bool = False
    issues: tuple[int, ...] = ()
    pull: int | None = None
    reverts: tuple[PastCommit, ...] = ()
    same_author: bool = False
    files: tuple[EarlierFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the repository's past says of the files of a change.

    commits: the earlier commits, newest first.
    message: the title and the commit messages of the change.
    """

    commits: tuple[EarlierCommit, ...] = field(default=())
    message: str = ""
