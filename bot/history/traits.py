"""What the index asks of a path, answered once per path, and which lines are comments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from bot.paths import is_code, is_generated, is_lock, is_production, is_test, is_vendored

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
    rb"|(?:const|let|var)\s[^=]+=\s*require\s*\()"
)
_BEGIN = 300  # bytes of a line that are looked at: the patterns take the square of them at worst
_VERSION = re.compile(
    rb"""[\s"'#]*(?:(?:define|const|let|var)\s+)?\w*version\w*["']?\s*[:=]?=?\s*["']v?\d+\.\d""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Traits:
    """noise: lock, generated or vendored. counted: code, tests included, without noise: what features are made of.

    blamed: counted, and neither test nor tooling: where a fix's deleted lines point at what brought them.
    subsystem: the first folder, "" at the top. comments: what a stripped comment line begins with.
    """

    code: bool
    test: bool
    lock: bool
    generated: bool
    vendored: bool
    blamed: bool
    subsystem: str
    folder: str
    comments: tuple[bytes, ...]

    @property
    def noise(self) -> bool:
        return self.lock or self.generated or self.vendored

    @property
    def counted(self) -> bool:
        return self.code and not self.noise

    @property
    def flags(self) -> int:
        """The five truths as bits, for a column: code 1, test 2, lock 4, generated 8, vendored 16."""
        return self.code | self.test << 1 | self.lock << 2 | self.generated << 3 | self.vendored << 4


@lru_cache(maxsize=65_536)
def traits_of(path: str) -> Traits:
    """Read a path once."""
    folder, _, _ = path.rpartition("/")
    return Traits(
        is_code(path), is_test(path), is_lock(path), is_generated(path), is_vendored(path),
        is_production(path) and not is_lock(path),
        path.partition("/")[0] if folder else "", folder, _comment_marks(path),
    )  # fmt: skip


def _comment_marks(path: str) -> tuple[bytes, ...]:
    suffix = PurePosixPath(path).suffix.lower().lstrip(".")
    if suffix in _OTHERS:
        return _OTHERS[suffix]
    if suffix in _HASH:
        return (b"#",)
    return (b"//", b"/*", b"* ", b"*/") if suffix in _SLASHES else ()


def code_in(lines: Sequence[bytes], marks: tuple[bytes, ...]) -> Iterator[tuple[int, bytes]]:
    """The lines that are neither blank nor comment, with their places. lines: consecutive ones of a file.

    A comment is told by how its lines begin, and by the `/*` before them, if that is among the lines.
    """
    inside = False
    for place, line in enumerate(lines):
        text = line.strip()
        if inside:
            inside = b"*/" not in text
        elif text.startswith(b"/*") and b"/*" in marks:
            inside = b"*/" not in text[2:]
        elif text and not text.startswith(marks) and not (text == b"*" and b"/*" in marks):
            yield place, line


def is_incidental(line: bytes) -> bool:
    """Whether a line changes along with others: brackets only, what is used from elsewhere, the program's version."""
    begin = line[:_BEGIN]
    return _WORD.search(line) is None or _IMPORT.match(begin) is not None or _VERSION.match(begin) is not None
