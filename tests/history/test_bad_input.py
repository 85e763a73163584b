"""Unusual histories: wrong times and names, shallow clones, several roots, many parents, empty repositories."""

from pathlib import Path

import pytest

from bot.git.history_stream import HistorySource
from bot.git.shallow import is_shallow
from bot.history import classification, records
from bot.history.build import update
from bot.history.index import file_histories, opened
from bot.history.patch import parse_section
from bot.history.records import read_changes, split_records
from bot.history.repository import repository_history
from tests.history.fixtures import NOW, blamed, commit_as, dump, index_of, indexed, origins, rows
from tests.repository import Repository


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path / "project")


def test_an_empty_repository(project: Repository) -> None:
    assert indexed(project).total == 0
    with opened(index_of(project)) as index:
        assert file_histories(index, ["a.py"], NOW) == {}
        assert repository_history(index, NOW).bus_factor is None
    project.commit("first", {"a.py": "x\n"})
    assert indexed(project).total == 1


def test_one_commit(project: Repository) -> None:
    project.commit("first", {"a.py": "x\n"})
    indexed(project)
    with opened(index_of(project)) as index:
        assert file_histories(index, ["a.py", "none.py"], NOW)["a.py"].revisions == 1
        assert repository_history(index, NOW).bus_factor == 1


def raw_commit(repository: Repository, ident: bytes, message: bytes, *parents: str) -> str:
    """Create a commit of exactly these bytes on main, with the tree of the current head."""
    tree = repository.head("HEAD^{tree}")
    lines = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
    body = b"\n".join([*lines, b"author " + ident, b"committer " + ident, b"", message])
    sha = repository.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=body)
    repository.git("update-ref", "refs/heads/main", sha)
    return sha


def test_the_clock_never_decreases_and_ignores_invalid_times(project: Repository) -> None:
    head = project.commit("first", {"a.py": "x\n"})
    begin = project.clock
    for when in ("0", "4070908800", "1600000000", "-5", "99999999999999999999", str(begin + 500)):
        head = raw_commit(project, f"A <a@b> {when} +0000".encode(), b"odd", head)
    indexed(project)
    clocks = [clock for (clock,) in rows(index_of(project), "SELECT clock FROM commits ORDER BY ordinal")]
    assert clocks == sorted(clocks) and clocks[0] >= begin - 60
    assert clocks[-1] == begin + 500 and max(clocks[:-1]) < begin + 500


@pytest.mark.parametrize(
    "ident",
    [
        b'Quote "Q" O\'Neil <q@x> 1700000000 +0000', b"\xff\xfe\x01 <\xe9@x> 1700000000 +0000", b"<> 1700000000 +0000",
        b"A <a <b@c>> 1700000000 +0000", b"No Mail 1700000000 +0000", b"A <a@b> not-a-time",
        b"A <a@b>", b" <a@b> 1 +0000",
    ],
)  # fmt: skip
def test_author_idents_may_contain_any_bytes(project: Repository, ident: bytes) -> None:
    head = project.commit("first", {"a.py": "x\n"})
    raw_commit(project, ident, b"\xff\xfe message\n\nCo-authored-by: \xff <\xfe@x>\n", head)
    project.git("reset", "--quiet", "--hard")
    project.commit("after", {"a.py": "y\n"})
    assert indexed(project).total == 3
    with opened(index_of(project)) as index:
        assert repository_history(index, NOW).changes == 3


def test_a_message_of_a_megabyte_and_a_message_that_looks_like_a_record(project: Repository) -> None:
    head = project.commit("first", {"a.py": "x\n"})
    head = raw_commit(project, b"A <a@b> 1700000000 +0000", b"x" * 2**20, head)
    raw_commit(project, b"A <a@b> 1700000000 +0000", b"\x1e" + b"0" * 32 + b"\n:100644 100644 0 0 M\n@@ -1 +1 @@", head)
    assert indexed(project).total == 3


