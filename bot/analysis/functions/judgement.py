"""When a function's metrics become a remark, and its severity."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot import paths
from bot.analysis.functions.facts import FileFunctions, FunctionFacts
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Severity, Standing

METRICS = ("cognitive", "ccn", "nesting", "parameters", "nloc")
# The minimum growth of a metric that was above its threshold before: less growth is common in any edit.
_GROWTH = {"cognitive": 4, "ccn": 3, "nesting": 2, "parameters": 2, "nloc": 20}
_GROWTH_SHARE = 0.15
# The minimum growth of a metric that crosses its threshold: one more branch is no remark.
_CROSSING = {"cognitive": 3, "ccn": 3, "nesting": 2, "parameters": 2, "nloc": 20}
# A remark is on a function that is clearly above its threshold, and that the change as a whole made so; and either one
# block can be extracted that solves it, or it is far above. Readers called all else true but not worth saying.
_MARGIN = 1.25
_GROWTH_OF_LIMIT = 0.5
_FAR = 3
_LEAST_LINES = 5
_SIMPLER_SHARE = 0.7
_SIMPLER_POINTS = 5

_TEST_NAME = re.compile(r"(?:^|\.)tests?\.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one function.

    metrics: those that it is based on.
    """

    standing: Standing
    severity: Severity
    metrics: tuple[str, ...]


def is_test(path: str, name: str) -> bool:
    """Whether a function belongs to tests, by its path or by the module or class around it."""
    return paths.is_test(path) or _TEST_NAME.search(name) is not None


def judge(before: FunctionFacts | None, after: FunctionFacts, config: RepositoryConfig) -> Verdict | None:
    """The verdict on the difference of a function; None for no insight."""
    worse = tuple(metric for metric in METRICS if _worse(metric, before, after, config))
    if worse == ("nloc",):
        return None  # length alone is visible in the diff, and often a table
    if worse:
        # Cognitive complexity decides. CCN alone means "many paths", not "hard to follow": a flat switch has many.
        # Length and parameters are visible in the diff.
        if _judge_metric(after) not in worse:
            return Verdict(Standing.NOTE, Severity.INFO, worse)
        return Verdict(Standing.REMARK, _severity(before, after, config), worse)
    if before is not None and _simpler(before, after, config):
        return Verdict(Standing.PRAISE, Severity.INFO, (_judge_metric(after),))
    return None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change did to a function.

    lines: how many of its lines the change touched.
    net: by how much the production functions of its file, or of the whole change if that is less, became more complex
        together, by metric.
    extractable: whether the change brought a block whose extraction solves it.
    imported: whether the change brings in many files at once, which were written before.
    """

    lines: int
    net: Mapping[str, int]
    extractable: bool
    imported: bool = False


def is_clear(before: FunctionFacts | None, after: FunctionFacts, effect: Effect, config: RepositoryConfig) -> bool:
    """Whether a worse function is worth a remark: far enough above its threshold, with something to do about it."""
    metric = _judge_metric(after)
    value, limit = getattr(after, metric), max(1, getattr(config, metric))
    growth = min(value - (getattr(before, metric) or 0 if before is not None else 0), effect.net[metric])
    if value < _MARGIN * limit or growth < _GROWTH_OF_LIMIT * limit or effect.lines < _LEAST_LINES:
        return False
    return not effect.imported and (effect.extractable or (value >= _FAR * limit and growth >= limit))


def net_growth(facts: Iterable[tuple[str, FileFunctions]]) -> dict[str, int]:
    """Return by how much the production functions of these files grew together: cognitive complexity, and CCN.

    facts: paths with the measurements of both ends.
    """
    net = dict.fromkeys(("cognitive", "ccn"), 0)
    for path, file in facts:
        for sign, end in ((-1, file.before), (1, file.after)):
            for function in end.functions if end else ():
                if not is_test(path, function.name):
                    net["cognitive"] += sign * (function.cognitive or 0)
                    net["ccn"] += sign * function.ccn
    return net


def _worse(metric: str, before: FunctionFacts | None, after: FunctionFacts, config: RepositoryConfig) -> bool:
    value: int | None = getattr(after, metric)
    limit: int = getattr(config, metric)
    if value is None or value <= limit:
        return False
    old: int | None = getattr(before, metric) if before is not None else None
    if old is None:
        return True
    if old <= limit:
        return value - old >= _CROSSING[metric]
    return value - old >= max(_GROWTH[metric], _GROWTH_SHARE * old)


def _judge_metric(function: FunctionFacts) -> str:
    return "ccn" if function.cognitive is None else "cognitive"


def _severity(before: FunctionFacts | None, after: FunctionFacts, config: RepositoryConfig) -> Severity:
    """The severity: by how far the metric is above its threshold, and by how much this change added."""
    metric = _judge_metric(after)
    value, limit = getattr(after, metric), max(1, getattr(config, metric))
    growth = value - (getattr(before, metric) or 0) if before is not None else value
    if value >= _FAR * limit and growth >= limit:
        return Severity.HIGH
    if value >= 1.75 * limit and growth >= limit / 2:
        return Severity.MEDIUM
    return Severity.LOW


def _simpler(before: FunctionFacts, after: FunctionFacts, config: RepositoryConfig) -> bool:
    metric = _judge_metric(after)
    old, new = getattr(before, metric), getattr(after, metric)
    if old is None or old <= getattr(config, metric):
        return False
    return bool(new <= _SIMPLER_SHARE * old and old - new >= _SIMPLER_POINTS)
