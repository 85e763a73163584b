"""CODEOWNERS files are read as GitHub documents them, and no file takes long, whoever wrote it."""

import time

import pytest
from codeowners import path_to_regex
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.code_owners import CodeOwners

# docs.github.com, "About code owners", "Example of a CODEOWNERS file".
DOCUMENTED = """
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.c", ("@global-owner1", "@global-owner2")),
        ("deep/er/a.js", ("@js-owner",)),
        ("a.go", ("docs@example.com",)),
        ("a.txt", ("@octo-org/octocats",)),
        ("build/logs/a", ("@octocat",)),
        ("lib/build/a", ("@global-owner1", "@global-owner2")),
        ("lib/docs/a.c", ("@global-owner1", "@global-owner2")),
        ("docs/a/b.c", ("@doctocat",)),
        ("lib/apps/a", ("@octocat",)),
        ("scripts/a", ("@doctocat", "@octocat")),
        ("deeply/nested/logs/a", ("@octocat",)),
        ("apps/a", ("@octocat",)),
        ("apps/github", ()),
        ("apps/github/a", ()),
    ],
)
def test_the_documented_example(path: str, owners: tuple[str, ...]) -> None:
    assert CodeOwners(DOCUMENTED).of(path) == owners


@pytest.mark.parametrize(
    ("pattern", "owned", "not_owned"),
    [
        ("docs/*", "docs/a.md", "docs/deep/a.md"),
        ("docs/*", "docs/a b.md", "other/docs/a.md"),
        ("docs/**", "docs/deep/a.md", "other/docs/a.md"),
        ("/docs", "docs/deep/a.md", "other/docs/a.md"),
        ("docs/", "other/docs/a.md", "other/docs"),
        ("/*", "a.md", "docs/a.md"),
        ("/apps/*/main.c", "apps/a/main.c", "apps/a/b/main.c"),
        ("/apps/**/main.c", "apps/a/b/main.c", "apps/a/main.cc"),
        ("/apps/**/main.c", "apps/main.c", "main.c"),
        ("**/test/**/*.c", "a/test/b/c/d.c", "a/test.c"),
        ("a?.c", "lib/ab.c", "lib/a/b.c"),
        ("*a*", "lib/xaax/b", "lib/b"),
        ("ab*ba", "abba", "aba"),
        ("*a.c", "aa.c", "aa.cc"),
        ("main", "main/a b", "main a/b"),
        (r"my\ file.txt", "docs/my file.txt", "docs/my/file.txt"),
        (r"/my\ docs/*\ b", "my docs/a b", "docs/a b"),
        (r"a\*b", "a*b", "axb"),
        ("a+(b).c", "a+(b).c", "aab.c"),
        ("README.md", "docs/README.md", "readme.md"),
    ],
)
def test_what_a_pattern_matches(pattern: str, owned: str, not_owned: str) -> None:
    rules = CodeOwners(f"{pattern} @a")
    assert (rules.of(owned), rules.of(not_owned)) == (("@a",), ())


@pytest.mark.parametrize(
    "line",
    ["!a.c @b", "[ab].c @b", "a.[ch] @b", "[Section]", "[Section] @b", "a.c] @b", r"\#a.c @b", "a.c\\", "a.c nobody",
     "a.c @b nobody", "# a.c @b", "   # @b", "", "\0", "a" * 501 + " @b"],
)  # fmt: skip
def test_lines_that_github_skips_change_nothing(line: str) -> None:
    rules = CodeOwners(f"*.c @a\n{line}\n")
    assert len(rules) == 1
    assert rules.of("a.c") == ("@a",)


def test_the_last_rule_that_matches_decides_and_may_name_nobody() -> None:
    rules = CodeOwners(
        "* @all # everyone, @nobody too\n/docs/ @writers\n*.py @python someone@example.org\n/app/free.py\n!x @no\n\n"
    )
    assert rules.of("a.txt") == ("@all",)
    assert rules.of("docs/a.txt") == ("@writers",)
    assert rules.of("deep/er/a.py") == ("@python", "someone@example.org")
    assert rules.of("app/free.py") == ()


def test_a_long_file_is_read_up_to_a_line() -> None:
    assert len(CodeOwners("*.c @a\n" * 5_000)) == 1_000


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*" * 20 + "b", "a" * 4_000),
        ("*a" * 20 + "b", "a" * 4_000),
        ("/" + "*a" * 20 + "b", "a" * 4_000),
        ("**/" * 10 + "b", "a/" * 2_000 + "a"),
        ("**/a/" * 10 + "b", "a/" * 2_000 + "a"),
        ("**/*a*a/" * 5 + "b", ("a" * 50 + "/") * 80 + "a"),
        ("a/" * 20 + "**/" + "a/" * 200 + "b", "a/" * 2_000),
        ("*a*/" * 10 + "b", ("a" * 200 + "/") * 20 + "a"),
        (r"*\ " * 20 + "b", " " * 4_000),
    ],
)
def test_a_hostile_pattern_is_answered_at_once(pattern: str, path: str) -> None:
    rules = CodeOwners(f"{pattern} @a")
    assert len(rules) == 1
    begin = time.process_time()
    assert rules.of(path) == ()
    assert time.process_time() - begin < 0.3


PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "**", "?", "/", "/**/", "**/", "/*", "."]), min_size=1, max_size=9)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "aab", "ba", ".", "abab"]), min_size=1, max_size=6)


@given(PATTERNS.map("".join).filter(lambda pattern: "***" not in pattern), PATHS.map("/".join))
def test_bounded_time_changes_no_answer(pattern: str, path: str) -> None:
    """`codeowners` translates to regular expressions; `***` is what it reads in another way than git."""
    expected = bool(path_to_regex(pattern).search(path))
    assert (CodeOwners(f"{pattern} @a").of(path) == ("@a",)) is expected
