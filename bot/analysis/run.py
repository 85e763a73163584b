"""Running the analyzers over a change, file by file and then as a whole. Pure; the sandbox calls it in its child."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pathspec

from bot.analysis.analyzer import Analyzer
from bot.domain.change import Change, LeftOut, RepositoryConfig
from bot.domain.files import FileChange
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing, fingerprint


def without_ignored(change: Change) -> Change:
    """The change without the files that the repository's configuration ignores (patterns as in .gitignore)."""
    spec = pathspec.GitIgnoreSpec.from_lines(change.config.ignore)
    ignored = tuple(file.path for file in change.files if spec.match_file(file.path))
    return replace(
        change,
        files=tuple(file for file in change.files if file.path not in ignored),
        scans=tuple(finding for finding in change.scans if finding.path not in ignored),
        left_out=(*change.left_out, *(LeftOut(path, "ignored by the configuration") for path in ignored)),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a change. facts: by analyzer, then by path. broken: analyzers that failed at it."""

    analyzers: tuple[Analyzer[Any], ...]
    facts: dict[str, dict[str, Any]]
    broken: dict[str, Exception]


def measure_files(
    change: Change,
    analyzers: Sequence[Analyzer[Any]],
    *,
    on_file: Callable[[int], None] = lambda index: None,
    skip: Collection[int] = (),
) -> Measured:
    """All files by all analyzers that are on. on_file is told the index of each file before it is measured; skip:
    indexes.
    """
    active = tuple(analyzer for analyzer in analyzers if _is_on(analyzer, change.config))
    facts: dict[str, dict[str, Any]] = {analyzer.name: {} for analyzer in active}
    broken: dict[str, Exception] = {}
    for index, file in enumerate(change.files):
        if file.left_out is None and index not in skip:
            on_file(index)
            for analyzer in active:
                _measure(analyzer, file, facts[analyzer.name], broken)
    return Measured(active, facts, broken)


def say(change: Change, measured: Measured) -> list[Insight]:
    """What the analyzers say of what was measured.

    An analyzer that raised or raises costs its own insights only: one insight says that it failed.
    """
    insights: list[Insight] = []
    broken = dict(measured.broken)
    for analyzer in measured.analyzers:
        if analyzer.name not in broken:
            try:
                insights.extend(analyzer.analyze(change, measured.facts[analyzer.name]))
            except Exception as problem:
                broken[analyzer.name] = problem
    insights.extend(_failure(name, problem) for name, problem in broken.items())
    return insights


def _is_on(analyzer: Analyzer[Any], config: RepositoryConfig) -> bool:
    return analyzer.name not in config.analyzers_off


def _measure(analyzer: Analyzer[Any], file: FileChange, facts: dict[str, Any], broken: dict[str, Exception]) -> None:
    if analyzer.name in broken:
        return
    try:
        measured = analyzer.measure(file)
    except MemoryError:
        raise  # the file's fault, not the analyzer's: the child ends, and the next one leaves this file out
    except Exception as problem:
        broken[analyzer.name] = problem
        return
    if measured is not None:
        facts[file.path] = measured


def _failure(name: str, problem: Exception) -> Insight:
    return Insight(
        type=InsightType.PATTERN,
        rule=f"{name}/failed",
        title=f"The analyzer {name} failed; its remarks are missing",
        description=f"It stopped with {type(problem).__name__}. This is a fault of GitInsight, not of this change.",
        severity=Severity.INFO,
        confidence=Confidence(1.0, "observed"),
        standing=Standing.FAILURE,
        evidence={"analyzer": name, "error": type(problem).__name__, "message": str(problem)[:300]},
        fingerprint=fingerprint(f"{name}/failed"),
    )
