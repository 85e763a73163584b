"""Missing objects of a clone: lists them, and creates an object store with a placeholder for each missing blob.

git stops at the first object that it cannot read, even if a single large file is missing. With the placeholders it
can continue: they are in an alternate object store (gitrepository-layout(5)), and each one contains a NUL, so that git
treats it as a binary file. Nothing is written to the repository and nothing is fetched.
"""

import hashlib
import subprocess
import tempfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.git.run import SHA, GitError, checked_sha, environment

# A clone that lacks more blobs has too few contents for placeholders to be useful.
MAX_PLACEHOLDERS = 5_000
_SECONDS = 600
_NO_BLOB = (b"000000", b"160000")


def blobs_of(chunks: Iterable[bytes]) -> set[str]:
    """Return the ids of all blobs in a stream of `--raw -z` records without renames. Submodules are not blobs."""
    blobs: set[str] = set()
    tail = b""
    for chunk in chunks:
        *records, tail = (tail + chunk).split(b"\0")
        for record in records:
            words = record.rpartition(b"\n:")[2].removeprefix(b":").split(b" ")
            if len(words) == 5:
                ends = ((words[0], words[2]), (words[1], words[3]))
                blobs |= {oid.decode("ascii", "replace") for mode, oid in ends if mode not in _NO_BLOB}
    return blobs


def missing(repository: Path, oids: Collection[str]) -> list[str]:
    """Return the missing ones of these objects, in the same order. Raises GitError.

    It lists all existing objects, because git fails on a query for a missing object if a promisor is configured.
    """
    argv = ("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered")
    done = _git(repository, argv)
    if done.returncode:
        raise GitError(f"git cat-file: {done.stderr.decode('utf-8', 'replace').strip()[-600:]}")
    absent = {oid: None for oid in oids if SHA.fullmatch(oid)}
    for line in done.stdout.split(b"\n"):
        absent.pop(line.decode(), None)
    return list(absent)


def has_object(repository: Path, oid: str) -> bool:
    """Return whether the repository has an object."""
    return _git(repository, ("cat-file", "-e", checked_sha(oid))).returncode == 0


def _git(repository: Path, args: Sequence[str]) -> "subprocess.CompletedProcess[bytes]":
    argv = ["git", f"--git-dir={repository}", *args]
    try:
        return subprocess.run(
            argv, cwd=repository, env=environment(), capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git {args[0]} took longer than {_SECONDS} s") from None


@contextmanager
def placeholders(oids: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """Create a binary placeholder for each blob. Yields the environment variables with which git finds them."""
    with tempfile.TemporaryDirectory(prefix="gitinsight-gaps-") as name:
        for oid in oids:
            # Each placeholder is different. git would report equal ones as renames.
            content = b"\0" + b"\n".join(hashlib.sha256(f"{oid}{n}".encode()).hexdigest().encode() for n in range(4))
            path = Path(name, oid[:2], oid[2:])
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(b"blob %d\0%s" % (len(content), content), 1))
        yield {"GIT_ALTERNATE_OBJECT_DIRECTORIES": name}
