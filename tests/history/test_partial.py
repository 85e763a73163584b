"""Clones that lack contents: the index uses the existing objects, fetches nothing and invents no numbers."""

from pathlib import Path

import pytest

from bot.git.history_stream import HistorySource
from bot.history.build import Updated, update
from bot.history.index import file_histories, opened
from bot.history.labels import labelled_table
from bot.history.repository import repository_history
from tests.history.fixtures import NOW, commit_as, dump, index_of, indexed, origins, rows
from tests.repository import Repository

BIG = "".join(f"value {n * n}\n" for n in range(2000))


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """Ten changes of a file and its companion, among them a fix and a rename, and a large file."""
    repository = Repository.create(tmp_path / "project")
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repository.commit("first", {"src/a.py": "x = 0\n", "src/b.py": "y = 0\n", "data.txt": BIG})
    for number in range(1, 8):
        repository.commit(f"change {number}", {"src/a.py": f"x = {number}\n", "src/b.py": f"y = {number}\nz = 0\n"})
    commit_as(repository, "Bea", "bea@x", "fix: a crash", {"src/a.py": "x = 9\n", "data.txt": BIG + "one more\n"})
    repository.git("mv", "src/b.py", "src/c.py")
    repository.commit("move")
    return repository


def cloned(project: Repository, tmp_path: Path, blob_filter: str, *, promisor: bool = False) -> Repository:
    """Clone a project with this filter. promisor: keep the remote from which git could fetch missing objects."""
    clone = Repository(tmp_path / "clone")
    url = f"file://{project.path}"
    project.git("clone", "--quiet", "--bare", f"--filter={blob_filter}", url, str(clone.path))
    if not promisor:
        clone.git("config", "--remove-section", "remote.origin")
    return clone


def updated(clone: Repository, head: str) -> Updated:
    return update(index_of(clone), HistorySource(clone.path, head), now=NOW)


def objects(clone: Repository) -> set[str]:
    return {str(path) for path in clone.path.rglob("objects/**/*")}


def meta(clone: Repository, key: str) -> object:
    return dict(rows(index_of(clone), "SELECT key, value FROM meta"))[key]


@pytest.mark.parametrize("promisor", [False, True])
def test_without_blobs_the_index_contains_all_data_that_needs_no_lines(
    project: Repository, tmp_path: Path, promisor: bool
) -> None:
    clone = cloned(project, tmp_path, "blob:none", promisor=promisor)
    before = objects(clone)
    assert updated(clone, project.head()).added == 10
    assert objects(clone) == before
    assert (meta(clone, "lines"), meta(clone, "complete")) == (0, 1)
    indexed(project)
    for table in ("commits", "renames", "idents", "persons", "subsystems", "co_authors"):
        partial, complete = (dump(index_of(one))[table] for one in (clone, project))
        if table == "commits":  # added, deleted, imported and undo_key need lines
            partial, complete = ([row[:13] + row[15:-2] for row in some] for some in (partial, complete))
        assert partial == complete, table
    with opened(index_of(clone)) as index:
        facts = file_histories(index, ["src/a.py", "src/c.py"], NOW)
    assert index.is_truncated and not index.has_lines
    assert facts["src/c.py"].revisions == 9
    [companion] = facts["src/a.py"].companions
    assert (companion.path, companion.together) == ("src/c.py", 7)


def test_without_blobs_line_counts_are_unknown(project: Repository, tmp_path: Path) -> None:
    clone = cloned(project, tmp_path, "blob:none")
    updated(clone, project.head())
    path = index_of(clone)
    for table in ("revisions", "commits"):
        assert rows(path, f"SELECT DISTINCT added, deleted FROM {table}") == [(None, None)]
    assert rows(path, "SELECT * FROM features") == rows(path, "SELECT * FROM links") == []
    with opened(path) as index:
        assert labelled_table(index).shas == []
        assert repository_history(index, NOW).hotspots == ()
        [facts] = file_histories(index, ["src/a.py"], NOW).values()
    assert facts.lines == 0 and all(one.lines == 0 for one in facts.contributors)


def test_with_one_missing_blob_all_other_files_are_complete(project: Repository, tmp_path: Path) -> None:
    clone = cloned(project, tmp_path, "blob:limit=1k")
    updated(clone, project.head())
    indexed(project)
    assert meta(clone, "lines") == 1 and meta(clone, "gap")
    assert origins(index_of(clone), "src/a.py") == origins(index_of(project), "src/a.py")
    assert rows(index_of(clone), "SELECT * FROM links") == rows(index_of(project), "SELECT * FROM links") != []
    query = "SELECT r.* FROM revisions r JOIN entities e ON e.id = r.entity WHERE (e.path = 'data.txt') = ?"
    assert rows(index_of(clone), query, 0) == rows(index_of(project), query, 0)
    with opened(index_of(clone)) as index:
        found = file_histories(index, ["data.txt"], NOW)
    assert (index.has_lines, found["data.txt"].revisions, found["data.txt"].lines) == (True, 2, 0)


@pytest.mark.parametrize("blob_filter", ["blob:none", "blob:limit=1k"])
def test_updates_continue_and_the_index_is_rebuilt_when_the_missing_blobs_exist(
    project: Repository, tmp_path: Path, blob_filter: str
) -> None:
    clone = cloned(project, tmp_path, blob_filter)
    updated(clone, project.head())
    project.commit("more", {"src/a.py": "x = 10\n", "data.txt": BIG + "another\n"})
    # An explicit fetch: a clone without a promisor does not accept missing objects otherwise.
    clone.git("fetch", "--quiet", f"--filter={blob_filter}", f"file://{project.path}", "main:refs/heads/more")
    done = updated(clone, project.head())
    assert (done.added, done.total, done.rebuilt) == (1, 11, False)
    assert meta(clone, "lines") == int(blob_filter != "blob:none")
    project.commit("last", {"src/a.py": "x = 11\n"})
    pack = project.git("pack-objects", "--all", "--revs", "../filled", stdin=b"")
    clone.git("unpack-objects", "-q", stdin=(project.path.parent / f"filled-{pack}.pack").read_bytes())
    assert updated(clone, project.head()).rebuilt
    indexed(project)
    partial, complete = (dump(index_of(one)) for one in (clone, project))
    assert {name: some for name, some in partial.items() if name != "meta"} == {
        name: some for name, some in complete.items() if name != "meta"
    }
    assert (meta(clone, "lines"), meta(clone, "gap")) == (1, "")
