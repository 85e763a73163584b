"""The measurements of one file: plain values, because the child process sends them to its parent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A nested block. Lines are 1-based and inclusive.

    points: its part of the function's cognitive complexity.
    """

    start_line: int
    end_line: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFacts:
    """One function at one end of a change.

    Lines are 1-based and inclusive.

    name: qualified by classes and enclosing functions.
    signature_end: the last line of the head, before the body.
    nloc: lines with code, without blank lines, comments and docstrings.
    cognitive, nesting: None if the engine does not count them (lizard).
    broken: whether the parser could not read the function, so that its numbers may be far off.
    unread: how many of its lines were left out because the grammar does not know their syntax (`repair.py`).
    signature: 32-bit digests of the body's lines, without whitespace and bare punctuation.
    heaviest: the smallest nested block with about half of the cognitive complexity.
    blocks: the nested blocks with the most points, at most 64.
    """

    name: str
    start_line: int
    end_line: int
    signature_end: int
    ccn: int
    cognitive: int | None
    nloc: int
    parameters: int
    nesting: int | None
    broken: bool = False
    unread: int = 0
    signature: tuple[int, ...] = ()
    heaviest: Block | None = None
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """One end of one file.

    maintainability: 0 to 100 (see `maintainability.py`); None if the engine does not count it.
    clean: whether the parser read all of it without an error.
    hidden: names in what could not be read, in front of a parenthesis: they may be functions.
    lost: the share of its bytes (0 to 1) that the parser could not read.
    """

    functions: tuple[FunctionFacts, ...]
    maintainability: float | None
    clean: bool
    hidden: tuple[str, ...] = ()
    lost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFunctions:
    """Both ends of one file.

    engine: "tree-sitter" or "lizard".
    before, after: None if the file does not exist there.
    unparsed: whether much of one end could not be parsed, so that lizard counts both ends instead.
    """

    language: str
    engine: str
    before: TextFacts | None
    after: TextFacts | None
    unparsed: bool = False
