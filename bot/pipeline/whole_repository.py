"""Analyzes the files of one commit for a whole-repository analysis.

The files are read in batches, which limits the memory and gives an exact progress. Hotspots are first, so that the
least important files of a huge repository are left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot import paths
from bot.analysis.dependency.formats import format_of
from bot.analysis.functions.facts import FileFunctions
from bot.analysis.registry import ANALYZERS
from bot.analysis.repository.dead_references import by_path, dead_references, untracked_names
from bot.analysis.repository.quality import quality_insights
from bot.analysis.repository.scanner_notes import one_note_per_rule
from bot.analysis.run import without_ignored
from bot.domain.analyses import AnalysisKind, Scope
from bot.domain.change import Change, LeftOut, RepositoryConfig
from bot.domain.insights import Insight, InsightType
from bot.domain.removed import GonePaths, RemovedPath
from bot.domain.tree import Mention
from bot.git.tree import TreeFile, choose, list_tree, read_files
from bot.insights.dead_references import reference_insights
from bot.insights.whole import WHOLE_TYPES
from bot.process import MIB
from bot.sandbox import Sandbox
from bot.scan.scanners import scan

MAX_FILES = 5_000
MAX_BYTES = 128 * MIB
_BATCH = 250
_MOST_NAMED = 300
Within = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Found:
    """The results so far.

    files: the number of analyzed files.
    facts: the functions of each file by path.
    references: paths that are gone, with a line that names them.
    untracked: the names in lists of ignored files.
    """

    files: int = 0
    insights: list[Insight] = field(default_factory=list)
    facts: dict[str, FileFunctions] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    references: list[tuple[str, Mention]] = field(default_factory=list)
    untracked: list[str] = field(default_factory=list)


async def analyze_files(
    mirror: Path,
    head: str,
    repository: str,
    config: RepositoryConfig,
    scope: Scope,
    hot: Sequence[str],
    removed: Sequence[RemovedPath],
    within: Within,
) -> Found:
    """Analyze the files of a commit. Raises GitError.

    hot: paths of hotspots, which are analyzed first.
    removed: paths that had a file once, for the lines that still name them.
    within: is called with the progress, 0 to 1.
    """
    found = Found()
    listed = await list_tree(mirror, head)
    chosen = choose(listed, _order(hot, scope), most=MAX_FILES, most_bytes=MAX_BYTES, named=_MOST_NAMED)
    gone = GonePaths.at([file.path for file in listed], removed)
    found.left_out += [LeftOut(path, reason) for path, reason in chosen.named]
    if (more := sum(chosen.left_out.values()) - len(chosen.named)) > 0:
        found.left_out.append(LeftOut("(more)", f"{more:,} more files are not analyzed"))
    for start in range(0, len(chosen.files), _BATCH):
        files = await read_files(mirror, chosen.files[start : start + _BATCH])
        change = Change(
            repository=repository, head_sha=head, merge_base=head, files=files, config=config, whole_repository=True
        )
        change = without_ignored(change)
        await _batch(change, scope, found)
        if scope.code_quality:
            found.references += await asyncio.to_thread(list, dead_references(change.files, gone, repository))
            found.untracked += untracked_names(files)
        await within(min(1.0, (start + _BATCH) / len(chosen.files)))
    found.insights, dropped = one_note_per_rule(found.insights)
    if dropped:
        found.left_out.append(LeftOut("(security)", f"{dropped:,} more remarks with the lowest severity are left out"))
    if scope.code_quality:
        found.insights += await asyncio.to_thread(quality_insights, found.facts, config)
        found.insights += reference_insights(by_path(found.references, found.untracked), gone)
    return found


def _order(hot: Sequence[str], scope: Scope) -> Callable[[TreeFile], object]:
    """Return the sort key: manifests and lock files (few, and compared with each other), hotspots, code, others."""
    rank = {path: number for number, path in enumerate(hot)}

    def order(file: TreeFile) -> object:
        if scope.dependencies and format_of(file.path) is not None:
            return (0, 0, file.path)
        if file.path in rank:
            return (1, rank[file.path], file.path)
        return (2 if paths.is_production(file.path) else 3 if paths.is_code(file.path) else 4, 0, file.path)

    return order


async def _batch(change: Change, scope: Scope, found: Found) -> None:
    found.files += sum(file.left_out is None for file in change.files)
    found.left_out += change.left_out
    found.left_out += [LeftOut(file.path, file.left_out) for file in change.files if file.left_out]
    if scope.code_quality:
        await _measure(change, found)
    chosen = _analyzers_of(scope)
    if not chosen:
        return
    if scope.security:
        scans, unscanned = await scan(change.files)
        change, found.left_out = replace(change, scans=scans), [*found.left_out, *unscanned]
    off = tuple(one.name for one in ANALYZERS if one.name not in chosen)
    change = replace(change, config=replace(change.config, analyzers_off=(*change.config.analyzers_off, *off)))
    async with Sandbox() as sandbox:
        done = await sandbox.analyze(change)
    found.insights += done.insights
    found.left_out += done.left_out


async def _measure(change: Change, found: Found) -> None:
    code = tuple(file for file in change.files if file.left_out is None and paths.is_code(file.path))
    if code:
        async with Sandbox() as sandbox:
            facts, died = await sandbox.measure(replace(change, files=code))
        found.facts |= facts
        found.left_out += died


def _analyzers_of(scope: Scope) -> set[str]:
    return ({"security"} if scope.security else set()) | ({"dependency"} if scope.dependencies else set())


def replaced_types(scope: Scope) -> list[InsightType]:
    """Return the insight types whose earlier results this analysis replaces."""
    types = {
        InsightType.CODE_QUALITY: scope.code_quality,
        InsightType.SECURITY: scope.security,
        InsightType.DEPENDENCY: scope.dependencies,
        **dict.fromkeys(WHOLE_TYPES, scope.history),
    }
    return [kind for kind, is_covered in types.items() if is_covered]


def restricted(scope: Scope) -> Scope:
    """Restrict the scope to the kind of the analysis. `quick` reads no files; `security` does nothing else."""
    if scope.kind is AnalysisKind.QUICK:
        return replace(scope, code_quality=False, security=False, dependencies=False)
    if scope.kind is AnalysisKind.SECURITY:
        return replace(scope, code_quality=False, security=True, dependencies=False, history=False)
    return scope
