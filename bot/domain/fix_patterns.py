"""Patterns of what had to be repaired: causes of fixes, missing tests, forgotten options, flaky tests, CI. Snapshots.

Every number can be counted again with git: the commits are named. Titles are text of strangers. docs/patterns.md says
how each is found. No pattern is about a person.
"""

from dataclasses import dataclass

from bot.domain.history import PastCommit


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPart:
    """Fixes that share something: a function, or a file.

    name: the function or the path. fixes: how many there are. newest: at most 3 of them.
    """

    name: str
    fixes: int
    newest: tuple[PastCommit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A change that had to be repaired soon. days: from the change to its repair."""

    change: PastCommit
    repair: PastCommit
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FixCause:
    """What the titles of many fixes name, and of few other changes.

    path: the file; empty for all production code.
    words: one to three words that name the same matter, the most frequent first.
    changes, fixes: the changes with one of these words in the title, and how many of them are fixes.
    changes_year, fixes_year: of the last 365 days.
    rest_changes, rest_fixes: the other changes of the path.
    tested: fixes that changed a test too.
    repaired: what they repaired at most 30 days after it was changed, newest first.
    functions: what the fixes changed most. files: the files, if the path is empty.
    commits: the fixes, newest first, at most 60.
    untested: the newest of the last two years that changed no test, at most 5.
    tests: the files of tests that changed with them, else with the file; at most 2.
    others: the changes that name it and are no fixes, newest first, at most 60.
    """

    path: str
    words: tuple[str, ...]
    changes: int
    fixes: int
    changes_year: int
    fixes_year: int
    rest_changes: int
    rest_fixes: int
    tested: int
    repaired: tuple[Repaired, ...] = ()
    functions: tuple[FixedPart, ...] = ()
    files: tuple[FixedPart, ...] = ()
    commits: tuple[PastCommit, ...] = ()
    untested: tuple[PastCommit, ...] = ()
    others: tuple[PastCommit, ...] = ()
    tests: tuple[FixedPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedFunction:
    """A function that many fixes changed. It is a count, and not compared with others.

    fixes: of the last two years. fixes_year: of the last 365 days. tested: those that changed a test too.
    commits: the fixes, newest first, at most 60.
    untested: the newest that changed no test, at most 5. tests: the files of tests, as in `FixCause`.
    """

    path: str
    name: str
    fixes: int
    fixes_year: int
    tested: int
    commits: tuple[PastCommit, ...] = ()
    untested: tuple[PastCommit, ...] = ()
    tests: tuple[FixedPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UntestedFixes:
    """A file whose fixes come without a test more often than the fixes of other files.

    fixes, tested: of the last two years, and how many of them changed a test too. fixes_year: of the last 365 days.
    rest_fixes, rest_tested: the fixes of the other production code.
    repaired: changes of the file that a fix repaired at most 30 days later, newest first.
    functions: what the fixes changed most. commits: the fixes without a test, newest first, at most 60.
    tests: the files of tests, as in `FixCause`.
    """

    path: str
    fixes: int
    tested: int
    fixes_year: int
    rest_fixes: int
    rest_tested: int
    repaired: tuple[Repaired, ...] = ()
    functions: tuple[FixedPart, ...] = ()
    commits: tuple[PastCommit, ...] = ()
    tests: tuple[FixedPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LateName:
    """A name that came to one file, and later or never to another one.

    brought: the change that brought it. added: the one that added it to the other file; None if it is still missing.
    """

    name: str
    brought: PastCommit
    added: PastCommit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenNames:
    """Options that a file of code defines and another file lists, and that the latter gets too late.

    source, listing: the paths.
    brought: the options that the source got in the period and still has.
    in_time: those that the listing had at once or before.
    late: those that it got in a later change, the newest first.
    missing: those that it still lacks, newest first; without those that no listing of the source has, if there are
        several: they are meant to be unknown.
    lacking: options that the listing lacks although it has nearly all others, whenever they came; sorted.
    common: the options that both have.
    repairs: the changes that added late names, newest first.
    """

    source: str
    listing: str
    brought: int
    in_time: int
    late: tuple[LateName, ...] = ()
    missing: tuple[LateName, ...] = ()
    lacking: tuple[str, ...] = ()
    common: int = 0
    repairs: tuple[PastCommit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyTests:
    """Changes of tests whose titles call them flaky.

    repairs, repairs_before: of the last 365 days, and of the 365 days before.
    files: the tests that were repaired most.
    commits: the repairs of the last 365 days, newest first, at most 60.
    unsought: whether no file of the CI runs at set times or repeats tests that failed.
    """

    repairs: int
    repairs_before: int
    files: tuple[FixedPart, ...] = ()
    commits: tuple[PastCommit, ...] = ()
    unsought: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRepairs:
    """A file of the CI or of the release that is repaired soon after it was changed.

    changes: of the last 365 days. repaired: those that a change with such a title followed within three days.
    untried: whether most of its changes come by pull requests, and these cannot run it.
    """

    path: str
    changes: int
    repaired: tuple[Repaired, ...] = ()
    untried: bool = False
