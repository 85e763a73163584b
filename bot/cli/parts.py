"""The commands that run the whole app, its parts and the migration of the database."""

import sys
from pathlib import Path

import click

from bot.cli.root import configured, main
from bot.environment import read_environment
from bot.settings import is_local
from bot.storage import own_database_url


@main.command()
@click.option(
    "--local", type=click.Path(path_type=Path), help="Serve this repository from a built-in stand-in for GitHub."
)
@click.option("--demo", is_flag=True, help="Like --local, with a small repository made on the spot.")
@click.option(
    "--newest", default=10, show_default=True, help="With --local: how many merges to replay as pull requests."
)
def up(local: Path | None, newest: int, *, demo: bool) -> None:
    """Run the whole app on this machine: web, workers, scheduler, SQLite and an embedded Valkey.

    \b
    Example:  gitinsight up --demo         without a GitHub account, and without a repository
              gitinsight up --local .      without a GitHub account
              gitinsight up                with a GitHub App; creates one if none is configured (docs/connect.md)
    """
    from bot.commands.up import run_up

    if demo and local:
        raise click.UsageError("--demo and --local exclude one another.")
    run_up(read_environment(), local=local, newest=newest, demo=demo)


@main.command()
def web() -> None:
    """Serve the webhook receiver, the REST API and the pages.

    \b
    Example:  gitinsight web
    """
    from bot.web.serve import serve

    config = configured()
    serve(config, public_pages=is_local(config))


@main.command()
@click.option(
    "--deliveries",
    is_flag=True,
    help="Send webhooks and mails, and sync from GitHub, instead. One such worker is enough.",
)
def worker(deliveries: bool) -> None:
    """Run the analyses in the queue, one at a time.

    \b
    Example:  gitinsight worker
              gitinsight worker --deliveries
    """
    if deliveries:
        from bot.jobs.network_worker import work as deliver

        deliver(configured())
        return
    from bot.jobs.worker import work

    work(configured())


@main.command()
def scheduler() -> None:
    """Dispatch webhook deliveries, enqueue unfinished work again, and delete old data.

    \b
    Example:  gitinsight scheduler
    """
    from bot.jobs.scheduler import run_scheduler

    run_scheduler(configured())


@main.command("stand-in", hidden=True)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--newest", default=10)
def stand_in(path: Path, newest: int) -> None:
    """Run the stand-in for GitHub; `up --local` starts it."""
    from bot.commands.up import run_stand_in

    run_stand_in(configured(), path, newest)


@main.command("find-remarks", hidden=True)
@click.argument("git_dir", type=click.Path(path_type=Path))
def find_remarks(git_dir: Path) -> None:
    """Find the past changes that have a remark; the stand-in starts it."""
    from bot.commands.remarked import run_find

    run_find(git_dir, sys.stdin.buffer.read())


@main.command()
def migrate() -> None:
    """Update the database schema.

    \b
    Example:  DATABASE_URL=postgres://… gitinsight migrate
    """
    from bot.db.schema import migrate as migrate_schema

    migrate_schema(own_database_url(read_environment()))
    click.echo("The schema is up to date.")
