"""Helpers that index real repositories and read the index."""

import sqlite3
from pathlib import Path
from typing import Any

from bot.git.history_stream import HistorySource, mailmap_bytes, tip
from bot.history.build import Updated, update
from bot.history.packing import unpack
from bot.history.records import read_changes
from tests.repository import Repository

NOW = 2_000_000_000


def indexed(repository: Repository, path: Path | None = None, **options: Any) -> Updated:
    """Update the index of a repository to its head.

    path: of the index; by default beside the repository.
    """
    head = tip(repository.git_dir)
    source = HistorySource(repository.git_dir, head, **options) if head else None
    mailmap = mailmap_bytes(repository.git_dir, head) if head else b""
    return update(path or index_of(repository), source, mailmap=mailmap, now=NOW)


def index_of(repository: Repository) -> Path:
    """Return the path of the index that `indexed` writes."""
    return repository.path.with_suffix(".history.db")


def rows(path: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Query an index. It is opened read-only: otherwise SQLite would create a missing file."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the sorted rows of all tables of an index."""
    tables = [
        name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_stat1'")
    ]
    return {table: sorted(rows(path, f"SELECT * FROM {table}"), key=repr) for table in tables}


def origins(path: Path, file: str) -> list[str]:
    """Return the sha of the line origin of each line of a file."""
    shas = dict(rows(path, "SELECT ordinal, sha FROM commits"))
    [(packed,)] = rows(
        path, "SELECT packed FROM origins o JOIN entities e ON e.id = o.entity WHERE e.path = ? AND alive", file
    )
    return [shas.get(ordinal, "") for ordinal in unpack(packed)]


def blamed(repository: Repository, file: str) -> list[str]:
    """Return the sha of each line of a file by `git blame --first-parent`."""
    output = repository.git("blame", "--first-parent", "--root", "-s", "-l", "HEAD", "--", file)
    return [line[:40] for line in output.split("\n") if line]


def messages(repository: Repository) -> list[str]:
    """Return the messages in the change stream, oldest first."""
    source = HistorySource(repository.git_dir, repository.head())
    return [record.message for record in read_changes(source.changes())]


def commit_as(
    repository: Repository,
    name: str,
    email: str,
    message: str,
    files: dict[str, str | bytes | None],
    date: str | None = None,
) -> str:
    """Create a commit of another author. date: of the author, in git's raw format (`seconds +zone`)."""
    repository.commit(message, files)
    changes = ["-c", f"user.name={name}"] if name else []
    repository.git(
        *changes, "commit", "--amend", "--quiet", "--allow-empty", "--no-edit", f"--author={name} <{email}>",
        *([f"--date={date}"] if date else []),
    )  # fmt: skip
    return repository.head()


def links(path: Path) -> list[tuple[str, str, str, str | None, int, int | None, bool]]:
    """Return (fix, introduced by, how, path, lines, first line, is undone). Commits are given by their subjects."""
    return rows(
        path,
        "SELECT f.subject, b.subject, l.how, l.path, l.lines, l.first_line, l.undone_by IS NOT NULL FROM links l"
        " JOIN commits f ON f.ordinal = l.fix JOIN commits b ON b.ordinal = l.introduced_by"
        " ORDER BY l.fix, l.introduced_by, l.path",
    )
