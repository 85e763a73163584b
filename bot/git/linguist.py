"""Reads the attributes `linguist-generated`, `linguist-vendored` and `linguist-documentation` of files at a commit.

GitHub honours them in `.gitattributes` (github-linguist/linguist, docs/overrides.md). git itself reads them, from an
index that contains nothing but the `.gitattributes` files of that commit. The commit is the base of a change, so that
a change cannot hide its own files.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import paths
from bot.git.run import GitError, checked_sha, git

_NAMES = ("linguist-generated", "linguist-vendored", "linguist-documentation")
# Any other value is true, as in Linguist's `boolean_attribute`.
_FALSE = (b"unset", b"false")
_FOUND = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?) blob (\d+)")
# Requirements that a program wrote are what is installed, as lock files are.
_PINNED = re.compile(r"(^|/)(requirements|constraints)[^/]*\.txt\Z")
_MAX_FOLDERS = 5_000
_MAX_BYTES = 256 * 1024
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class LinguistMarks:
    """What the repository says of one file. None: it says nothing."""

    generated: bool | None = None
    vendored: bool | None = None
    documentation: bool | None = None

    @property
    def means_unread(self) -> bool:
        """Whether nobody works on the file as on source code."""
        return bool(self.generated or self.vendored or self.documentation)


UNMARKED = LinguistMarks()


async def read_marks(repository: Path, commit: str, paths: Iterable[bytes]) -> Mapping[bytes, LinguistMarks]:
    """Return the marks of the files that have any, by path.

    `.gitattributes` files larger than 256 KB are skipped. Marks that cannot be read within 10 s do not count.
    """
    wanted = list(paths)
    try:
        files = await _attribute_files(repository, commit, wanted)
        return await _marks(repository, files, wanted) if files else {}
    except GitError:
        return {}


async def _attribute_files(repository: Path, commit: str, paths: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    """Return path and object id of the `.gitattributes` files in the folders of the paths."""
    folders = {path[: end + 1] for path in paths for end, byte in enumerate(path) if byte == 0x2F} | {b""}
    ordered = sorted((one for one in folders if b"\n" not in one), key=lambda one: (one.count(b"/"), one))
    names = [folder + b".gitattributes" for folder in ordered[:_MAX_FOLDERS]]
    query = b"".join(checked_sha(commit).encode() + b":" + name + b"\n" for name in names)
    output = await git(repository, "cat-file", "--batch-check", stdin=query)
    pairs = zip(names, output.split(b"\n"), strict=False)
    found = [(name, match) for name, line in pairs if (match := _FOUND.fullmatch(line))]
    return [(name, match[1]) for name, match in found if int(match[2]) <= _MAX_BYTES]


async def _marks(
    repository: Path, files: Iterable[tuple[bytes, bytes]], paths: Iterable[bytes]
) -> Mapping[bytes, LinguistMarks]:
    with TemporaryDirectory(prefix="gitinsight-attributes-") as folder:
        env = {"GIT_INDEX_FILE": f"{folder}/index"}
        entries = b"".join(b"100644 %s\t%s\0" % (oid, name) for name, oid in files)
        await git(repository, "update-index", "-z", "--index-info", stdin=entries, env=env)
        arguments = ("check-attr", "--cached", "-z", "--stdin", *_NAMES)
        query = b"".join(path + b"\0" for path in paths)
        output = await git(repository, *arguments, stdin=query, env=env, timeout=_SECONDS)
    fields = output.split(b"\0")
    said: dict[bytes, dict[bytes, bool]] = {}
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        if value != b"unspecified":
            said.setdefault(path, {})[name] = value.lower() not in _FALSE
    return {path: LinguistMarks(*(values.get(name.encode()) for name in _NAMES)) for path, values in said.items()}


def path_reason(path: str, marks: LinguistMarks = UNMARKED) -> str | None:
    """Return why a file is left out because of its path or the attributes of the repository. None: it is read.

    An attribute overrules the path. Lock files are always generated, and are read whatever an attribute says.
    """
    if paths.is_lock(path) or _PINNED.search(path):
        marks = UNMARKED
    vendored, generated = marks.vendored, marks.generated
    if paths.is_vendored(path) if vendored is None else vendored:
        return "vendored"
    return "generated" if (paths.is_generated(path) if generated is None else generated) else None
