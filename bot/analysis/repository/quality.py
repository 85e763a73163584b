"""Insights on the functions of a whole repository: the hardest functions, the worst files, and totals.

Judged by the thresholds of `complexity` (docs/complexity.md). Pure.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping

from bot.analysis.functions.facts import FileFunctions, FunctionFacts
from bot.analysis.functions.judgement import Verdict, is_test, judge
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, Standing, fingerprint
from bot.text import code, count

_FUNCTIONS = 50
_FILES = 20
# The block to begin with holds at least this share of the points, in at most this share of the lines.
_LEAST_SHARE = 0.4
_MOST_LINES = 0.7
_COUNTED = Confidence(0.9, "counted from the syntax tree")
_NOTE_PREDICATES = {
    "ccn": "has many paths",
    "cognitive": "is hard to follow",
    "nesting": "is deeply nested",
    "parameters": "takes many parameters",
    "nloc": "is long",
}
Judged = tuple[str, FunctionFacts, Verdict]


def quality_insights(facts: Mapping[str, FileFunctions], config: RepositoryConfig) -> list[Insight]:
    """The hardest functions, hardest first, the worst files, and one note on all functions."""
    judged = [
        (path, function, verdict)
        for path, file in facts.items()
        for function in (file.after.functions if file.after else ())
        if not is_test(path, function.name) and (verdict := judge(None, function, config)) is not None
    ]
    judged.sort(key=lambda one: (-_hardness(one[1], config), one[0], one[1].start_line))
    hardest = [_function(one, config, facts[one[0]]) for one in judged[:_FUNCTIONS]]
    return [*hardest, *_files(judged, facts), *_whole(facts, judged, config)]


def _hardness(function: FunctionFacts, config: RepositoryConfig) -> float:
    cognitive = (function.cognitive or 0) / max(1, config.cognitive)
    return max(cognitive, function.ccn / max(1, config.ccn))


def _function(judged: Judged, config: RepositoryConfig, file: FileFunctions) -> Insight:
    path, function, verdict = judged
    evidence = {
        "function": function.name,
        "heaviest_block": [function.heaviest.start_line, function.heaviest.end_line] if function.heaviest else [],
        "metrics": list(verdict.metrics),
        **{name: getattr(function, name) for name in ("ccn", "cognitive", "nloc", "parameters", "nesting")},
        "thresholds": {name: getattr(config, name) for name in ("ccn", "cognitive", "nloc", "parameters", "nesting")},
        "language": file.language,
        "engine": file.engine,
    }
    # Many paths alone are not hard to follow: a flat switch has many.
    predicate = "is hard to follow" if verdict.standing is Standing.REMARK else _NOTE_PREDICATES[verdict.metrics[0]]
    cognitive = f", a cognitive complexity of {function.cognitive}" if function.cognitive is not None else ""
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="repository/function",
        title=f"{code(function.name)} in {code(path)} {predicate}",
        description=f"It has a CCN of {function.ccn}{cognitive}, in {count(function.nloc, 'line')} of code.",
        remedy=_remedy(function),
        severity=verdict.severity,
        confidence=_COUNTED,
        standing=verdict.standing,
        evidence=evidence,
        locations=(Location(path, function.start_line, function.end_line),),
        tags=("complexity", file.language),
        fingerprint=fingerprint("repository/function", path, function.name),
    )


def _remedy(function: FunctionFacts) -> str:
    """Where to begin. A block that is nearly the whole function, or holds little of it, is no place to begin."""
    block = function.heaviest
    share = block.points / max(1, function.cognitive or 0) if block else 0
    lines = block.end_line - block.start_line + 1 if block else 0
    if block is None or share < _LEAST_SHARE or lines > _MOST_LINES * (function.end_line - function.start_line + 1):
        return "Extract parts of it into functions of their own."
    return (
        f"Lines {block.start_line}–{block.end_line} hold {share:.0%} of its cognitive complexity: extract parts of "
        "them into a function."
    )


def _files(judged: list[Judged], facts: Mapping[str, FileFunctions]) -> list[Insight]:
    """Files with at least three hard functions, most first."""
    by_file: dict[str, list[FunctionFacts]] = defaultdict(list)
    for path, function, verdict in judged:
        if verdict.standing is Standing.REMARK:
            by_file[path].append(function)
    worst = sorted(by_file.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_file(path, hard, facts[path]) for path, hard in worst[:_FILES] if len(hard) >= 3]


def _file(path: str, hard: list[FunctionFacts], file: FileFunctions) -> Insight:
    after = file.after
    index = after.maintainability if after else None
    of = len(after.functions) if after else len(hard)
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="repository/file",
        title=f"{len(hard)} of the {of} functions of {code(path)} are hard to follow",
        description="Hardest: " + ", ".join(code(one.name, 60) for one in hard[:5]) + ".",
        remedy="Begin with the one that changes most often.",
        severity=Severity.LOW,
        confidence=_COUNTED,
        evidence={"hard": len(hard), "functions": of, "maintainability": None if index is None else round(index, 1)},
        locations=(Location(path, 1, 1),),
        tags=("complexity", file.language),
        fingerprint=fingerprint("repository/file", path),
    )


def _whole(facts: Mapping[str, FileFunctions], judged: list[Judged], config: RepositoryConfig) -> list[Insight]:
    functions = [one for file in facts.values() if file.after for one in file.after.functions]
    if not functions:
        return []
    ccn = sorted(one.ccn for one in functions)
    languages = Counter(file.language for file in facts.values())
    hard = sum(verdict.standing is Standing.REMARK for _, _, verdict in judged)
    evidence = {
        "files": len(facts),
        "functions": len(functions),
        "hard": hard,
        "told": min(len(judged), _FUNCTIONS),
        "above_threshold": sum(one > config.ccn for one in ccn),
        "ccn_median": statistics.median(ccn),
        "ccn_p90": ccn[len(ccn) * 9 // 10],
        "ccn_max": ccn[-1],
        "nloc": sum(one.nloc for one in functions),
        "languages": dict(languages.most_common()),
    }
    return [
        Insight(
            type=InsightType.CODE_QUALITY,
            rule="repository/functions",
            title=f"{count(len(functions), 'function')} in {count(len(facts), 'file')}, {hard:,} hard to follow",
            description=f"Half of the functions have a CCN of at most {evidence['ccn_median']:g}, nine of ten of at "
            f"most {evidence['ccn_p90']}.",
            severity=Severity.INFO,
            confidence=_COUNTED,
            standing=Standing.NOTE,
            evidence=evidence,
            tags=("complexity",),
            fingerprint=fingerprint("repository/functions"),
        )
    ]
