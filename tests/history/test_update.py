"""Updates of the index: new commits, continuing after a crash, and rebuilding an index that cannot be continued."""

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bot.errors import RetryLater
from bot.git.history_stream import HistorySource
from bot.history import build
from bot.history.idents import Idents
from bot.history.index import opened
from bot.history.schema import IndexUnusable, locked, open_index
from tests.history.fixtures import NOW, commit_as, dump, index_of, indexed, origins, rows
from tests.repository import Repository


def grow(repository: Repository, count: int, name: str = "src/a.py") -> None:
    """Add commits that change, fix and move code, with one fast-import."""
    head = (
        repository.git("rev-parse", "--verify", "--quiet", "HEAD")
        if (repository.git_dir / "refs/heads/main").exists()
        else ""
    )
    start = repository.clock
    lines = []
    for number in range(count):
        body = "".join(f"v{row} = {number if row % 9 == number % 9 else row}\n" for row in range(60))
        subject = ("fix the values" if number % 4 == 3 else "change") + f" {start}-{number}"
        path = name if number % 7 else f"src/m{number % 5}.py"
        lines += [
            "commit refs/heads/main",
            f"committer P{number % 3} <p{number % 3}@x> {start + number} +0000",
            f"data {len(subject)}",
            subject,
            *([f"from {head}"] if number == 0 and head else []),
            f"M 100644 inline {path}",
            f"data {len(body)}",
            body,
        ]
    repository.git("fast-import", "--quiet", "--date-format=raw-permissive", stdin="\n".join(lines).encode())
    repository.clock = start + count


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path / "project")


def fresh(repository: Repository) -> dict[str, list[tuple[object, ...]]]:
    """Return the tables of a new index of the whole history."""
    path = repository.path.with_suffix(".fresh.db")
    indexed(repository, path)
    return dump(path)


