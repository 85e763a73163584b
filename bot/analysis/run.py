"""Run the analyzers over a change: measure file by file, then analyze the whole. The sandbox runs it in its child."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.analysis.analyzer import Analyzer
from bot.analysis.functions.facts import FileFunctions
from bot.analysis.functions.file import measure_functions
from bot.analysis.hotspots import without_repeated
from bot.analysis.ignored import Ignored
from bot.analysis.past.told import without_told
from bot.domain.change import Change, LeftOut
from bot.domain.files import FileChange
from bot.domain.insights import Confidence, Insight, InsightType, Severity, Standing, fingerprint


def without_ignored(change: Change) -> Change:
    """The change without the files that the repository's configuration ignores (patterns as in .gitignore)."""
    if not change.config.ignore:
        return change
    patterns = Ignored(change.config.ignore)
    ignored = [file.path for file in change.files if file.path in patterns]
    tree = change.tree
    others = {one.path for part in (tree.mentions, tree.stated) for one in part}
    others |= {one.path for one in tree.files} | {one.path for one in tree.listings}
    dropped = {*ignored, *(path for path in sorted(others) if path in patterns)}
    return replace(
        change,
        files=tuple(file for file in change.files if file.path not in dropped),
        scans=tuple(finding for finding in change.scans if finding.path not in dropped),
        tree=replace(
            tree,
            mentions=tuple(one for one in tree.mentions if one.path not in dropped),
            stated=tuple(one for one in tree.stated if one.path not in dropped),
            files=tuple(one for one in tree.files if one.path not in dropped),
            listings=tuple(one for one in tree.listings if one.path not in dropped),
        ),
        left_out=(*change.left_out, *(LeftOut(path, "ignored by the configuration") for path in ignored)),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurements of a change.

    facts: by the name of the analyzer, then by path.
    broken: the exception of an analyzer, by its name.
    """

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
    """Measure all files with all analyzers that the configuration does not switch off.

    on_file: called with the index of each file before it is measured. skip: indexes of files to leave out.
    """
    active = tuple(analyzer for analyzer in analyzers if analyzer.name not in change.config.analyzers_off)
    parsing = tuple(analyzer.name for analyzer in active if analyzer.measure_functions)
    facts: dict[str, dict[str, Any]] = {analyzer.name: {} for analyzer in active}
    broken: dict[str, Exception] = {}
    for index, file in enumerate(change.files):
        if file.left_out is None and index not in skip:
            on_file(index)
            functions = _functions(file, parsing, broken) if parsing and not file.documentation else None
            for analyzer in active:
                _measure(analyzer, file, functions, facts[analyzer.name], broken)
    return Measured(active, facts, broken)


def run_analyzers(change: Change, measured: Measured) -> list[Insight]:
    """The insights of all analyzers, from what was measured.

    An analyzer that raises loses its own insights only; one insight reports the failure.
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
    return without_told(without_repeated(insights))


def _functions(file: FileChange, parsing: Collection[str], broken: dict[str, Exception]) -> FileFunctions | None:
    """The functions of a file. A failure breaks all analyzers that need them."""
    try:
        return measure_functions(file)
    except MemoryError:
        raise  # as in `_measure`
    except Exception as problem:
        broken.update((name, broken.get(name, problem)) for name in parsing)
        return None


def _measure(
    analyzer: Analyzer[Any],
    file: FileChange,
    functions: FileFunctions | None,
    facts: dict[str, Any],
    broken: dict[str, Exception],
) -> None:
    if analyzer.name in broken:
        return
    try:
        if analyzer.measure_functions is None:
            measured = analyzer.measure(file)
        else:
            measured = analyzer.measure_functions(file, functions) if functions else None
    except MemoryError:
        raise  # caused by the file: the child ends, and the next child leaves this file out
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
