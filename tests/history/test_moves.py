"""Moved lines: a fix is linked to the change that introduced a line, not to the changes that moved it."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from textwrap import indent

import pytest

from bot.code_lines import is_incidental
from bot.history import moves
from tests.history.fixtures import index_of, indexed, links
from tests.repository import Repository

BODY = "def total(items):\n    result = sum(items) + 1\n    return result\n"
INDENTED = "class Basket:\n    def total(items):\n        result = sum(items) + 1\n        return result\n"


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"README.md": "x\n", "src/other.py": "a = 1\n"})
    repository.commit("add total", {"src/sums.py": BODY})
    return repository


@pytest.mark.parametrize("updates", [False, True])
@pytest.mark.parametrize(
    ("files", "path", "moved"),
    [
        ({"src/sums.py": INDENTED}, "src/sums.py", INDENTED),
        ({"src/sums.py": "", "src/other.py": "a = 1\n" + BODY}, "src/other.py", "a = 1\n" + BODY),
        ({"src/sums.py": "\n" + BODY.replace("def total", "def whole")}, "src/sums.py", BODY),
    ],
    ids=["indented", "to another file", "other lines changed only"],
)
def test_a_change_that_moved_a_line_is_no_introducing_change(
    project: Repository, files: dict[str, str | None], path: str, moved: str, *, updates: bool
) -> None:
    project.commit("refactor", files)
    if updates:
        indexed(project)
    again = (
        "".join(f"a{number} = {number}\n" for number in range(20)) + moved
    )  # so many other lines that git detects no rename
    project.commit("move once more", {path: None, "src/last.py": again})
    if updates:
        indexed(project)
    project.commit("fix the sum", {"src/last.py": again.replace("sum(items) + 1", "sum(items)")})
    indexed(project)
    found = links(index_of(project))
    assert [link[:2] for link in found] == [("fix the sum", "add total")]


def test_a_line_that_was_moved_and_changed_is_new(project: Repository) -> None:
    project.commit("rework", {"src/sums.py": INDENTED.replace("+ 1", "+ 2")})
    project.commit("fix the sum", {"src/sums.py": INDENTED.replace(" + 1", "")})
    indexed(project)
    assert [link[:2] for link in links(index_of(project))] == [("fix the sum", "rework")]


def test_short_lines_are_not_recorded_as_moves(project: Repository) -> None:
    project.commit("two", {"src/one.py": "if a:\n    b()\nelse:\n    c()\n", "src/two.py": "d()\n"})
    project.commit("rework", {"src/one.py": "if a:\n    b()\n", "src/two.py": "d()\nelse:\n    c()\n"})
    indexed(project)
    with closing(sqlite3.connect(index_of(project))) as connection:
        assert connection.execute("SELECT count(*) FROM moves").fetchone() == (0,)


@pytest.mark.parametrize(
    "line",
    """import os|from a.b import c|#include <stdio.h>|use std::fs;|using System;|const {a} = require('b');
|export { x } from './x'|    ])|},|))|__version__ = '0.22.0b1'|  "version": "0.26.0"
|#define LIB_VERSION "7.1"|const VERSION = '1.2';""".replace("\n", "").split("|"),
)
def test_imports_brackets_and_versions_are_incidental(line: str) -> None:
    assert is_incidental(line.encode())


@pytest.mark.parametrize(
    "line", ["importance = 1", "used = use(1)", "const a = b(c);", "from_date = x", "} else {", "if version > '3.1':"]
)
def test_statements_are_not_incidental(line: str) -> None:
    assert not is_incidental(line.encode())


def test_a_long_line_is_classified_fast() -> None:
    began = time.process_time()
    assert not is_incidental(b"version" * 100_000)
    assert time.process_time() - began < 0.1


def test_an_import_has_a_link_only_if_the_fix_deletes_nothing_else(project: Repository) -> None:
    project.commit("use os", {"src/sums.py": "import os\n" + BODY})
    both = "import sys\n" + BODY.replace("sum(items) + 1", "sum(items)")
    project.commit("fix the sum", {"src/sums.py": both})
    project.commit("fix the start", {"src/sums.py": both.replace("import sys", "import math")})
    indexed(project)
    pairs = {link[:2] for link in links(index_of(project))}
    assert pairs == {("fix the sum", "add total"), ("fix the start", "fix the sum")}


def test_the_number_of_examined_lines_per_change_is_limited(
    project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_MAX_LINES", 2)
    files = {f"src/m{number}.py": f"def first_{number}():\n    return second_{number}()\n" for number in range(5)}
    project.commit("many", files)
    project.commit("indent", {path: indent(text, "  ") for path, text in files.items()})
    indexed(project)
    with closing(sqlite3.connect(index_of(project))) as connection:
        assert connection.execute("SELECT count(*) FROM moves").fetchone() == (2,)
