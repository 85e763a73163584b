"""Reads in which functions some changes lie, and their lines, from `git log -p -U0`.

git names the function in the heading of each hunk, by its own patterns for a language. Which pattern belongs to which
name is told by an attributes file of ours, because those of a repository have no effect (`git/run.py`). See
https://git-scm.com/docs/gitattributes#_defining_a_custom_hunk_header.
"""

import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.git.run import checked_sha
from bot.git.stream import Stream
from bot.process import MIB

_DRIVERS = {
    "ada": "adb ads", "bash": "sh bash zsh bats", "cpp": "c h cc hh cpp hpp cxx hxx", "csharp": "cs", "css": "css scss",
    "elixir": "ex exs", "fortran": "f f90 f95", "golang": "go", "java": "java", "kotlin": "kt kts", "markdown": "md",
    "matlab": "m", "perl": "pl pm", "php": "php", "python": "py pyi pyx", "ruby": "rb rake", "rust": "rs",
    "scheme": "scm",
}  # fmt: skip
_ATTRIBUTES = "".join(f"*.{end} diff={name}\n" for name, ends in _DRIVERS.items() for end in ends.split())
_OPTIONS = (
    "--no-walk=unsorted", "-p", "-U0", "-m", "--diff-merges=first-parent", "--root", "--no-renames", "-O/dev/null",
    "--inter-hunk-context=0", "--diff-algorithm=myers", "--no-color", "--no-relative", "--no-ext-diff", "--no-textconv",
    "--no-show-signature", "--no-notes", "--no-mailmap", "--ignore-missing", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@ ?(.{0,300})", re.DOTALL)
_MOST_BYTES = 128 * MIB
_MOST_COMMITS = 3_000
_LONGEST_LINE = 2_000
_SECONDS = 120


@dataclass(slots=True)
class PatchedFile:
    """One file of one change. headings: of its hunks, as git names them. added, removed: its lines, cut."""

    sha: str
    path: str
    headings: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def patched_files(repository: Path, shas: Sequence[str], paths: Iterable[str]) -> Iterator[PatchedFile]:
    """Yield how these changes (at most 3,000) change these files, in the order of the changes. Raises GitError.

    A merge is compared with its first parent. Of more than 128 MB of patches the rest is left out.
    """
    wanted = sorted(set(paths))
    if not shas or not wanted:
        return
    mark = secrets.token_hex(16)
    with tempfile.NamedTemporaryFile("w", suffix=".attributes") as attributes:
        attributes.write(_ATTRIBUTES)
        attributes.flush()
        argv = ["git", f"--git-dir={repository}", "--literal-pathspecs", "log", *_OPTIONS, f"--format=format:{mark}%H"]
        argv += ["--end-of-options", *map(checked_sha, shas[:_MOST_COMMITS]), "--", *wanted]
        with closing(Stream(argv, repository, _SECONDS, attributes=attributes.name)) as stream:
            yield from _parsed(_lines(stream), mark.encode())


def _lines(stream: Iterable[bytes]) -> Iterator[bytes]:
    rest, size = b"", 0
    for chunk in stream:
        size += len(chunk)
        if size > _MOST_BYTES:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _parsed(lines: Iterator[bytes], mark: bytes) -> Iterator[PatchedFile]:
    """The lines of a hunk are counted, so that none of them is taken for a heading."""
    sha, file = "", None
    for line in lines:
        if line.startswith(mark):
            sha = line[len(mark) :].decode("ascii", "replace")
        elif line.startswith(b"diff --git "):
            if file is not None:
                yield file
            file = PatchedFile(sha, "")
        elif file is not None and line.startswith((b"+++ b/", b"--- a/")):
            file.path = line[6:].rstrip(b"\t").decode("utf-8", "replace")
        elif file is not None and (match := _HUNK.match(line)):
            file.headings.append(match[3].decode("utf-8", "replace"))
            _read(lines, int(match[1] or 1), file.removed)
            _read(lines, int(match[2] or 1), file.added)
    if file is not None:
        yield file


def _read(lines: Iterator[bytes], count: int, into: list[str]) -> None:
    left = count
    while left:
        line = next(lines, None)
        if line is None:
            return
        if line.startswith(b"\\"):  # "\ No newline at end of file"
            continue
        into.append(line[1 : _LONGEST_LINE + 1].decode("utf-8", "replace"))
        left -= 1
