"""What an analyzer is: a name and pure functions, free of I/O, clock and environment.

Everything that parses the text of a file is a measurement of that file alone. It runs in a bounded child, so a file
that exhausts the machine costs its own result only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.analysis.functions.facts import FileFunctions
from bot.domain.change import Change
from bot.domain.files import FileChange
from bot.domain.insights import Insight

Measured = TypeVar("Measured")


def _nothing(file: FileChange) -> Any:
    return None


@dataclass(frozen=True, slots=True)
class Analyzer(Generic[Measured]):
    """One entry of the registry (`analysis/registry.py`).

    analyze: makes insights from the change and from what was measured, by path (files without a result are left out).
    measure: measures one file; None for no result.
    measure_functions: the same, from the functions of the file. They are parsed once for all analyzers; a file
    without functions is left out. It replaces `measure`.
    """

    name: str
    analyze: Callable[[Change, Mapping[str, Measured]], list[Insight]]
    measure: Callable[[FileChange], Measured | None] = _nothing
    measure_functions: Callable[[FileChange, FileFunctions], Measured | None] | None = None
