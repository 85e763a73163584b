"""The history streams: their contents, and the end and the limits of their process."""

import os
import time
from pathlib import Path

import pytest

from bot.git import history_stream
from bot.git.history_stream import HistorySource, mailmap_bytes, tip
from bot.git.run import GitError
from bot.git.stream import Stream
from bot.history.records import read_changes, read_sides
from tests.repository import Repository


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path / "project")
    repository.commit("first", {"a.py": "x\n"})
    repository.branch("topic")
    repository.commit("on the side", {"b.py": "x\n"})
    repository.checkout("main")
    repository.git("merge", "--quiet", "--no-ff", "topic", "-m", "merge")
    return repository


def test_changes_and_sides(project: Repository) -> None:
    source = HistorySource(project.git_dir, project.head())
    changes = list(read_changes(source.changes()))
    assert [change.message.strip() for change in changes] == ["first", "merge"]
    assert [entry.path for entry in changes[1].entries] == ["b.py"]
    assert {side.sha for side in read_sides(source.sides())} == set(project.git("rev-list", "HEAD").split())
    assert [change.sha for change in read_changes(source.changes(changes[0].sha))] == [project.head()]
    assert list(source.changes(project.head())) == []


def test_each_stream_has_a_new_separator(project: Repository) -> None:
    source = HistorySource(project.git_dir, project.head())
    first, second = (b"".join(source.changes())[:33] for _ in range(2))
    assert first != second and first[:1] == second[:1] == b"\x1e"


def test_only_full_shas_reach_git(project: Repository) -> None:
    for name in ("HEAD", "--output=x", "main"):
        with pytest.raises(ValueError, match="not an object id"):
            list(HistorySource(project.git_dir, name).changes())
        with pytest.raises(ValueError, match="not an object id"):
            list(HistorySource(project.git_dir, project.head()).changes(name))


def test_the_error_contains_gits_message(project: Repository, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="git log: "):
        list(HistorySource(tmp_path, "1" * 40).changes())


def test_close_kills_the_process(project: Repository) -> None:
    for number in range(20):
        project.commit(f"c{number}", {"big.py": f"{number}\n" * 200_000})
    others = _children()
    stream = HistorySource(project.git_dir, project.head()).changes()
    next(stream)
    children = _children() - others
    assert children
    stream.close()
    assert not _children() & children


def _children() -> set[str]:
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(own.read_text().split())


def test_a_timeout_raises(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_stream, "Stream", lambda argv, *rest: Stream(["sleep", "20", "0", "0"], *rest))
    begin = time.monotonic()
    with pytest.raises(GitError, match="longer than"):
        list(HistorySource(project.git_dir, project.head(), timeout=0.2).changes())
    assert time.monotonic() - begin < 5


def test_mailmap_and_tip(project: Repository, tmp_path: Path) -> None:
    assert mailmap_bytes(project.git_dir, project.head()) == b""
    sha = project.commit("map", {".mailmap": "A <a@b>\n"})
    assert mailmap_bytes(project.git_dir, sha) == b"A <a@b>\n"
    assert mailmap_bytes(project.git_dir, sha, limit=3) == b""
    assert tip(project.git_dir) == sha == tip(project.git_dir, "refs/heads/main")
    assert tip(project.git_dir, "refs/heads/none") is None and tip(project.git_dir, "--help") is None
    assert tip(Repository.create(tmp_path / "empty").git_dir) is None
