"""The sentences and the evidence of the `complexity` analyzer."""

from collections.abc import Mapping
from typing import Any

from bot.analysis.functions.extraction import Extraction
from bot.analysis.functions.facts import FileFunctions, FunctionFacts
from bot.analysis.functions.judgement import METRICS, Verdict, is_test
from bot.analysis.functions.matching import Pair
from bot.analysis.measured import share_of
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code

_SUBJECTS = {
    "cognitive": "cognitive complexity",
    "ccn": "cyclomatic complexity",
    "nesting": "the nesting depth",
    "parameters": "parameters",
    "nloc": "lines of code",
}
_COUNTED = frozenset({"parameters", "nloc"})
# Points of the maintainability index (0 to 100) below which a drop is an ordinary edit.
_DROP = 3.0
_LISTED = 5


def function_insight(
    pair: Pair,
    verdict: Verdict,
    file: FileFunctions,
    part: Extraction | None,
    touched: list[tuple[int, int]],
    config: RepositoryConfig,
) -> Insight:
    """One insight about one function, with all metrics of the verdict. part: what to extract."""
    before = pair.before.function if pair.before else None
    path, after = pair.after.path, pair.after.function
    simpler = before is not None and _simplified(before, after)
    rule = "new-function" if before is None else "function-simplified" if simpler else "function-grew"
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule=f"complexity/{rule}",
        title=_title(before, after, verdict, config),
        description=_description(pair, verdict, config),
        severity=verdict.severity,
        confidence=_confidence(rule, _counted(before, after, file)),
        fingerprint=fingerprint(f"complexity/{rule}", path, after.name),
        standing=verdict.standing,
        remedy="" if simpler else _remedy(after, verdict, part),
        evidence=_evidence(pair, verdict, file, part, config),
        locations=(_location(path, pair, part, touched),),
        tags=("complexity", file.language.lower()),
    )


def _simplified(before: FunctionFacts, after: FunctionFacts) -> bool:
    if before.cognitive is None or after.cognitive is None:
        return after.ccn < before.ccn
    return after.cognitive < before.cognitive


def _title(before: FunctionFacts | None, after: FunctionFacts, verdict: Verdict, config: RepositoryConfig) -> str:
    metric = verdict.metrics[0]
    name, value = code(after.name, 80), getattr(after, metric)
    if before is None:
        return f"The new function {name} has {_amount(metric, value)}, over the threshold of {getattr(config, metric)}"
    old = getattr(before, metric)
    return f"In {name}, {_SUBJECTS[metric]} {'fell' if value < old else 'grew'} from {old} to {value}"


def _amount(metric: str, value: int) -> str:
    return f"{value} {_SUBJECTS[metric]}" if metric in _COUNTED else f"{_SUBJECTS[metric]} {value}"


def _description(pair: Pair, verdict: Verdict, config: RepositoryConfig) -> str:
    before = pair.before.function if pair.before else None
    numbers = []
    for metric in verdict.metrics:
        old = f"{getattr(before, metric)} → " if before is not None else ""
        numbers.append(
            f"{_SUBJECTS[metric]} {old}{getattr(pair.after.function, metric)} (threshold {getattr(config, metric)})"
        )
    text = ", ".join(numbers)
    text = f"{text[0].upper()}{text[1:]}."
    if pair.before is not None and pair.before.function.name != pair.after.function.name:
        text += f" It was {code(pair.before.function.name, 80)} before."
    return text


def _remedy(after: FunctionFacts, verdict: Verdict, part: Extraction | None) -> str:
    if verdict.metrics == ("parameters",):
        return "Parameters that are passed together could become one object."
    if part is None or after.cognitive is None:
        return "Many small decisions add up: extract groups of them into functions of their own."
    block = part.block
    held = (
        f"Lines {block.start_line}–{block.end_line}, which this change brings, hold {block.points} of its "
        f"{after.cognitive} points of cognitive complexity"
    )
    if not part.solves:
        return f"{held}: the part to begin with."
    return f"{held}; extracted into a function, they would leave about {after.cognitive - block.points} here."


def _confidence(rule: str, counted: str) -> Confidence:
    """Praise rests on the count alone."""
    return Confidence(1.0, counted) if rule == "function-simplified" else share_of(f"complexity/{rule}", counted)


def _counted(before: FunctionFacts | None, after: FunctionFacts, file: FileFunctions) -> str:
    """How exactly the function is counted."""
    if file.engine == "lizard":
        return "counted by lizard, without a syntax tree"
    if any(end is not None and (end.broken or end.unread) for end in (before, after)):
        return "the parser did not understand some syntax in this function"
    ends = (file.before, file.after)
    if all(end is None or end.clean for end in ends):
        return "counted on a syntax tree without errors"
    return "the parser did not understand some syntax elsewhere in this file"


def _evidence(
    pair: Pair, verdict: Verdict, file: FileFunctions, part: Extraction | None, config: RepositoryConfig
) -> dict[str, Any]:
    after, before = pair.after.function, pair.before.function if pair.before else None
    return {
        "function": after.name,
        "function_before": before.name if before else None,
        "path_before": pair.before.path if pair.before else None,
        "engine": file.engine,
        "language": file.language,
        "worsened": list(verdict.metrics) if verdict.standing is not Standing.PRAISE else [],
        "before": {metric: getattr(before, metric) for metric in METRICS} if before else None,
        "after": {metric: getattr(after, metric) for metric in METRICS},
        "thresholds": {metric: getattr(config, metric) for metric in METRICS},
        "lines": [after.start_line, after.end_line],
        "heaviest_block": None
        if part is None
        else {"start_line": part.block.start_line, "end_line": part.block.end_line, "points": part.block.points},
    }


def _location(path: str, pair: Pair, part: Extraction | None, touched: list[tuple[int, int]]) -> Location:
    """A location in the diff: the head of a new function; else the block to extract, or the first changed lines."""
    after = pair.after.function
    span = (after.start_line, after.signature_end)
    if pair.before is not None and part is not None:
        span = (part.block.start_line, part.block.end_line)
    for start, end in touched:
        if start <= span[1] and end >= span[0]:
            return Location(path, max(start, span[0]), min(end, span[1]))
    return Location(path, *touched[0])


def maintainability_note(facts: Mapping[str, FileFunctions]) -> Insight | None:
    """One note on the files whose maintainability index dropped the most; None when none dropped much."""
    ends: dict[str, tuple[float, float]] = {}
    for path, file in facts.items():
        old = file.before.maintainability if file.before else None
        new = file.after.maintainability if file.after else None
        if old is not None and new is not None and not is_test(path, ""):
            ends[path] = (round(old, 1), round(new, 1))
    drops = sorted((new - old, path) for path, (old, new) in ends.items() if old - new >= _DROP)
    if not drops:
        return None
    listed = [f"{code(path)} {ends[path][0]} → {ends[path][1]}" for _, path in drops[:_LISTED]]
    several = "files" if len(drops) > 1 else "file"
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="complexity/maintainability",
        title=f"The maintainability index of {len(drops)} {several} dropped",
        description="Maintainability index (0–100): " + ", ".join(listed) + ".",
        severity=Severity.INFO,
        confidence=Confidence(0.6, "an index over a whole file: a trend, not a finding"),
        fingerprint=fingerprint("complexity/maintainability", *sorted(path for _, path in drops)),
        standing=Standing.NOTE,
        evidence={"files": [{"path": path, "before": ends[path][0], "after": ends[path][1]} for path in sorted(ends)]},
        tags=("complexity", "maintainability"),
    )
