"""`gitinsight preview`: analyze a local clone without network, database or queue."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.status import Status

from bot.commands.compared import Compared, Revision, branch_name, count_commits, count_files
from bot.domain.change import Report
from bot.domain.insights import Severity
from bot.domain.steps import Step, step_name
from bot.errors import GiveUp
from bot.git.change import NOT_HERE
from bot.git.isolated import isolated
from bot.git.parse import ParseError
from bot.git.read_file import parent_of, resolve
from bot.git.run import EMPTY_TREES, GitError, MissingObject, empty_tree, git
from bot.git.shallow import is_shallow
from bot.git.uncommitted import Uncommitted, in_worktree, staged
from bot.pipeline.history import update_index
from bot.pipeline.make_report import ReportRequest, make_report, read_config
from bot.report.formats import as_json
from bot.report.markdown import summary
from bot.report.sarif import as_sarif
from bot.report.selection import Selection, select
from bot.report.terminal import print_report
from bot.sandbox import Sandbox
from bot.text import count

_FETCH_OBJECTS = "Run `git diff BASE...HEAD` with these revisions once: git then fetches them."
_DEFAULT_BASES = ("refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master")


class NotCommitted(StrEnum):
    """What is analyzed instead of a commit. The values are what the line of the comparison says."""

    STAGED = "what is staged"
    WORKTREE = "the files of the folder"


def run_preview(
    path: Path, *, base: str | None, head: str, form: str, gate: bool, what: NotCommitted | None = None
) -> int:
    """Analyze a change and print the report. Returns the exit status. Raises GiveUp for an invalid path or revision.

    what: if given, the head is what is not committed yet, and the base by default the commit that is checked out.
    """
    console = Console(stderr=True)
    with console.status("Reading the change") as status:
        try:
            compared, report = asyncio.run(report_on(path, base, head, what, status))
        except MissingObject as problem:
            raise GiveUp(f"This clone lacks objects of the change ({problem}). {_FETCH_OBJECTS}") from problem
        except (GitError, ParseError) as problem:
            raise GiveUp(f"git could not read this change: {problem}") from problem
    selection = select(report)
    click.echo(compared.sentence, err=form != "terminal")
    _print(selection, form)
    if lacking := sum(item.reason == NOT_HERE for item in report.left_out):
        console.print(f"This partial clone lacks {lacking:,} of the changed files. {_FETCH_OBJECTS}", soft_wrap=True)
    return 1 if gate and _gated(selection) else 0


class _ShownSteps:
    """Shows each step in the terminal."""

    def __init__(self, status: Status) -> None:
        self._status = status

    async def start(self, step: Step) -> None:
        self._status.update(step_name(step))


async def report_on(
    path: Path, base: str | None, head: str, what: NotCommitted | None, status: Status
) -> tuple[Compared, Report]:
    """Analyze a change of a clone. Raises GiveUp, GitError and ParseError."""
    git_dir = await git_dir_of(path)
    newest = await resolve(git_dir, head)
    if newest is None and head != "HEAD":
        raise GiveUp(f"There is no revision {head!r} in {path}.")
    if newest is None and what is None:
        raise GiveUp(f"{path} has no commits yet. `gitinsight preview --worktree` analyzes what is there.")
    async with isolated(git_dir) as objects, Sandbox() as sandbox:
        made = await _uncommitted(path, git_dir, objects, what, newest)
        head_sha = made.commit if made else newest or ""
        if made and made.left_out:
            status.console.print(f"Left out, as too large or too many: {count(made.left_out, 'file')}.")
        if made and base is None:
            since = Revision(await branch_name(git_dir, "HEAD"), newest or empty_tree(head_sha))
        else:
            since = await base_of(git_dir, objects, base, head_sha)
        known = newest or since.sha
        index = kept_index(git_dir)
        status.update("Reading the history")
        tip = await default_branch_head(git_dir) or known
        indexed = tip not in EMPTY_TREES and await update_index(objects, index, tip, _progress(status))
        request = ReportRequest(
            git_dir=objects,
            base=since.sha,
            head=head_sha,
            repository=path.resolve().name,
            config=await read_config(objects, since.sha if since.sha not in EMPTY_TREES else None),
            index=index if indexed else None,
        )
        report = await make_report(request, sandbox, _ShownSteps(status))
        name = what.value if what else await branch_name(git_dir, head)
        compared = Compared(
            since,
            Revision(name, head_sha),
            report.merge_base,
            None if made else await count_commits(objects, since.sha, head_sha),
            await count_files(objects, report.merge_base, head_sha),
        )
        return compared, report


async def _uncommitted(
    path: Path, git_dir: Path, objects: Path, what: NotCommitted | None, head: str | None
) -> Uncommitted | None:
    match what:
        case None:
            return None
        case NotCommitted.STAGED:
            return await staged(git_dir, objects, head)
        case NotCommitted.WORKTREE:
            return await in_worktree(git_dir, objects, _worktree_of(path), head)


def _worktree_of(path: Path) -> Path:
    """Return the top folder of the checkout around a path. Raises GiveUp for a bare repository."""
    folder = path.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    raise GiveUp(f"{path} is not in a checkout, so it has no files that are not committed.")


def kept_index(git_dir: Path) -> Path:
    """Return the path of a clone's history index: in the user's cache folder, not in the repository."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "gitinsight" / f"{hashlib.sha256(os.fsencode(git_dir.resolve())).hexdigest()[:16]}.history.db"


