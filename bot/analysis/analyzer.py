"""The type of an analyzer: a name and pure functions, without I/O, clock and environment.

Only `measure` and `measure_functions` parse text, and each call gets one file. They run in a child with limits, so a
file that exceeds a limit loses its own result only.
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

    analyze: makes insights from the change and the measurements, by path; files without a result are left out.
    measure: measures one file; None for no result.
    measure_functions: replaces `measure` and also gets the functions of the file, which are parsed once for all
    analyzers. A file without functions is left out.
    """

    name: str
    analyze: Callable[[Change, Mapping[str, Measured]], list[Insight]]
    measure: Callable[[FileChange], Measured | None] = _nothing
    measure_functions: Callable[[FileChange, FileFunctions], Measured | None] | None = None
