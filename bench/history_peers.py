"""The history index against PyDriller and git blame: the parts of `bench/history.py` that need another reader."""

import os
import random
import re
import sqlite3
import subprocess
import time
from dataclasses import dataclass
from functools import partialmethod
from pathlib import Path

from git import Commit
from pydriller import Git, ModificationType

from bot.git.run import environment
from bot.history.packing import unpack

HUNK_LINE = re.compile(rb"^[0-9a-f]{40} \d+ \d+")


@dataclass(frozen=True, slots=True)
class Row:
    """One measured claim. target: as a comparison in words."""

    what: str
    measured: str
    target: str


def git(repository: Path, *args: str) -> bytes:
    """Output of a git command in the environment that the app gives it."""
    argv = ["git", f"--git-dir={repository}", *args]
    return subprocess.run(argv, env=environment(), capture_output=True, check=True).stdout


def against_pydriller(repository: Path, index: Path, sample: int, whole: float) -> list[Row]:
    """The same changes read by PyDriller: seconds for all of them, extrapolated, and the numbers of every file.

    Like is compared with like: PyDriller runs git in the environment of the index, its diff has no context either (a
    diff of `-U0` is at times a line longer or shorter than one of `-U3`), and submodules, which it takes for files,
    are left out.
    """
    os.environ.update(environment(config={"core.attributesFile": "/dev/null"}))
    Commit.diff = partialmethod(Commit.diff, unified=0)  # type: ignore[method-assign,assignment]
    connection = sqlite3.connect(index)
    rows = connection.execute("SELECT sha FROM commits WHERE parents = 1 AND files > 0").fetchall()
    shas = [sha for (sha,) in random.Random(1).sample(rows, min(sample, len(rows)))]
    reader = Git(str(repository))
    begin = time.perf_counter()
    read = {sha: pydriller_reads(reader, sha) for sha in shas}
    seconds = time.perf_counter() - begin
    ours = {sha: index_says(connection, sha) for sha in shas}
    for sha in shas:
        for path in submodules(repository, sha):
            read[sha].pop(path, None)
    theirs = {sha: sorted(files.values()) for sha, files in read.items()}
    unequal = [sha for sha in shas if ours[sha] != theirs[sha]]
    total = connection.execute("SELECT count(*) FROM commits").fetchone()[0]
    factor = seconds / len(shas) * total / whole
    return [
        Row(f"PyDriller on {len(shas)} commits, s", f"{seconds:.2f}", ""),
        Row("PyDriller, all changes / index", f"{factor:.0f}", ">= 25"),
        Row("files, +, -, renames: ours", totals(ours), "equal"),
        Row("files, +, -, renames: PyDriller", totals(theirs), ""),
        Row("changes that are not equal", " ".join(sha[:10] for sha in unequal[:5]) or "none", "none"),
    ]


Numbers = tuple[int, int, bool]


def pydriller_reads(reader: Git, sha: str) -> dict[str, Numbers]:
    """Lines added and deleted, and whether renamed, by path."""
    return {
        file.new_path or file.old_path: (
            file.added_lines,
            file.deleted_lines,
            file.change_type is ModificationType.RENAME,
        )
        for file in reader.get_commit(sha).modified_files
    }


def index_says(connection: sqlite3.Connection, sha: str) -> list[Numbers]:
    """The same of each file, ascending: of a file that was replaced later the index keeps the numbers and no path."""
    rows = connection.execute(
        "SELECT r.added, r.deleted, r.status = 'R' FROM revisions r JOIN commits c ON c.ordinal = r.ordinal"
        " WHERE c.sha = ?",
        (sha,),
    )
    return sorted((added, deleted, bool(renamed)) for added, deleted, renamed in rows)


def submodules(repository: Path, sha: str) -> list[str]:
    """Paths that are a submodule at either end of a change."""
    raw = git(repository, "diff-tree", "-r", "-z", "--root", "--no-commit-id", "--no-renames", sha).split(b"\0")
    modes = {b":160000", b"160000"}
    pairs = zip(raw[::2], raw[1::2], strict=False)
    return [path.decode() for head, path in pairs if modes & set(head.split()[:2])]


def totals(changes: dict[str, list[Numbers]]) -> str:
    """Files, lines added, lines deleted, renames."""
    files = [numbers for change in changes.values() for numbers in change]
    return " ".join(str(sum(column)) for column in (([1] * len(files)), *zip(*files, strict=True)))


def against_blame(repository: Path, index: Path, head: str, files: int) -> list[Row]:
    """Lines whose origin is what `git blame --first-parent` says, on a sample of files."""
    connection = sqlite3.connect(index)
    shas = dict(connection.execute("SELECT ordinal, sha FROM commits"))
    stored = connection.execute(
        "SELECT e.path, o.packed FROM entities e JOIN origins o ON o.entity = e.id WHERE e.alive AND e.lines > 0"
    ).fetchall()
    agreed = total = 0
    for path, packed in random.Random(1).sample(stored, min(files, len(stored))):
        output = git(repository, "blame", "--first-parent", "--porcelain", head, "--", path)
        blamed = [line[:40].decode() for line in output.split(b"\n") if HUNK_LINE.match(line)]
        origins = [shas.get(ordinal) for ordinal in unpack(packed)]
        total += max(len(blamed), len(origins))
        agreed += sum(one == other for one, other in zip(blamed, origins, strict=False))
    return [Row("lines that git blame agrees on", f"{agreed} of {total}", "all")]
