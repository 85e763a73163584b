"""All analyzers, in the order in which they speak. A new analyzer is one file and one name here."""

from typing import Any

from bot.analysis import complexity, dependency, missing_tests, security, size
from bot.analysis.analyzer import Analyzer

ANALYZERS: tuple[Analyzer[Any], ...] = (
    security.ANALYZER,
    complexity.ANALYZER,
    dependency.ANALYZER,
    missing_tests.ANALYZER,
    size.ANALYZER,
)
