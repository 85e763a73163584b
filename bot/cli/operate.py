"""The commands that analyze a repository and that operate a running instance."""

import asyncio
import sys
from pathlib import Path

import click

from bot.cli.root import Judging, configured, environment, main
from bot.domain.deliveries import DeliveryStatus
from bot.errors import GiveUp
from bot.settings import is_local


@main.command(cls=Judging)
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--base", metavar="REV", help="Compare with this revision's merge base [default: the default branch].")
@click.option("--head", metavar="REV", default="HEAD", show_default=True, help="The revision to analyze.")
@click.option("--staged", is_flag=True, help="Analyze what `git commit` would commit, instead of a revision.")
@click.option("--worktree", is_flag=True, help="Analyze the files as they are, with new ones, instead of a revision.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown", "json", "sarif"]),
    default="terminal",
    show_default=True,
)
@click.option(
    "--gate", is_flag=True, help="Exit with 1 if a remark reaches the severity of the gate (high by default)."
)
def preview(path: Path, base: str | None, head: str, *, staged: bool, worktree: bool, form: str, gate: bool) -> None:
    """Analyze a local clone before pushing. Nothing leaves this machine, and nothing of the repository is executed.

    With --staged or --worktree the base is the commit that is checked out, unless --base names another one.

    The exit status is 0, or 1 if --gate is given and the gate fails, or 2 for every error.

    \b
    Example:  gitinsight preview --base origin/main
              gitinsight preview --staged --gate
              gitinsight preview ../project --format sarif > gitinsight.sarif
    """
    from bot.commands.preview import NotCommitted, run_preview

    if staged + worktree + (head != "HEAD") > 1:
        raise click.UsageError("--head, --staged and --worktree exclude one another.")
    what = NotCommitted.STAGED if staged else NotCommitted.WORKTREE if worktree else None
    sys.exit(run_preview(path, base=base, head=head, form=form, gate=gate, what=what))


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
def mcp(path: Path) -> None:
    """Answer an assistant's questions on a local clone over the Model Context Protocol. Read-only; see docs/mcp.md.

    \b
    Example:  gitinsight mcp ~/code/project
    """
    try:
        from bot.commands.mcp.server import run_mcp
    except ModuleNotFoundError as missing:
        if missing.name not in {"mcp", "mcp_types", "anyio"}:
            raise
        raise GiveUp("This command needs the package `mcp`: pip install 'gitinsight[mcp]'.") from missing
    run_mcp(path)


@main.command()
@click.option("--status", type=click.Choice([one.value for one in DeliveryStatus]))
@click.option("--limit", default=20, show_default=True)
def deliveries(status: str | None, limit: int) -> None:
    """List the newest webhook deliveries.

    \b
    Example:  gitinsight deliveries --status failed
    """
    from bot.commands.operate import print_deliveries

    asyncio.run(print_deliveries(configured(), DeliveryStatus(status) if status else None, limit))


@main.command()
@click.argument("delivery_id")
def replay(delivery_id: str) -> None:
    """Process a stored webhook delivery again.

    \b
    Example:  gitinsight replay 72d3162e-cc78-11e3-81ab-4c9367dc0958
    """
    from bot.commands.operate import replay_delivery

    asyncio.run(replay_delivery(configured(), delivery_id))


@main.command()
@click.argument("repository", metavar="REPO")
def backfill(repository: str) -> None:
    """Read the whole history of a repository, evaluate its risk model, and replay its newest merged changes.

    REPO is the path of a local repository, or the full name of a repository that the app is installed on. The results
    are printed. For a repository that the app is installed on, they also appear on its history page, and its issues and
    pull requests are synced from GitHub. An interrupted sync goes on where it ended. Nothing is posted to GitHub.

    \b
    Example:  gitinsight backfill octocat/hello-world
              gitinsight backfill ../project
    """
    if Path(repository).is_dir():
        from bot.commands.backfill import run_path

        run_path(Path(repository))
    elif repository.count("/") == 1 and not repository.startswith((".", "/", "~")):
        asyncio.run(_backfill_known(repository))
    else:
        raise GiveUp(f"{repository[:200]!r} is neither a folder nor a full name such as octocat/hello-world.")


async def _backfill_known(full_name: str) -> None:
    from bot.commands.backfill import backfill_known
    from bot.jobs.resources import open_context

    config = configured()
    async with open_context(config) as context:
        await backfill_known(context, full_name, has_app=not is_local(config))


@main.command()
@click.argument("insight_id")
def explain(insight_id: str) -> None:
    """Recompute an insight from its stored commits and configuration, and print its evidence.

    \b
    Example:  gitinsight explain 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from bot.commands.explain import explain_insight

    asyncio.run(explain_insight(configured(), insight_id))


@main.command()
def doctor() -> None:
    """Check the settings, database, queue, GitHub, disk and mail server, and say how to fix each problem.

    \b
    Example:  gitinsight doctor
    """
    from bot.commands.doctor import examine

    sys.exit(asyncio.run(examine(environment())))
