"""What pull requests touch: plain values that the database keeps and analyzers compare.

Paths and names are those of the merge base, so that a pull request that moves a file meets one that does not.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TouchedFunction:
    """A function that was there before and that a change alters or takes away.

    path, name: at the merge base. Lines are 1-based and inclusive, at the head; 0 where it is gone.
    """

    path: str
    name: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Touched:
    """All that one change touches, within bounds. files: paths at the merge base."""

    files: tuple[str, ...] = ()
    functions: tuple[TouchedFunction, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenPull:
    """Another open pull request into the same branch, as its newest analysis saw it."""

    number: int
    head_sha: str
    touched: Touched
