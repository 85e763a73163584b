"""The kind of a change by its message, and the other values of a message."""

import time

import pytest

from bot.domain.kinds import Kind
from bot.history.messages import read_message


@pytest.mark.parametrize(
    "subject",
    [
        "fix: x", "Fix(core)!: x", "Fix crash on empty input", "Fixed #12", "bugfix for y",
        "Resolve memory leak in pool",
        "Handle None (fixes a regression)",
        "Fix race condition in reader (#123)", "hotfix: z", "Fix url quoting in redirects", "Fix import of nothing",
        "Fix the format of dates",
        "Fix sending of files (fixes #9)", "fix gh-9", "Split the pool to fix #12", "Fix crash in the tests' server",
        "Avoid deadlock",
    ],
)  # fmt: skip
def test_fixes(subject: str) -> None:
    assert read_message(subject).kind is Kind.FIX


@pytest.mark.parametrize(
    "subject",
    [
        "Fix typo", "fix instanciate -> instantiate typo", "Documentation & docstring fixes",
        "Fix links (#12)", "fix the import order", "Fix some unused names",
        "fix typos in docs", "tidy-up: apply clang-format fixes", "Fixed a compilation warning from f2d234a",
        "Fix lint", "fix flake8 errors", "Fix the formatting", "Fix docs build",
        "fix broken test", "Fix CI", "fix(docs): wrong word", "docs: fix example", "test: fix flaky",
        "feat: debug view",
        "Add prefix to names", "Debugging page", "chore: fix",
        "Fix line length", "pep8 fixes", "Apply clippy fixes (#2864)", "Fix warnings, sort imports",
        "Fix deploy (#2337)", "Fixed some cookie specs",
        "Added text wrapping. (Fixes #54)",
        "Update fixture", "Suffix handling", "ci: fix crash", "Fixture",
    ],
)  # fmt: skip
def test_messages_that_are_no_fixes(subject: str) -> None:
    assert read_message(subject).kind is not Kind.FIX


@pytest.mark.parametrize(
    "subject",
    [
        "0.74.0", "v1.2.3", "Release 24.1.0 (#4000)", "Bump version to 8.1.4.dev0", "chore(release): 1.2.3",
        "Prepare release 2.0", "[0.9]", "release: twisted 22.10.0rc1", "Version 3.1", "Bump to v0.7.3", "aiohttp-3.1a1",
        "Prepare for the 1.0 release", "[maven-release-plugin] prepare release gson-parent-2.13.2",
        "[maven-release-plugin] prepare for next development iteration", "Prepare for next development version",
        "Back to development: 8.1.3", "Post-release bump",
        "[Gradle Release Plugin] - new version commit:  '1.2-SNAPSHOT'.",
    ],
)  # fmt: skip
def test_releases(subject: str) -> None:
    assert read_message(subject).kind is Kind.RELEASE


@pytest.mark.parametrize(
    "subject",
    [
        "Bump requests to 2.3 in setup.py",
        "Support Python 3.12",
        "Fix 3.1 regression",
        "Drop 2.7",
        "Prepare the development server",
        "Set the version of the protocol",
        "Release the lock before the next iteration",
        "Add v2 of it",
        "1.2" + "." * 200,
    ],
)
def test_a_version_within_a_sentence_is_no_release(subject: str) -> None:
    assert read_message(subject).kind is not Kind.RELEASE


def test_a_closed_issue_alone_is_no_fix() -> None:
    closed = read_message("Handle None\n\nCloses #4, resolves owner/name#5. Fixed is nothing.")
    assert closed.issues == (4, 5) and closed.kind is Kind.OTHER
    fixed = read_message("Handle None\n\nFixes: #6\nfixes https://github.com/a/b/issues/7")
    assert fixed.issues == (6, 7) and fixed.kind is Kind.OTHER  # as common for features
    assert read_message("Print once (fixes #9)").kind is Kind.OTHER
    assert read_message("Add a page\n\nFixes #6").kind is Kind.FEATURE


def test_a_merge_has_the_kind_of_its_pull_request() -> None:
    merged = read_message("Merge pull request #9 from a/b\n\nFix crash", merge=True)
    assert merged.subject == "Fix crash" and merged.kind is Kind.FIX
    assert read_message("Merge branch 'x'", merge=True).kind is Kind.MERGE


def test_co_authors_and_reverts() -> None:
    text = 'Revert "x"\n\nThis reverts commit 0123456789.\n\nCo-authored-by: A "B" <C> <a@b>\nco-authored-by: D <d@e>\n'
    read = read_message(text)
    assert read.undone.shas == ("0123456789",) and read.kind is Kind.REVERT
    assert read.co_authors == (("D", "d@e"),)


def test_an_empty_message() -> None:
    assert read_message("").kind is Kind.OTHER
    assert read_message("\n\n \n").subject == ""


@pytest.mark.parametrize(
    "text",
    [
        "Revert" + " " * 200_000,
        "Revert\n" + "\u2003" * 200_000 + "x",
        "x\nreverts commit" + " \n" * 100_000,
        "Co-authored-by: a" + " " * 200_000 + "x",
        "fix " + "a " * 100_000,
        "Merged in " + "a " * 100_000,
    ],
    ids=range(6),
)
def test_long_messages_are_read_in_time(text: str) -> None:
    began = time.process_time()
    read_message(text)
    assert time.process_time() - began < 1


def test_a_long_gap_separates_as_a_short_one() -> None:
    message = read_message("Revert" + " " * 40 + '"fix: a"' + "\n" * 40 + "This reverts commit " + "ab12" * 10 + ".\n")
    assert (message.undone.subject, message.undone.shas) == ("fix: a", ("ab12" * 10,))
