"""Makes the report on the change between two commits of a mirror: read → scan → analyze.

The job, `gitinsight preview`, `gitinsight explain` and the back-test call `make_report`.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.analysis.measured import proven, with_own_past
from bot.analysis.run import without_ignored
from bot.config import CONFIG_PATH, MAX_BYTES, parse_config, read_config_text
from bot.domain.back_test import BackTest
from bot.domain.change import Change, Report, RepositoryConfig
from bot.domain.dismissals import Dismissals, dismissed_fingerprints
from bot.domain.earlier import Earlier
from bot.domain.files import ChangedLines, FileStatus
from bot.domain.history import HistoryFacts
from bot.domain.open_pulls import Touched
from bot.domain.published import ENGINE
from bot.domain.similar import Similar
from bot.domain.steps import Step
from bot.git.change import ChangeFiles, read_change
from bot.git.log import past_changes
from bot.git.read_file import read_text
from bot.git.run import EMPTY_TREES, MissingObject
from bot.history.proposal import ProposedChange
from bot.ml.embeddings import NO_MODEL, Embedder
from bot.pipeline.authorship import read_authorship
from bot.pipeline.earlier import read_earlier, with_body
from bot.pipeline.history import read_history, read_past
from bot.pipeline.labels import is_labelled_fix
from bot.pipeline.meanings import read_meanings
from bot.pipeline.open_pulls import PullScope, independent_of, other_pulls
from bot.pipeline.presence import with_presence
from bot.pipeline.similar import changed_since, read_similar
from bot.pipeline.similar_items import read_similar_items
from bot.pipeline.steps import SILENT, Steps
from bot.pipeline.tree import search_tree
from bot.sandbox import Sandbox
from bot.scan.scanners import scan

_CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """The configuration of a repository.

    problem: the error in the file, if the defaults are used instead; else None.
    """

    values: RepositoryConfig = field(default_factory=RepositoryConfig)
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """The input of `make_report`.

    git_dir: the mirror or clone with both commits.
    base, head: full shas. The head is compared with their merge base.
    repository: the name that is shown.
    config: of the default branch (`read_config`), never of the head.
    index: the path of the updated history index, or None.
    title: of the pull request; if it is empty, the subject of the head commit is used.
    pull: the pull request; None if the change is not compared with other open pull requests.
    dismissals: those of the repository that have not ended.
    embedder: the language model.
    back_test: of this repository; None without one.
    """

    git_dir: Path
    base: str
    head: str
    repository: str
    config: ReadConfig
    index: Path | None
    title: str = ""
    pull: PullScope | None = None
    dismissals: Dismissals = field(default_factory=dict)
    embedder: Embedder = NO_MODEL
    back_test: BackTest | None = None


async def make_report(request: ReportRequest, sandbox: Sandbox, steps: Steps = SILENT) -> Report:
    """Make the report. Raises GitError and ParseError if the change cannot be read."""
    await steps.start(Step.READ)
    change = await _read(request)
    problems = (request.config.problem, _proposed_problem(change))
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
        insights=with_own_past(proven(analyzed.insights), request.back_test),
        files_analyzed=sum(file.left_out is None for file in change.files) - len(analyzed.left_out),
        left_out=(*change.left_out, *analyzed.left_out, *analyzed.unparsed),
        config_problem=" ".join(problem for problem in problems if problem) or None,
        config=request.config.values,
        title=change.title,
        risk=change.history.risk if change.history else None,
        touched=Touched(_paths(change), analyzed.functions),
        compared_pulls=tuple(other.number for other in others),
        dismissed=dismissed_fingerprints(request.dismissals, analyzed.insights),
        place=_largest(change),
        lines=_lines(change),
    )


async def _read(request: ReportRequest) -> Change:
    """Read the change with its files and its history, without findings of scanners.

    The tree is searched meanwhile: git does it in a process of its own.
    """
    found = await read_change(request.git_dir, request.base, request.head)
    off = request.config.values.analyzers_off
    change, tree = await asyncio.gather(
        _with_history(request, found), search_tree(request.git_dir, found.merge_base, request.head, found.files, off)
    )
    return replace(change, tree=tree)


async def _with_history(request: ReportRequest, found: ChangeFiles) -> Change:
    past = await asyncio.to_thread(read_past, request.index, found.merge_base) if request.index else None
    if past is None:
        past = await past_changes(request.git_dir, found.merge_base)
    made = await read_authorship(request.git_dir, found.merge_base, request.head)
    title = request.title or made.title
    labelled = await is_labelled_fix(request.pull, title) if request.pull else False
    since = await changed_since(request.git_dir, request.index, found)
    proposed = ProposedChange(
        found.merge_base, found.files, made.author, title, made.when or 0, made.others, labelled, since
    )
    # At once: a language model takes seconds to start.
    history, similar, earlier = await asyncio.gather(
        _history(request, proposed), _similar(request, proposed), _earlier(request, proposed)
    )
    return Change(
        repository=request.repository,
        head_sha=request.head,
        merge_base=found.merge_base,
        files=found.files,
        title=title,
        pulls=made.pulls,
        past=past,
        left_out=found.left_out,
        config=request.config.values,
        history=history,
        similar=similar,
        earlier=earlier,
        codeowners=await _codeowners(request.git_dir, found.merge_base) if history else "",
    )


async def _history(request: ReportRequest, proposed: ProposedChange) -> HistoryFacts | None:
    found = await asyncio.to_thread(read_history, request.index, proposed) if request.index else None
    if found is None or request.index is None or request.pull is None:
        return found
    return await with_presence(found, request.pull.db, request.pull.claimed.repository_id, request.index)


async def _earlier(request: ReportRequest, proposed: ProposedChange) -> Earlier:
    if request.index is None:
        return Earlier()
    found = await read_earlier(request.index, request.git_dir, proposed, request.head)
    return with_body(found, request.pull.body if request.pull else "")


async def _similar(request: ReportRequest, proposed: ProposedChange) -> Similar:
    if request.index is None:
        return Similar()
    body = request.pull.body if request.pull else ""
    meanings = await read_meanings(request.embedder, request.index, proposed.title, body)
    found = await asyncio.to_thread(read_similar, request.index, proposed, meanings.title)
    if request.pull is None or proposed.base in EMPTY_TREES:
        return found
    items = await read_similar_items(request.pull, request.git_dir, request.index, proposed, meanings.text)
    return replace(found, items=items)


def _largest(change: Change) -> str:
    """Return the file at the head with the most changed lines, analyzed ones first."""
    there = [file for file in change.files if file.status is not FileStatus.DELETED]
    sizes = {file.path: (file.left_out is None, (file.added or 0) + (file.deleted or 0)) for file in there}
    return max(sizes, key=lambda path: sizes[path], default="")


def _lines(change: Change) -> tuple[ChangedLines, ...]:
    """Return the changed lines of the analyzed files, the largest change first."""
    files = (file for file in change.files if file.left_out is None)
    lines = [ChangedLines(file.path, file.added or 0, file.deleted or 0) for file in files]
    return tuple(sorted(lines, key=lambda one: (-one.added - one.deleted, one.path)))


def _paths(change: Change) -> tuple[str, ...]:
    """Return the paths of the analyzed files at the merge base."""
    return tuple(file.old_path or file.path for file in change.files if file.left_out is None)


async def _codeowners(git_dir: Path, base: str) -> str:
    """Read the first CODEOWNERS file in GitHub's order (docs.github.com, "About code owners")."""
    for path in _CODEOWNERS if base not in EMPTY_TREES else ():
        with suppress(MissingObject):
            if text := await read_text(git_dir, base, path, MAX_BYTES):
                return text
    return ""


def _proposed_problem(change: Change) -> str | None:
    """Return what is wrong with the configuration that the change brings, or None. It does not count yet."""
    for file in change.files:
        if file.path == CONFIG_PATH and file.after is not None:
            _, problem = read_config_text(file.after)
            where = f"In this change, {problem.at(f'`{CONFIG_PATH}`')}" if problem else None
            return f"{where}. Once it is merged, the defaults hold." if where else None
    return None


async def read_config(git_dir: Path, commit: str | None) -> ReadConfig:
    """Read `.github/gitinsight.yml` at a commit. Returns the defaults if it does not exist."""
    try:
        text = await read_text(git_dir, commit, CONFIG_PATH, MAX_BYTES) if commit else None
    except MissingObject:
        return ReadConfig(problem=f"This partial clone lacks `{CONFIG_PATH}`, so the defaults hold.")
    return ReadConfig(*parse_config(text)) if text is not None else ReadConfig()