def test_an_update_reads_new_commits_only(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(project, 50)
    assert indexed(project).added == 50
    grow(project, 7)
    done = indexed(project)
    assert (done.added, done.total, done.rebuilt) == (7, 57, False)
    assert indexed(project).added == 0
    assert dump(index_of(project)) == fresh(project)


def test_progress_is_reported(project: Repository) -> None:
    grow(project, 10)
    reported: list[tuple[int, int | None]] = []
    source = HistorySource(project.git_dir, project.head())
    build.update(index_of(project), source, now=NOW, progress=lambda done, total: reported.append((done, total)))
    assert reported == [(10, 10)]


class _Slow:
    """A slow source, so that the process can be killed while it reads."""

    lines, gap = True, ""

    def __init__(self, source: HistorySource) -> None:
        self._source = source

    @property
    def head(self) -> str:
        return self._source.head

    def changes(self, since: str | None = None) -> Iterator[bytes]:
        for chunk in self._source.changes(since):
            for begin in range(0, len(chunk), 2000):
                yield chunk[begin : begin + 2000]
                time.sleep(0.002)

    def sides(self, since: str | None = None) -> Iterator[bytes]:
        return self._source.sides(since)

    def without_lines(self) -> "_Slow":
        raise NotImplementedError

    def despite_gaps(self, since: str | None = None) -> AbstractContextManager["_Slow"]:
        raise NotImplementedError

    def filled(self, gap: str) -> bool:
        raise NotImplementedError


def _build_slowly(path: Path, source: HistorySource) -> None:
    build._BATCH_COMMITS = 25
    build.update(path, _Slow(source), now=NOW)


def test_indexing_continues_after_each_kill(project: Repository) -> None:
    grow(project, 600)
    path = index_of(project)
    source = HistorySource(project.git_dir, project.head())
    stored: list[int] = []
    for _ in range(4):
        process = multiprocessing.get_context("spawn").Process(target=_build_slowly, args=(path, source))
        process.start()
        before = stored[-1] if stored else 0
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and _stored(path) < before + 60 and process.is_alive():
            time.sleep(0.005)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        stored.append(_stored(path))
    assert stored == sorted(stored) and 0 < stored[0] < stored[-1] < 600, stored
    done = indexed(project)
    assert done.added == 600 - stored[-1] and not done.rebuilt
    assert dump(path) == fresh(project)


def _stored(path: Path) -> int:
    try:
        found = rows(path, "SELECT value FROM meta WHERE key = 'commits'")
    except sqlite3.OperationalError:
        return 0
    return found[0][0] if found else 0


def test_an_unfinished_index_is_marked_as_incomplete(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(project, 60)
    monkeypatch.setattr(build, "_BATCH_COMMITS", 20)

    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    source = HistorySource(project.git_dir, project.head())
    with pytest.raises(KeyboardInterrupt):
        build.update(index_of(project), source, now=NOW, progress=stop)
    with opened(index_of(project)) as index:
        assert index.meta["commits"] == 20 and not index.meta["complete"]
    indexed(project)
    assert dump(index_of(project)) == fresh(project)


def test_killed_before_the_persons_were_written(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    project.commit("first", {"a.py": "x\n"})
    indexed(project)
    commit_as(project, "Somebody New", "new@x", "second", {"a.py": "y\n"})
    write = Idents.write

    def killed(self: Idents) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Idents, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        indexed(project)
    monkeypatch.setattr(Idents, "write", write)
    assert indexed(project).added == 0
    assert dump(index_of(project)) == fresh(project)


def test_a_force_push_rebuilds_the_index(project: Repository) -> None:
    grow(project, 20)
    indexed(project)
    project.git("reset", "--quiet", "--hard", "HEAD~5")
    project.commit("another way", {"src/a.py": "x = 1\n"})
    done = indexed(project)
    assert done.rebuilt and done.total == 16
    assert dump(index_of(project)) == fresh(project)
    project.git("reset", "--quiet", "--hard", "HEAD~3")  # to a commit that is in the index
    assert indexed(project).rebuilt
    assert dump(index_of(project)) == fresh(project)


def test_the_stored_head_is_on_a_side_branch_of_the_new_head(project: Repository) -> None:
    grow(project, 10)
    indexed(project)
    project.git("checkout", "--quiet", "-b", "other", "HEAD~3")
    project.commit("aside", {"aside.py": "x\n"})
    project.git("merge", "--quiet", "--no-ff", "main", "-m", "the wrong way round")
    project.git("branch", "--force", "main", "other")
    project.checkout("main")
    done = indexed(project)
    assert done.rebuilt and done.total == 9
    assert dump(index_of(project)) == fresh(project)


def test_the_stored_head_does_not_exist_any_more(project: Repository) -> None:
    grow(project, 5)
    indexed(project)
    connection = sqlite3.connect(index_of(project))
    connection.execute("UPDATE meta SET value = ? WHERE key = 'head'", ("1" * 40,))
    connection.commit()
    connection.close()
    assert indexed(project).rebuilt
    assert dump(index_of(project)) == fresh(project)


@pytest.mark.parametrize("damage", ["truncated", "foreign", "empty file", "text", "format", "torn pages", "no table"])
def test_a_damaged_index_is_rebuilt(project: Repository, damage: str) -> None:
    grow(project, 40)
    path = index_of(project)
    indexed(project)
    content = path.read_bytes()
    for suffix in ("-wal", "-shm"):
        assert not path.with_name(path.name + suffix).exists()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "empty file":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_bytes(b"hello " * 5000)
    elif damage == "torn pages":
        path.write_bytes(content[:4096] + os.urandom(len(content) - 4096))
    else:
        if damage == "foreign":
            path.unlink()
        connection = sqlite3.connect(path)
        statement = {"format": "PRAGMA user_version = 99", "no table": "DROP TABLE origins"}.get(
            damage, "CREATE TABLE x (y)"
        )
        connection.execute(statement)
        connection.commit()
        connection.close()
    grow(project, 3)
    assert indexed(project).rebuilt
    assert dump(path) == fresh(project)


def test_a_missing_or_foreign_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable), opened(tmp_path / "none.db"):
        pass
    open_index(tmp_path / "new.db", write=True).close()
    content = (tmp_path / "new.db").read_bytes()
    (tmp_path / "new.db").write_bytes(content[:-4096])
    with pytest.raises(IndexUnusable, match=r"end of the file|malformed"):
        open_index(tmp_path / "new.db")
    (tmp_path / "text.db").write_bytes(b"hello " * 5000)
    with pytest.raises(IndexUnusable):
        open_index(tmp_path / "text.db")


def test_only_one_process_writes_at_a_time(project: Repository) -> None:
    grow(project, 5)
    source = HistorySource(project.git_dir, project.head())
    with locked(index_of(project), 0), pytest.raises(RetryLater):
        build.update(index_of(project), source, wait=0.1)
    assert build.update(index_of(project), source, wait=0.1).added == 5


def test_after_an_error_of_the_stream_the_next_update_completes_the_index(project: Repository) -> None:
    grow(project, 30)

    class Torn(_Slow):
        def changes(self, since: str | None = None) -> Iterator[bytes]:
            whole = b"".join(self._source.changes(since))
            yield whole[: len(whole) // 2]
            raise OSError("git died")

    with pytest.raises(OSError, match="git died"):
        build.update(index_of(project), Torn(HistorySource(project.git_dir, project.head())), now=NOW)
    indexed(project)
    assert dump(index_of(project)) == fresh(project)


def test_the_number_of_commits_is_limited(project: Repository) -> None:
    grow(project, 100)
    indexed(project, limit=30)
    path = index_of(project)
    assert rows(path, "SELECT count(*) FROM commits") == [(30,)]
    assert rows(path, "SELECT value FROM meta WHERE key = 'truncated'") == [(1,)]
    lines = origins(path, "src/a.py")
    assert len(lines) == 60 and set(lines) <= {"", *(sha for (sha,) in rows(path, "SELECT sha FROM commits"))}
    grow(project, 10)
    assert indexed(project, limit=30).added == 10
