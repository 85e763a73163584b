"""`ignore` patterns match what git's own `.gitignore` matches, and no pattern takes long."""

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.analysis.ignored import Ignored

WORDS = [
    "a",
    "b",
    "ab",
    "*",
    "**",
    "?",
    "/",
    "/**/",
    "**/",
    "/*",
    "/**",
    ".",
    "!",
    "[ab]",
    "[!b]",
    "[a-",
    "]",
    "\\",
    "\\*",
]
LINES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map("".join), min_size=1, max_size=5)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "aab", ".", "a*b", "]"]), min_size=1, max_size=5).map("/".join)


def git_ignores(folder: Path, lines: list[str], path: str) -> bool:
    """What git says of a path; the file need not exist."""
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info/exclude").write_text("".join(f"{line}\n" for line in lines))
    where = ("--git-dir=.", f"--work-tree={folder / 'work'}")
    argv = ["git", *where, "check-ignore", "--no-index", "-q", "-z", "--stdin"]
    done = subprocess.run(argv, cwd=folder, input=f"{path}\0".encode(), capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode == 0


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository whose exclude file is the list of patterns."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run(["git", "init", "-q", "--bare", "--template=", "."], cwd=folder, check=True)
    (folder / "work").mkdir()
    return folder


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, PATHS)
def test_git_agrees(bare: Path, lines: list[str], path: str) -> None:
    path = path.replace(".", "c.d")  # "." is no name of a file
    assert (path in Ignored(lines)) is git_ignores(bare, lines, path)


@pytest.mark.parametrize(
    ("lines", "path", "ignored"),
    [
        (["*.py", "!keep.py"], "deep/keep.py", False),
        (["build/", "!build/keep.py"], "build/keep.py", True),
        (["build/*", "!build/keep.py"], "build/keep.py", False),
        (["/docs/**"], "docs/a/b", True),
        (["docs/*.md"], "other/docs/a.md", False),
        (["# comment", "", "  "], "comment", False),
        ([r"\#a", r"\!b"], "#a", True),
        (["a  "], "a", True),
        (["a\\  "], "a ", True),
        (["[[:digit:]]x"], "7x", True),
        (["[[:nothing:]]x"], "7x", False),
        (["é?"], "éü", True),
        (["[à-ý]b"], "éb", True),
        (["[b-a]"], "b", True),
        (["a"], "a/b\nc", True),
    ],
)
def test_what_is_ignored(lines: list[str], path: str, ignored: bool) -> None:
    assert (path in Ignored(lines)) is ignored


@pytest.mark.parametrize(
    "lines",
    [
        ["*a" * 12 + "b"],
        ["*a" * 12 + "b"] * 200,
        ["*a" + "?" * 197] * 200,
        ["**/" * 60 + "b"] * 200,
        ["*[!b]" * 19 + "b"] * 200,
        ["[[:alpha:]]" * 18] * 200,
    ],
)
def test_a_hostile_list_costs_little(lines: list[str]) -> None:
    patterns, paths = Ignored(lines), [f"{'a' * 70}{index}" for index in range(100)]
    begin = time.process_time()
    assert [path for path in paths if path in patterns] == []
    assert time.process_time() - begin < 0.5


def test_beyond_the_bound_nothing_is_ignored() -> None:
    patterns, path = Ignored(["*a" + "?" * 197] * 200), "ab" * 50_000
    begin = time.process_time()
    assert [path in patterns for _ in range(100)] == [False] * 100
    assert time.process_time() - begin < 5
