"""Which names a change takes out of code, by language; what is no telling name; hostile lines."""

import time
from dataclasses import replace

import pytest

from bot.analysis.edits import replaced_word
from bot.analysis.places import is_written_here
from bot.analysis.removed_names import MAX_NAMES, removed_names
from bot.domain.files import FileChange, Hunk
from tests.analysis.changes import changed


def names(path: str, before: str, after: str = "") -> list[tuple[str, str]]:
    return [(one.name, one.kind.value) for one in removed_names([changed(path, before, after)])]


@pytest.mark.parametrize(
    ("path", "line", "name", "kind"),
    [
        ("a.py", "async def load_settings(x):", "load_settings", "function"),
        ("a.py", "class SettingsLoader(Base):", "SettingsLoader", "type"),
        ("a.py", "DEFAULT_SETTINGS: Final = 3", "DEFAULT_SETTINGS", "constant"),
        ("a.go", "func (s *Server) LoadSettings(x int) error {", "LoadSettings", "function"),
        ("a.rs", "pub(crate) async fn load_settings() {", "load_settings", "function"),
        ("a.rs", "pub struct SettingsLoader {", "SettingsLoader", "type"),
        ("a.ts", "export default async function loadSettings() {", "loadSettings", "function"),
        ("a.java", "public final class SettingsLoader {", "SettingsLoader", "type"),
        ("a.c", "#define DEFAULT_SETTINGS 3", "DEFAULT_SETTINGS", "constant"),
        ("a.js", "const x = process.env.TOOL_SETTINGS || ''", "TOOL_SETTINGS", "environment variable"),
        ("a.go", 'x := os.Getenv("TOOL_SETTINGS")', "TOOL_SETTINGS", "environment variable"),
        ("a.rs", 'let x = std::env::var("TOOL_SETTINGS");', "TOOL_SETTINGS", "environment variable"),
        ("a.rb", 'x = ENV["TOOL_SETTINGS"]', "TOOL_SETTINGS", "environment variable"),
        ("a.go", '\tcase "--settings-file":', "--settings-file", "flag"),
        ("a.py", "config.get('settings_file')", "settings_file", "key"),
    ],
)
def test_a_definition_is_read_in_each_language(path: str, line: str, name: str, kind: str) -> None:
    assert names(path, f"{line}\n", "\n") == [(name, kind)]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", "def main():"),
        ("a.py", "def settings():"),
        ("a.py", "value = load_settings(x)"),
        ("a.js", "process.env.NODE_ENV_NAME"),
        ("a.py", "run(['git', '--no-pager'])"),
        ("tests/test_a.py", "def test_load_settings():"),
        ("vendor/a.py", "def load_settings():"),
        ("docs/a.md", "def load_settings():"),
    ],
)
def test_what_is_common_foreign_or_no_code_is_no_removed_name(path: str, line: str) -> None:
    assert names(path, f"{line}\n", "\n") == []


def test_what_stays_or_returns_is_not_removed() -> None:
    moved = [
        changed("a.py", "def load_settings(): ...\n", "\n"),
        changed("b.py", "\n", "from a import load_settings\n"),
    ]
    assert removed_names(moved) == []
    assert names("a.py", "def load_settings(): ...\n", "load_settings = other.load\n") == []


def test_files_are_named_by_telling_names_or_their_whole_path() -> None:
    files = [
        changed(path, "x\n", None)
        for path in ("a/make_manual.py", "a/index.js", "README.md", "tests/test_abc.py", "vendor/index.js")
    ]
    renamed = changed("docs/new-guide.md", "x\n", "x\n", old_path="docs/old-guide.md")
    found = removed_names([*files, renamed])
    assert [(one.kind.value, one.name, one.renamed) for one in found] == [
        ("file", "make_manual.py", ""),
        ("file", "old-guide.md", "docs/new-guide.md"),
        ("path", "a/index.js", ""),
        ("path", "tests/test_abc.py", ""),
        ("folder", "a", ""),
        ("folder", "tests", ""),
    ]


def hostile() -> list[FileChange]:
    many = "".join(f"def load_settings_{n}(): ...\n" for n in range(20_000))
    long_line = "export " * 40_000 + "\n" + "A_" * 60_000 + "=\n" + '"--a' + "-a" * 60_000 + "\n"
    plain = changed("a.py", "x\n", "y\n")
    return [replace(plain, before=text, hunks=(Hunk(1, text.count("\n"), 1, 1),)) for text in (long_line, many)]


def test_hostile_texts_are_read_in_bounded_time() -> None:
    begin = time.process_time()
    assert len(removed_names(hostile())) == MAX_NAMES
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("runs-on: windows-latest", "runs-on: windows-2022", ("windows-latest", "windows-2022")),
        ("os: [a, macos-15, b]", "os: [a, macos-16, b]", ("macos-15", "macos-16")),
        ("uses: a/b@v4", "uses: a/b@v5 # five", ("a/b@v4", "a/b@v5 # five")),
        ("a = one", "b = two", None),
        ("same", "same", None),
        ("f(x)", "f(x, y)", ("x", "x, y")),
    ],
)
def test_the_one_word_that_is_replaced(old: str, new: str, expected: tuple[str, str] | None) -> None:
    assert replaced_word(old, new) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("docs/guide.md", True),
        ("bot/history/build.py", True),
        ("src/release.ts", True),
        ("docs/history/old.md", False),
        ("docs/release-notes/1.2.md", False),
        ("CHANGES.rst", False),
        ("docs/v1/guide.md", False),
        ("versioned_docs/version-2.0/a.md", False),
        ("app/migrations/0001_a.py", False),
        ("web/locales/de.json", False),
        ("po/de.po", False),
        (".git-blame-ignore-revs", False),
        ("newsfragments/12.bugfix.md", False),
    ],
)
def test_records_copies_and_catalogs_are_about_something_else(path: str, expected: bool) -> None:
    assert is_written_here(path) is expected
