"""`gitinsight backfill`: read a whole history, evaluate the risk model, and replay the newest merged changes.

For a repository that the app is installed on, issues and pull requests are synced, too. Nothing is posted to GitHub.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from bot.commands.history_report import print_history
from bot.commands.preview import default_branch_head, git_dir_of, kept_index
from bot.db import repository_views, schema
from bot.db.snapshots import content_of, get_snapshot, get_snapshots
from bot.db.sync_states import get_states
from bot.domain.snapshots import IndexingProgress
from bot.domain.sync import SyncResource, summary
from bot.errors import GiveUp
from bot.git.read_file import resolve
from bot.history.schema import IndexUnusable
from bot.jobs.back_test import back_test
from bot.jobs.backfill import backfill, replay_past
from bot.jobs.learn_history import contents_of
from bot.jobs.sync_github import sync_github
from bot.pipeline.context import Context
from bot.pipeline.history import update_index
from bot.pipeline.make_report import read_config
from bot.text import plain


async def backfill_path(path: Path) -> None:
    """Read the history of a local repository and print the results. `preview` uses the same index.

    Raises GiveUp if the path is not a repository, or if the repository has no commits.
    """
    git_dir = await git_dir_of(path)
    head = await default_branch_head(git_dir) or await resolve(git_dir, "HEAD")
    if head is None:
        raise GiveUp(f"{path} has no commits yet.")
    index = kept_index(git_dir)
    with _progress() as progress:
        if not await update_index(git_dir, index, head, _counter(progress, "Reading the history")):
            raise GiveUp(f"The history of {path} could not be read. See the messages above.")
        evaluation = progress.add_task("Evaluating the model", total=None)
        try:
            hotspots, ownership, coupling, _, card = await contents_of(git_dir, index, head, [])
            progress.update(evaluation, total=1, completed=1)
            result = await back_test(
                git_dir,
                index,
                repository=path.resolve().name,
                config=await read_config(git_dir, head),
                progress=_counter(progress, "Replaying merged changes"),
            )
        except IndexUnusable as problem:
            raise GiveUp(
                f"The index of {path} cannot be read ({problem}). Run the command again to rebuild it."
            ) from problem
    print_history(
        Console(),
        path.resolve().name,
        hotspots=hotspots,
        ownership=ownership,
        coupling=coupling,
        card=card,
        back_test=result,
    )


async def backfill_known(context: Context, full_name: str, *, has_app: bool) -> None:
    """Fetch a repository that the app is installed on, read its history, and store and print the results.

    has_app: whether its issues and pull requests are synced from GitHub, too; not in `up --local`.

    Raises GiveUp if the repository is unknown or cannot be fetched.
    """
    await schema.check(context.db)
    repository = await repository_views.find_repository(context.db, full_name)
    if repository is None:
        raise GiveUp(
            f"{plain(full_name, 100)} is neither a repository that the app is installed on nor a folder. Install the "
            "app on it, or give the path of a clone."
        )
    with _progress() as progress:
        counter = _counter(progress, "Reading the history")
        if not await backfill(context, repository.id, counter):
            state = await get_snapshot(context.db, repository.id, IndexingProgress)
            reason = state.content.reason if state else ""
            raise GiveUp(
                f"{repository.full_name}: {reason or 'The history could not be read. See the messages above.'}"
            )
        counter = _counter(progress, "Replaying merged changes")
        await replay_past(context.db, context.mirrors, repository.id, counter)
    if has_app:
        with _progress() as progress:
            await sync_github(context, repository.id, limits=None, progress=_sync_counter(progress))
    synced = summary(await get_states(context.db, repository.id), has_app=has_app)
    snapshots = await get_snapshots(context.db, repository.id)
    print_history(
        Console(),
        repository.full_name,
        hotspots=content_of(snapshots.hotspots),
        ownership=content_of(snapshots.ownership),
        coupling=content_of(snapshots.coupling),
        card=content_of(snapshots.model_card),
        back_test=content_of(snapshots.back_test),
    )
    Console().print(synced.sentence, highlight=False, markup=False)
    Console().print(f"History page: {context.public_url}/repositories/{repository.id}/history", highlight=False)


def run_path(path: Path) -> None:
    """Run `backfill_path` in a new event loop."""
    asyncio.run(backfill_path(path))


def _progress() -> Progress:
    columns: tuple[Any, ...] = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _counter(progress: Progress, description: str) -> Callable[[int, int | None], None]:
    task = progress.add_task(description, total=None)

    def show(done: int, total: int | None) -> None:
        progress.update(task, completed=done, total=total)

    return show


def _sync_counter(progress: Progress) -> Callable[[SyncResource, int, int | None], None]:
    """A bar for each resource that is synced."""
    tasks: dict[SyncResource, TaskID] = {}

    def show(resource: SyncResource, done: int, total: int | None) -> None:
        if resource not in tasks:
            tasks[resource] = progress.add_task(f"Syncing {resource.replace('_', ' ')}", total=None)
        progress.update(tasks[resource], completed=done, total=total)

    return show
