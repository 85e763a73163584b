"""What is not committed yet, as a commit: which files are in it, and that nothing of the clone runs or changes."""

import asyncio
import os
from pathlib import Path

import pytest

from bot.errors import GiveUp
from bot.git import uncommitted
from bot.git.isolated import isolated
from bot.git.run import git
from tests.repository import Repository


async def _tree(git_dir: Path, worktree: Path | None, head: str | None) -> tuple[dict[str, str], int, str]:
    async with isolated(git_dir) as objects:
        made = await (
            uncommitted.in_worktree(git_dir, objects, worktree, head)
            if worktree
            else uncommitted.staged(git_dir, objects, head)
        )
        listed = (await git(objects, "ls-tree", "-r", "-z", made.commit)).decode().split("\0")
        names = [line.partition("\t")[2] for line in listed if line]
        ids = [line.split()[2].partition("\t")[0] for line in listed if line]
        texts = [(await git(objects, "cat-file", "blob", oid)).decode() for oid in ids]
        facts = (await git(objects, "log", "-1", "--format=%P %an", made.commit)).decode().strip()
        return dict(zip(names, texts, strict=True)), made.left_out, facts


def staged(repository: Repository) -> dict[str, str]:
    return asyncio.run(_tree(repository.git_dir, None, repository.head()))[0]


def in_worktree(repository: Repository) -> tuple[dict[str, str], int, str]:
    return asyncio.run(_tree(repository.git_dir, repository.path, repository.head()))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without a configuration."""
    for name in ("GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def edited(repository: Repository) -> Repository:
    """A checkout with changed, new, deleted, ignored and huge files, and with programs in its configuration."""
    repository.commit("first", {"a.py": "a\n", "gone.py": "g\n", "kept.py": "k\n", ".gitignore": "*.log\n"})
    evil = f"touch {repository.path.parent / 'ran'}; cat"
    for name in ("filter.evil.clean", "filter.evil.smudge", "core.fsmonitor", "diff.evil.textconv"):
        repository.git("config", name, evil)
    (repository.git_dir / "hooks").mkdir(exist_ok=True)
    for hook in ("pre-commit", "post-index-change"):
        (repository.git_dir / "hooks" / hook).write_text(f"#!/bin/sh\n{evil}\n")
        (repository.git_dir / "hooks" / hook).chmod(0o755)
    (repository.git_dir / "info").mkdir(exist_ok=True)
    (repository.git_dir / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    (repository.git_dir / "info" / "exclude").write_text("secret.txt\n")
    (repository.path / ".gitattributes").write_text("* filter=evil diff=evil\n")
    (repository.path / "a.py").write_text("b\n")
    (repository.path / "gone.py").unlink()
    (repository.path / "new.py").write_text("n\n")
    (repository.path / "x.log").write_text("ignored\n")
    (repository.path / "secret.txt").write_text("ignored\n")
    with (repository.path / "huge.bin").open("wb") as file:
        file.truncate(20 * 1024 * 1024)
    os.mkfifo(repository.path / "pipe")
    (repository.path / "nested").mkdir()
    repository.git("init", "--quiet", "nested")
    return repository


def _state(repository: Repository) -> dict[str, tuple[int, int]]:
    files = [path for path in repository.path.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def test_the_files_of_the_folder_without_running_or_changing_anything(edited: Repository) -> None:
    before = _state(edited)
    files, left_out, facts = in_worktree(edited)
    assert files == {
        ".gitattributes": "* filter=evil diff=evil\n",
        ".gitignore": "*.log\n",
        "a.py": "b\n",
        "kept.py": "k\n",
        "new.py": "n\n",
    }
    assert (left_out, facts) == (1, f"{edited.head()} Ada Lovelace")
    assert _state(edited) == before
    assert not (edited.path.parent / "ran").exists()


def test_what_is_staged_is_the_index_not_the_folder(edited: Repository) -> None:
    assert staged(edited) == {"a.py": "a\n", "gone.py": "g\n", "kept.py": "k\n", ".gitignore": "*.log\n"}
    assert not (edited.path.parent / "ran").exists()
    oid = edited.git("hash-object", "-w", "--stdin", "--no-filters", stdin=b"staged\n")
    edited.git("-c", "core.fsmonitor=false", "update-index", "--cacheinfo", f"100644,{oid},a.py")
    assert staged(edited)["a.py"] == "staged\n"


def test_the_users_own_configuration_names_who_commits_and_what_is_ignored(repository: Repository, home: Path) -> None:
    repository.commit("first", {"a.py": "a\n"})
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\nname = Grace\nemail = g@example.org\n[core]\nexcludesFile = ~/mine\n")
    (home / "mine").write_text("*.swp\n")
    (repository.path / "a.py.swp").write_text("x")
    files, _, facts = in_worktree(repository)
    assert files == {"a.py": "a\n"}
    assert facts == f"{repository.head()} Grace"


def test_line_ends_are_those_that_git_add_would_store(repository: Repository) -> None:
    repository.commit("first", {".gitattributes": "* text=auto\n", "a.txt": "one\n"})
    (repository.path / "b.txt").write_bytes(b"two\r\n")
    assert in_worktree(repository)[0]["b.txt"] == "two\n"


def test_an_index_that_is_split_or_of_a_hook_is_read(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit("first", {"a.py": "a\n"})
    (repository.path / "b.py").write_text("b\n")
    repository.git("update-index", "--split-index")
    repository.git("add", "b.py")
    assert staged(repository) == {"a.py": "a\n", "b.py": "b\n"}
    # `git commit a.py` names an index to its hooks that has nothing else that is staged.
    other = repository.git_dir / "next-index-1.lock"
    repository.git("read-tree", f"--index-output={other}", "HEAD")
    monkeypatch.setenv("GIT_INDEX_FILE", str(other))
    assert staged(repository) == {"a.py": "a\n"}
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository.path.parent / "elsewhere"))
    assert "b.py" in staged(repository)


def test_unmerged_paths_are_an_error(repository: Repository) -> None:
    repository.commit("first", {"a.py": "a\n"})
    repository.branch("topic")
    repository.commit("theirs", {"a.py": "b\n"})
    repository.checkout("main")
    repository.commit("ours", {"a.py": "c\n"})
    with pytest.raises(AssertionError):
        repository.git("merge", "topic")
    for read in (staged, in_worktree):
        with pytest.raises(GiveUp, match="unmerged"):
            read(repository)


def test_a_repository_without_a_commit(repository: Repository) -> None:
    (repository.path / "a.py").write_text("a\n")
    files, _, facts = asyncio.run(_tree(repository.git_dir, repository.path, None))
    assert files == {"a.py": "a\n"}
    assert facts == "nobody"
