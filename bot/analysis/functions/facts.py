"""What measuring one file yields: plain values, so that they cross from the child that parsed it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A nested block; lines are 1-based and inclusive, points are its share of the function's cognitive complexity."""

    start_line: int
    end_line: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFacts:
    """One function at one end of a change.

    name: qualified by classes and enclosing functions. Lines are 1-based and inclusive; signature_end is the last
    line of the head, before the body. nloc: lines with code, without blank lines, comments and docstrings.
    cognitive, nesting: None where the engine cannot tell (lizard). broken: the parser met syntax it could not read
    inside this function. signature: 32-bit digests of the body's lines, whitespace and bare punctuation left out.
    heaviest: the smallest nested block that holds about half of the cognitive complexity.
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
    signature: tuple[int, ...] = ()
    heaviest: Block | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """One end of one file. maintainability: 0 to 100 (see `maintainability.py`), None where the engine cannot tell.

    clean: the parser read all of it without an error.
    """

    functions: tuple[FunctionFacts, ...]
    maintainability: float | None
    clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFunctions:
    """Both ends of one file; an end is None where the file does not exist. engine: "tree-sitter" or "lizard"."""

    language: str
    engine: str
    before: TextFacts | None
    after: TextFacts | None
