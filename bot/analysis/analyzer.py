"""What an analyzer is: a name and two pure functions.

`measure` sees one file and does everything that parses its text; it runs in a bounded child, so a file that
exhausts the machine costs its own result only. `analyze` sees the whole change and what was measured, and says
what is worth saying. Both are free of I/O, clock and environment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Insight

Measured = TypeVar("Measured")


def _nothing(file: FileChange) -> Any:
    return None


@dataclass(frozen=True, slots=True)
class Analyzer(Generic[Measured]):
    """One entry of the registry in `bot/analysis/__init__.py`.

    measure: one file's facts, or None for nothing to say about it. analyze: the change and the facts by path
    (only files whose facts are not None) to insights.
    """

    name: str
    analyze: Callable[[Change, Mapping[str, Measured]], list[Insight]]
    measure: Callable[[FileChange], Measured | None] = _nothing
