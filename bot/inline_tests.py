"""Finds tests that stand in files of production code: by language, without a parser. Pure.

Rust's `#[cfg(test)]`, `mod tests` and `#[test]` (doc.rust-lang.org/book, "Test Organization"), D's `unittest`, Zig's
`test`, Vitest's in-source tests, `let%test` of OCaml, Racket's `module+ test`, test macros of C++, and examples in
documentation that are run as tests (Rust, Python, Elixir, Haskell). A test block ends at the first line that closes at
its own indentation, so that strings and comments need not be understood.
"""

import re
from collections.abc import Iterator, Sequence

_RUST = (
    r"\s*(?:#\[(?:cfg\((?:test|(?:all|any)\(test\b.*)|(?:\w+::)*(?:test|rstest|test_case|bench|test_only)\b)"
    r"|(?:pub(?:\(\w+\))? )?mod (?:\w+_)?tests?(?:_\w+)? ?\{)"
)
_SCRIPT = r"if \(import\.meta\.vitest\b"
_MACRO = r"(?:TEST_CASE|SCENARIO|TEST|TEST_F|TEST_P|BOOST_(?:AUTO|FIXTURE)_TEST_CASE)\("
# The line that begins a test block, by extension.
_OPENINGS = {
    **dict.fromkeys(("rs", "cairo", "move"), re.compile(_RUST)),
    **dict.fromkeys(("js", "jsx", "ts", "tsx", "mjs", "mts", "vue"), re.compile(_SCRIPT)),
    **dict.fromkeys(("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx"), re.compile(_MACRO)),
    "d": re.compile(r"\s*(?:@\w+ )*unittest\b"),
    "zig": re.compile(r"\s*test\b(?: \"[^\"]*\"| \w+)? ?\{"),
    "ml": re.compile(r"\s*let%(?:test|test_unit|expect_test|test_module)\b"),
    "rkt": re.compile(r"\(module\+ test\b"),
    "jl": re.compile(r"\s*@testset\b"),
    "clj": re.compile(r"\(deftest\b"),
}
# A line of an example that is run as a test, by extension. In Rust it stands between two fences.
_EXAMPLES = {
    "py": re.compile(r"\s*(?:#\s*)?(?:>>>|\.\.\.)(?: |$)"),
    "pyx": re.compile(r"\s*(?:>>>|\.\.\.)(?: |$)"),
    "ex": re.compile(r"\s*(?:iex|\.\.\.)(?:\(\d+\))?> ?"),
    "hs": re.compile(r"\s*-- >>> "),
}
# What every text with tests contains, by extension: most texts need no further look.
_MARKS = {
    **dict.fromkeys(("rs", "cairo", "move"), (b"test", b"```", b"bench")),
    **dict.fromkeys(("js", "jsx", "ts", "tsx", "mjs", "mts", "vue"), (b"import.meta.vitest",)),
    **dict.fromkeys(("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx"), (b"TEST", b"SCENARIO")),
    **dict.fromkeys(("d", "zig", "rkt", "jl", "clj"), (b"test",)),
    **dict.fromkeys(("py", "pyx", "hs"), (b">>>",)),
    "ml": (b"let%",), "ex": (b"iex",),
}  # fmt: skip
_FENCE = re.compile(r"\s*//[/!] ?```")
_ENDS = ("}", ")", "end", "]")
_MOST_LINES = 20_000


def may_have(path: str) -> bool:
    """Return whether a file of this name can contain tests beside its code."""
    suffix = _suffix(path)
    return suffix in _OPENINGS or suffix in _EXAMPLES


def mentions_tests(path: str, text: bytes) -> bool:
    """Return whether a part of a file may contain tests: a quick look that is right if it says no."""
    return any(mark in text for mark in _MARKS.get(_suffix(path), ()))


def opens(path: str, line: str) -> bool:
    """Return whether a line, such as the heading of a hunk, begins a test block."""
    opening = _OPENINGS.get(_suffix(path))
    return opening is not None and opening.match(line[:200]) is not None


def test_lines(path: str, lines: Sequence[str]) -> set[int]:
    """Return the indexes of the lines that belong to tests. lines: consecutive lines of one file."""
    suffix, lines = _suffix(path), lines[:_MOST_LINES]
    found: set[int] = set()
    if (opening := _OPENINGS.get(suffix)) is not None:
        index = 0
        while index < len(lines):
            if opening.match(lines[index][:200]) is None:
                index += 1
                continue
            end = _end_of_block(lines, index)
            found.update(range(index, end))
            index = end
    if (example := _EXAMPLES.get(suffix)) is not None:
        found.update(index for index, line in enumerate(lines) if example.match(line[:200]))
    if suffix == "rs":
        found.update(_fenced(lines))
    return found


def _end_of_block(lines: Sequence[str], start: int) -> int:
    """Return the index after the block that begins at a line."""
    margin, is_open = _indent(lines[start]), False
    for index in range(start, len(lines)):
        text = lines[index].strip()
        if index > start and is_open and _indent(lines[index]) <= margin and text.startswith(_ENDS):
            return index + 1
        if not text or text.startswith(("#[", "//", "@")):
            continue
        if not is_open and index > start and _indent(lines[index]) < margin:
            return index
        if not is_open and text.endswith((";", "{}")):
            return index + 1
        is_open = is_open or text.endswith(("{", "(", "begin", "=", "[")) or text.startswith("(")
    return len(lines)


def _fenced(lines: Sequence[str]) -> Iterator[int]:
    inside = False
    for index, line in enumerate(lines):
        if _FENCE.match(line[:200]):
            inside = not inside
            yield index
        elif inside:
            inside = line.lstrip().startswith(("///", "//!"))
            if inside:
                yield index


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _suffix(path: str) -> str:
    return path.rpartition(".")[2].lower() if "." in path else ""
