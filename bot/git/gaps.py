"""Objects that a clone lacks: which they are, and a folder of stand-ins for them.

git ends at the first object that it cannot read, also where one large file is missing among thousands. Beside the
repository it is given an alternate object store (gitrepository-layout(5)) in which each missing blob is a few bytes
with a NUL, so that it counts as a binary file. Nothing is written into the repository and nothing is fetched.
"""

import hashlib
import subprocess
import tempfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.git.run import SHA, GitError, checked_sha, environment

# More are not stood in for: such a clone has no contents to speak of.
MAX_STAND_INS = 5_000
_SECONDS = 600
_NO_BLOB = (b"000000", b"160000")
# What git says of an object that is not there: without a promisor, with one, and of a tree.
_SIGNS = ("unable to read", "could not fetch", "missing blob", "unable to find", "bad object")


def tells_of_a_gap(message: str) -> bool:
    """Whether a failure of git may come from a missing object."""
    return any(sign in message for sign in _SIGNS)


def blobs_of(chunks: Iterable[bytes]) -> set[str]:
    """The ids of all blobs in a stream of `--raw -z` records without renames; those of submodules are none."""
    found: set[str] = set()
    tail = b""
    for chunk in chunks:
        *records, tail = (tail + chunk).split(b"\0")
        for record in records:
            words = record.rpartition(b"\n:")[2].removeprefix(b":").split(b" ")
            if len(words) == 5:
                ends = ((words[0], words[2]), (words[1], words[3]))
                found |= {oid.decode("ascii", "replace") for mode, oid in ends if mode not in _NO_BLOB}
    return found


def missing(repository: Path, oids: Collection[str]) -> list[str]:
    """Those of these objects that are not there, in their order. Raises GitError.

    All objects that are there are listed: to ask for one that is not there ends git where a promisor is configured.
    """
    argv = ("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered")
    done = _git(repository, argv)
    if done.returncode:
        raise GitError(f"git cat-file: {done.stderr.decode('utf-8', 'replace').strip()[-600:]}")
    wanted = {oid: None for oid in oids if SHA.fullmatch(oid)}
    for line in done.stdout.split(b"\n"):
        wanted.pop(line.decode(), None)
    return list(wanted)


def is_there(repository: Path, oid: str) -> bool:
    """Whether an object is there."""
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
def stand_ins(oids: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """The environment in which git finds something binary, each time something else, for each of these blobs."""
    with tempfile.TemporaryDirectory(prefix="gitinsight-gaps-") as name:
        for oid in oids:
            # Unlike one another, or git would take one for the other renamed.
            content = b"\0" + b"\n".join(hashlib.sha256(f"{oid}{n}".encode()).hexdigest().encode() for n in range(4))
            place = Path(name, oid[:2], oid[2:])
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(b"blob %d\0%s" % (len(content), content), 1))
        yield {"GIT_ALTERNATE_OBJECT_DIRECTORIES": name}
