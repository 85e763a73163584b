"""All analyzers, in the order of their insights. A new analyzer is one module and one line here."""

from typing import Any

from bot.analysis import (
    changelog,
    collision,
    complexity,
    copies,
    coupling,
    dependency,
    hotspots,
    leftover,
    missing_tests,
    ownership,
    risk,
    security,
    similarity,
    size,
    spelling,
    split,
    stale,
    sweep,
    twins,
    unfinished,
    unlisted,
)
from bot.analysis.analyzer import Analyzer
from bot.analysis.past import cleared_before, relanded, undone_fix

ANALYZERS: tuple[Analyzer[Any], ...] = (
    security.ANALYZER,
    unfinished.ANALYZER,
    complexity.ANALYZER,
    dependency.ANALYZER,
    missing_tests.ANALYZER,
    changelog.ANALYZER,
    size.ANALYZER,
    risk.ANALYZER,
    hotspots.ANALYZER,
    coupling.ANALYZER,
    split.ANALYZER,
    twins.ANALYZER,
    copies.ANALYZER,
    leftover.ANALYZER,
    stale.ANALYZER,
    sweep.ANALYZER,
    unlisted.ANALYZER,
    spelling.ANALYZER,
    ownership.ANALYZER,
    collision.ANALYZER,
    similarity.ANALYZER,
    undone_fix.ANALYZER,
    relanded.ANALYZER,
    cleared_before.ANALYZER,
)
