"""The files and functions that pull requests change. The database stores them, and an analyzer compares them.

Paths and names are those at the merge base, so that a file is equal in two pull requests although one of them moves it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TouchedFunction:
    """An existing function that a change alters or deletes.

    path, name: at the merge base.
    start_line, end_line: at the head, 1-based and inclusive; 0 if the function is deleted.
    """

    path: str
    name: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Touched:
    """The files and functions that one change alters. Their number is limited.

    files: paths at the merge base.
    """

    files: tuple[str, ...] = ()
    functions: tuple[TouchedFunction, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenPull:
    """Another open pull request into the same branch, as of its newest analysis."""

    number: int
    head_sha: str
    touched: Touched
