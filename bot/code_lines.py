"""Tells lines of code from comments and from incidental lines: only brackets, imports, versions. Pure."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

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


def comment_starts(path: str) -> tuple[bytes, ...]:
    """Return the beginnings of a comment line in a file of this name, without its indentation."""
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