def test_the_index_of_a_shallow_clone_is_truncated(project: Repository, tmp_path: Path) -> None:
    for number in range(5):
        project.commit(f"c{number}", {"a.py": f"{number}\nsame\n"})
    clone = Repository(tmp_path / "clone")
    project.git("clone", "--quiet", "--depth=2", f"file://{project.path}", str(clone.path))
    assert is_shallow(clone.git_dir) and not is_shallow(project.git_dir)
    source = HistorySource(clone.git_dir, clone.head())
    update(index_of(clone), source, shallow=True, now=NOW)
    with opened(index_of(clone)) as index:
        facts = file_histories(index, ["a.py"], NOW)
    assert index.is_truncated and index.changes == 2 and facts["a.py"].lines == 2
    project.git("-C", str(clone.path), "fetch", "--quiet", "--unshallow")
    assert update(index_of(clone), source, shallow=False, now=NOW).rebuilt
    with opened(index_of(clone)) as index:
        assert not index.is_truncated and index.changes == 5


def test_unrelated_histories_and_an_octopus(project: Repository) -> None:
    project.commit("first", {"a.py": "x\n"})
    project.git("checkout", "--quiet", "--orphan", "other")
    project.git("rm", "-rfq", "--cached", ".")
    (project.path / "a.py").unlink()
    commit_as(project, "Other", "o@x", "another root", {"b.py": "x\n"})
    project.checkout("main")
    for name in ("one", "two"):
        project.branch(name, "main")
        commit_as(project, name, f"{name}@x", name, {f"{name}.py": f"{name}\n"})
    project.checkout("main")
    project.git("merge", "--quiet", "--allow-unrelated-histories", "--no-ff", "other", "-m", "Join")
    project.git("merge", "--quiet", "one", "two", "-m", "Octopus")
    assert indexed(project).total == 3
    path = index_of(project)
    assert rows(path, "SELECT parents, files FROM commits ORDER BY ordinal") == [(0, 1), (2, 1), (3, 2)]
    assert origins(path, "b.py") == blamed(project, "b.py")
    people = "JOIN idents i ON i.id = c.author JOIN persons p ON p.id = i.person"
    credited = f"SELECT p.name FROM commits c {people} ORDER BY ordinal"
    assert [name for (name,) in rows(path, credited)] == ["Ada Lovelace", "Other", "one"]
    assert rows(path, "SELECT count(*) FROM side_commits") == [(3,)]


def test_the_git_configuration_of_a_clone_has_no_effect(project: Repository) -> None:
    project.commit("first", {"a.py": "x\n", ".gitattributes": "*.py diff=x\n*.py -diff\n", "sub/b.py": "1\n2\n3\n"})
    project.commit("second", {"a.py": "y\n", "sub/b.py": "1\nb\n3\n"})
    project.commit("third", {"sub/b.py": None, "sub/c.py": "1\nb\n3\n"})
    (project.git_dir / "info/attributes").write_text("*.py diff=x\n")
    indexed(project)
    expected = dump(index_of(project))
    for key, value in {
        "color.ui": "always", "diff.noprefix": "true", "diff.renames": "false", "diff.algorithm": "patience",
        "log.showSignature": "true", "diff.context": "9", "diff.interHunkContext": "9", "format.pretty": "oneline",
        "diff.external": "/bin/false", "diff.x.textconv": "/bin/false", "diff.mnemonicPrefix": "true",
        "log.showRoot": "false",
        "diff.orderFile": "none", "log.mailmap": "true", "log.diffMerges": "off", "diff.relative": "true",
        "core.attributesFile": str(project.path / ".gitattributes"), "log.follow": "true", "diff.submodule": "log",
    }.items():  # fmt: skip
        project.git("config", key, value)
    again = index_of(project).with_suffix(".again.db")
    indexed(project, again)
    assert dump(again) == expected


