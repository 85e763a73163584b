"""Classifies paths and lines: the traits of a path, comment lines, and incidental lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from bot.inline_tests import may_have
from bot.paths import is_code, is_docs, is_generated, is_lock, is_manifest, is_production, is_test, is_vendored

_HASH = frozenset("py pyi pyx rb sh bash pl pm r ex exs jl gd".split())
_SLASHES = frozenset(
    "js jsx mjs cjs ts tsx mts cts java go c h cc cpp cxx hh hpp hxx cs rs kt kts swift scala m mm sol zig dart vue"
    " svelte groovy".split()
)
_OTHERS: dict[str, tuple[bytes, ...]] = {
    "php": (b"#", b"//", b"/*", b"* ", b"*/"),
    "lua": (b"--",),
    "hs": (b"--", b"{-", b"-}"),
    "ml": (b"(*", b"*)"),
    "erl": (b"%",),
    "clj": (b";",),
    "cljs": (b";",),
    "f90": (b"!",),
    "f95": (b"!",),
    "vue": (b"//", b"/*", b"* ", b"*/", b"<!--", b"-->"),
    "svelte": (b"//", b"/*", b"* ", b"*/", b"<!--", b"-->"),
}
_WORD = re.compile(rb"[A-Za-z0-9\x80-\xff]")
_IMPORT = re.compile(
    rb"\s*(?:import\b|from\s+\S+\s+import\b|#\s*include\b|use\s|using\s|export\s.+\sfrom\s"
    rb"|(?:const|let|var)\s[^=]+=\s*require\s*\(|(?:[\w.]+\s+)?\"[\w.~-]+(?:/[\w.~-]+)+\"\s*$"
    rb"|pub\s+use\s|mod\s+\w+;|require(?:_relative)?\s|alias\s+[A-Z])"
)
_MAX_MATCHED = 300  # the bytes of a line that are matched; the worst-case time of the patterns is quadratic
_VERSION = re.compile(
    rb"""[\s"'#]*(?:(?:define|const|let|var)\s+)?\w*version\w*["']?\s*[:=]?=?\s*["']v?\d+\.\d""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits of a path.

    code: whether it is code, tests included.
    blamable: whether it is production code. Only here a fix is linked to the changes that introduced its deleted lines.
    versioned: whether its lines can differ in versions only: a manifest, or documentation.
    inline: whether tests can stand beside its code.
    subsystem: the first folder; "" for a file in the root folder.
    folder: "" for a file in the root folder.
    comment_starts: the beginnings of a comment line without its indentation.
    """

    code: bool
    test: bool
    lock: bool
    generated: bool
    vendored: bool
    blamable: bool
    docs: bool
    versioned: bool
    inline: bool
    subsystem: str
    folder: str
    comment_starts: tuple[bytes, ...]

    @property
    def noise(self) -> bool:
        """Whether it is a lock, generated or vendored file."""
        return self.lock or self.generated or self.vendored

    @property
    def counted(self) -> bool:
        """Whether it counts for the features of a change."""
        return self.code and not self.noise

    @property
    def flags(self) -> int:
        """Bits for the column `entities.flags`: code 1, test 2, lock 4, generated 8, vendored 16."""
        return self.code | self.test << 1 | self.lock << 2 | self.generated << 3 | self.vendored << 4


@lru_cache(maxsize=65_536)
def traits_of(path: str) -> Traits:
    """Return the traits of a path; they are cached."""
    folder, _, _ = path.rpartition("/")
    return Traits(
        is_code(path), is_test(path), is_lock(path), is_generated(path), is_vendored(path),
        is_production(path) and not is_lock(path), is_docs(path), is_manifest(path) or is_docs(path),
        may_have(path) and not is_test(path),
        path.partition("/")[0] if folder else "", folder, _comment_starts(path),
    )  # fmt: skip


def _comment_starts(path: str) -> tuple[bytes, ...]:
    suffix = PurePosixPath(path).suffix.lower().lstrip(".")
    if suffix in _OTHERS:
        return _OTHERS[suffix]
    if suffix in _HASH:
        return (b"#",)
    return (b"//", b"/*", b"* ", b"*/") if suffix in _SLASHES else ()


def code_lines(lines: Sequence[bytes], comment_starts: tuple[bytes, ...]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are neither blank nor comments, with their indexes.

    lines: consecutive lines of a file.
    A line is a comment if it begins like one, or if it is after a `/*` among these lines.
    """
    inside = False
    for index, line in enumerate(lines):
        text = line.strip()
        if inside:
            inside = b"*/" not in text
        elif text.startswith(b"/*") and b"/*" in comment_starts:
            inside = b"*/" not in text[2:]
        elif text and not text.startswith(comment_starts) and not (text == b"*" and b"/*" in comment_starts):
            yield index, line


def is_incidental(line: bytes) -> bool:
    """Return whether a line usually changes along with other lines: only brackets, an import, or a version."""
    return _WORD.search(line) is None or import_line(line) or version_line(line)


def import_line(line: bytes) -> bool:
    """Return whether a line imports something, or is a line of Go's import block."""
    return _IMPORT.match(line[:_MAX_MATCHED]) is not None


def version_line(line: bytes) -> bool:
    """Return whether a line sets a version."""
    return _VERSION.match(line[:_MAX_MATCHED]) is not None
