"""Reading a change and analyzing it: what the job and `gitinsight preview` have in common."""

import asyncio
from collections.abc import Awaitable, Callable
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
from bot.pipeline.read_history import Proposal, read_history
from bot.sandbox import Sandbox
from bot.scan.scanners import scan

_CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
Step = Callable[[str], Awaitable[None]]
Beside = Callable[[Change], Awaitable[Change]]


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """The configuration that holds, and what is wrong with the file if the defaults had to stand in."""

    values: RepositoryConfig = field(default_factory=RepositoryConfig)
    problem: str | None = None


async def make_report(
    git_dir: Path,
    *,
    base: str,
    head: str,
    repository: str,
    config: ReadConfig,
    index: Path | None,
    sandbox: Sandbox,
    on_step: Step,
    title: str = "",
    beside: Beside | None = None,
) -> Report:
    """The report on `head` against its merge base with `base`.

    config: the repository's own (`read_config` of the default branch, never of the head). index: the history index,
    brought up by the caller; None for none. title: the pull request's; the head commit's subject stands in where there
    is none. beside: adds the other open pull requests, where any are known.
    on_step is told the name of each step. Raises GitError and ParseError.
    """
    await on_step("read")
    change = await _read(git_dir, base, head, repository=repository, config=config, index=index, title=title)
    if beside is not None:
        change = await beside(change)
    await on_step("scan")
    scans, unscanned = await scan(change.files)
    change = without_ignored(replace(change, scans=scans, left_out=(*change.left_out, *unscanned)))
    await on_step("analyze")
    done = await sandbox.analyze(change)
    return Report(
        repository=repository,
        head_sha=head,
        merge_base=change.merge_base,
        engine=ENGINE,
        insights=tuple(done.insights),
        files_analyzed=sum(file.left_out is None for file in change.files) - len(done.left_out),
        left_out=(*change.left_out, *done.left_out),
        config_problem=config.problem,
        config=config.values,
        title=change.title,
        risk=change.history.risk if change.history else None,
        touched=Touched(_paths(change), done.functions),
    )


def _paths(change: Change) -> tuple[str, ...]:
    """Where the files that are looked into were at the merge base."""
    return tuple(file.old_path or file.path for file in change.files if file.left_out is None)


async def _read(
    git_dir: Path, base: str, head: str, *, repository: str, config: ReadConfig, index: Path | None, title: str
) -> Change:
    """The change with its files, its past and its history, not scanned yet."""
    found = await read_change(git_dir, base, head)
    past = await past_changes(git_dir, found.merge_base)
    commit = await commit_of(git_dir, head)
    proposal = Proposal(found.merge_base, found.files, commit.author, title or commit.subject, commit.when)
    history = await asyncio.to_thread(read_history, index, proposal) if index else None
    return Change(
        repository=repository,
        head_sha=head,
        merge_base=found.merge_base,
        files=found.files,
        title=proposal.message,
        past=past,
        left_out=found.left_out,
        config=config.values,
        history=history,
        codeowners=await _codeowners(git_dir, found.merge_base) if history else "",
    )


async def _codeowners(git_dir: Path, base: str) -> str:
    """The first of the places where GitHub looks (docs.github.com, "About code owners")."""
    for place in _CODEOWNERS if base != EMPTY_TREE else ():
        if text := await read_text(git_dir, base, place, MAX_BYTES):
            return text
    return ""


async def read_config(git_dir: Path, commit: str | None) -> ReadConfig:
    """`.github/gitinsight.yml` as it stands at a commit; the defaults where there is none."""
    text = await read_text(git_dir, commit, CONFIG_PATH, MAX_BYTES) if commit else None
    return ReadConfig(*parse_config(text)) if text is not None else ReadConfig()