def test_submodules_are_ignored(project: Repository) -> None:
    head = project.commit("first", {"a.py": "x\n"})
    project.git("update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    project.git("commit", "--quiet", "-m", "submodule")
    indexed(project)
    assert rows(index_of(project), "SELECT files FROM commits ORDER BY ordinal") == [(1,), (0,)]


def test_files_after_the_cut_of_a_large_commit_lose_their_line_origins(
    project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.commit("first", {"a.py": "x\n", "z.py": "x\n"})
    project.commit("huge", {"a.py": "y\n", "m.py": "m\n" * 5_000, "z.py": "y\n"})
    project.commit("after", {"a.py": "z\n", "z.py": "y\nz\n", "m.py": "m\n" * 4_990})
    monkeypatch.setattr(classification, "MASS_CHANGE", 2)
    source = HistorySource(project.git_dir, project.head())
    monkeypatch.setattr("bot.history.build.read_changes", lambda chunks: read_changes(chunks, cap=6_000))
    update(index_of(project), source, now=NOW)
    path = index_of(project)
    shas = [sha for (sha,) in rows(path, "SELECT sha FROM commits ORDER BY ordinal")]
    assert rows(path, "SELECT value FROM meta WHERE key = 'cut'") == [(1,)]
    assert origins(path, "a.py") == [shas[2]]
    assert origins(path, "z.py") == ["", shas[2]]


@pytest.mark.parametrize("size", [1, 3, 7, 64, 10_000])
def test_records_do_not_depend_on_the_chunks_of_the_stream(size: int) -> None:
    separator = b"\x1e" + b"ab" * 16
    bodies = [b"\0one", b"\0" + b"two" * 50, b"\0", b"\0\x1eababab"]
    stream = b"".join(separator + body for body in bodies)
    chunks = [stream[begin : begin + size] for begin in range(0, len(stream), size)]
    assert [record for record, _ in split_records(chunks)] == bodies
    assert list(split_records(chunks, cap=100)) == [(body[:100], len(body) <= 100) for body in bodies]


def test_a_patch_with_wrong_counts_is_rejected() -> None:
    head = b"diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n"
    assert parse_section(head + b"@@ -1 +1,2 @@ f\n-a\n+b\n+c\n").hunks == [(0, 1, 2, 0)]
    for broken in (b"@@ -1 +1 @@\n-a\n", b"@@ -1 +1 @@\n-a\n+b\n+c\n", b"@@ -x +1 @@\n+b\n"):
        with pytest.raises(ValueError, match="counts"):
            parse_section(head + broken)


def test_a_record_with_an_extra_section_is_incomplete() -> None:
    fields = b"\0".join([b"\x1e" + b"a" * 32, b"1" * 40, b"", b"n", b"e", b"1", b"1", b"c", b"d", b"m", b""])
    raw = b"\n:100644 100644 1 2 M\0a.py\0"
    section = b"diff --git a/a.py b/a.py\n@@ -1 +1 @@\n-a\n+b\n"
    [valid] = read_changes([fields + raw + b"\0" + section])
    [invalid] = read_changes([fields + raw + b"\0" + section * 2])
    assert valid.complete and not invalid.complete


def test_a_record_without_a_status_is_no_error() -> None:
    fields = b"\0".join([b"\x1e" + b"a" * 32, b"1" * 40, b"", b"n", b"e", b"1", b"1", b"c", b"d", b"m", b""])
    [found] = read_changes([fields + b"\n:100644 \0a.py\0\0"])
    assert not found.complete


def test_input_that_is_not_a_change_stream_is_rejected() -> None:
    with pytest.raises(ValueError, match="not a record"):
        list(read_changes([b"hello\0world"]))
    assert list(read_changes([])) == []
    assert records.MAX_FILES == 100_000


def test_the_number_of_files_per_commit_is_limited(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    project.commit("first", {f"f{number}.py": "x\n" for number in range(30)})
    monkeypatch.setattr(records, "MAX_FILES", 20)
    indexed(project)
    assert rows(index_of(project), "SELECT files FROM commits") == [(20,)]
    assert rows(index_of(project), "SELECT value FROM meta WHERE key = 'cut'") == [(1,)]
