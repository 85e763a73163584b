"""From two commits in a mirror to the report on the change between them: read → scan → analyze.

The job, `gitinsight preview`, `explain` and the back-test all call `make_report`.
"""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.analysis.run import without_ignored
from bot.config import CONFIG_PATH, MAX_BYTES, parse_config
from bot.domain.change import Change, Report, RepositoryConfig
from bot.domain.open_pulls import Touched
from bot.domain.published import ENGINE
from bot.git.change import read_change
from bot.git.log import past_changes
from bot.git.read_file import commit_of, read_text
from bot.git.run import EMPTY_TREE
from bot.history.proposal import ProposedChange
from bot.pipeline.history import read_history
from bot.pipeline.open_pulls import PullScope, independent_of, other_pulls
from bot.pipeline.steps import SILENT, Step, Steps
from bot.sandbox import Sandbox
from bot.scan.scanners import scan

_CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """The configuration that holds, and what is wrong with the file if the defaults are used instead."""

    values: RepositoryConfig = field(default_factory=RepositoryConfig)
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What a report is wanted on.

    git_dir: the mirror or clone that holds both commits.
    base, head: full shas; the head is compared with their merge base.
    repository: its name, for the reader.
    config: of the default branch (`read_config`), never of the head.
    index: the history index, updated by the caller; None for none.
    title: the pull request's; empty for the subject of the head commit.
    pull: the pull request as the database knows it; None where other open pull requests are not looked at.
    """

    git_dir: Path
    base: str
    head: str
    repository: str
    config: ReadConfig
    index: Path | None
    title: str = ""
    pull: PullScope | None = None


async def make_report(request: ReportRequest, sandbox: Sandbox, steps: Steps = SILENT) -> Report:
    """Make the report. Raises GitError and ParseError when the change cannot be read."""
    await steps.start(Step.READ)
    change = await _read(request)
    others = await other_pulls(request.pull, change) if request.pull else ()
    change = replace(change, open_pulls=await independent_of(request.git_dir, change, others))

    await steps.start(Step.SCAN)
    findings, unscanned = await scan(change.files)
    change = without_ignored(replace(change, scans=findings, left_out=(*change.left_out, *unscanned)))

    await steps.start(Step.ANALYZE)
    analyzed = await sandbox.analyze(change)
    return Report(
        repository=request.repository,
        head_sha=request.head,
        merge_base=change.merge_base,
        engine=ENGINE,
        insights=tuple(analyzed.insights),
        files_analyzed=sum(file.left_out is None for file in change.files) - len(analyzed.left_out),
        left_out=(*change.left_out, *analyzed.left_out),
        config_problem=request.config.problem,
        config=request.config.values,
        title=change.title,
        risk=change.history.risk if change.history else None,
        touched=Touched(_paths(change), analyzed.functions),
        compared_pulls=tuple(other.number for other in others),
    )


async def _read(request: ReportRequest) -> Change:
    """The change with its files, its past and its history, not scanned yet."""
    found = await read_change(request.git_dir, request.base, request.head)
    past = await past_changes(request.git_dir, found.merge_base)
    commit = await commit_of(request.git_dir, request.head)
    title = request.title or commit.subject
    proposed = ProposedChange(found.merge_base, found.files, commit.author, title, commit.when)
    history = await asyncio.to_thread(read_history, request.index, proposed) if request.index else None
    return Change(
        repository=request.repository,
        head_sha=request.head,
        merge_base=found.merge_base,
        files=found.files,
        title=title,
        past=past,
        left_out=found.left_out,
        config=request.config.values,
        history=history,
        codeowners=await _codeowners(request.git_dir, found.merge_base) if history else "",
    )


def _paths(change: Change) -> tuple[str, ...]:
    """Where the analyzed files were at the merge base."""
    return tuple(file.old_path or file.path for file in change.files if file.left_out is None)


async def _codeowners(git_dir: Path, base: str) -> str:
    """The first of the places where GitHub looks (docs.github.com, "About code owners")."""
    for place in _CODEOWNERS if base != EMPTY_TREE else ():
        if text := await read_text(git_dir, base, place, MAX_BYTES):
            return text
    return ""


async def read_config(git_dir: Path, commit: str | None) -> ReadConfig:
    """`.github/gitinsight.yml` as it is at a commit; the defaults where there is none."""
    text = await read_text(git_dir, commit, CONFIG_PATH, MAX_BYTES) if commit else None
    return ReadConfig(*parse_config(text)) if text is not None else ReadConfig()