def _progress(status: Status) -> Callable[[int, int | None], None]:
    def show(done: int, total: int | None) -> None:
        status.update(f"Reading the history: {done:,} of {total:,} changes" if total else "Reading the history")

    return show


async def default_branch_head(git_dir: Path) -> str | None:
    """Return the head of the default branch, or None. The branch is found by its usual names."""
    for name in _DEFAULT_BASES:
        if found := await resolve(git_dir, name):
            return found
    return None


async def git_dir_of(path: Path) -> Path:
    """Return the git directory of a clone, a worktree or a bare repository. path: its folder, or a folder inside."""
    folder = path.resolve()
    for candidate in (folder / ".git", folder, *(parent / ".git" for parent in folder.parents)):
        if not candidate.exists():
            continue
        try:
            found = await git(candidate, "rev-parse", "--absolute-git-dir")
        except (GitError, OSError) as problem:
            if isinstance(problem, FileNotFoundError) and problem.filename == "git":
                raise
            continue
        return Path(found.decode().removesuffix("\n"))
    raise GiveUp(f"{path} is not a git repository.")


async def base_of(git_dir: Path, objects: Path, base: str | None, head: str) -> Revision:
    """Return the base: the given revision, or the default branch, or the parent of a head on the default branch.

    objects: the isolated repository. Raises HistoryCut if a shallow clone lacks the parent.
    """
    if base is not None:
        found = await resolve(git_dir, base)
        if found is None:
            hint = " This is a shallow clone: `git fetch --unshallow` fetches the rest." if is_shallow(git_dir) else ""
            raise GiveUp(f"There is no revision {base!r} in this repository.{hint}")
        return Revision(base, found)
    for name in _DEFAULT_BASES:
        found = await resolve(git_dir, name)
        if found is not None and found != head:
            return Revision(await branch_name(git_dir, name), found)
    if found := await parent_of(objects, head):
        return Revision("its parent", found)
    return Revision("", empty_tree(head))


def _print(selection: Selection, form: str) -> None:
    match form:
        case "terminal":
            print_report(selection, Console())
        case "markdown":
            click.echo(summary(selection, details_url=""))
        case "json":
            click.echo(orjson.dumps(as_json(selection), option=orjson.OPT_INDENT_2))
        case "sarif":
            click.echo(orjson.dumps(as_sarif(selection), option=orjson.OPT_INDENT_2))


def _gated(selection: Selection) -> bool:
    """Return whether a remark reaches the gate of the configuration. The default gate is high."""
    gate = selection.report.config.gate or Severity.HIGH
    return any(remark.severity.rank >= gate.rank for remark in selection.remarks)
