"""The commands: the only place where the parts are wired together."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from bot import __version__, logs, settings
from bot.errors import GiveUp, RetryLater
from bot.settings import Settings, SettingsError, read_settings

# A part needs what it needs and nothing else: each command imports its own, so that web stays without git and
# analyzers, and `--help` is quick.


class _Group(click.Group):
    """Errors of ours are one clear line; anything else is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (SettingsError, GiveUp, RetryLater) as problem:
            raise click.ClickException(str(problem)) from problem
        except Exception as problem:
            if (sentence := _outage(problem)) is None:
                raise
            raise click.ClickException(sentence) from problem


def _outage(problem: Exception) -> str | None:
    """What to say of a database or queue that is away or old; None for everything else."""
    from redis.exceptions import ConnectionError as RedisAway
    from sqlalchemy.exc import DBAPIError

    from bot.db.schema import OldSchema

    if isinstance(problem, OldSchema):
        return str(problem)
    if isinstance(problem, RedisAway):
        return f"The queue does not answer; check REDIS_URL. {problem}"
    if isinstance(problem, DBAPIError):
        return f"The database does not answer as it should; check DATABASE_URL. {problem.orig}"
    if isinstance(problem, ConnectionError) and not isinstance(problem, BrokenPipeError):
        return f"A connection failed; check DATABASE_URL and REDIS_URL. {problem}"
    return None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gitinsight")
def main() -> None:
    """GitInsight: every push and every pull request, analyzed against the repository's own history."""


@main.command()
@click.option(
    "--local", type=click.Path(path_type=Path), help="Serve this repository from a built-in stand-in of GitHub."
)
@click.option(
    "--newest", default=10, show_default=True, help="With --local: how many merges to replay as pull requests."
)
def up(local: Path | None, newest: int) -> None:
    """Start everything on this machine: web, workers, scheduler, SQLite and an embedded Valkey.

    \b
    Example:  gitinsight up --local .      no GitHub account needed
              gitinsight up                with the credentials of a GitHub App (see README)
    """
    from bot.commands.up import run_up

    run_up(settings.environment(), local=local, newest=newest)


@main.command()
def web() -> None:
    """Serve the webhook receiver, the REST API and the pages.

    \b
    Example:  gitinsight web
    """
    from bot.web.serve import serve

    config = _settings()
    serve(config, public_pages=settings.is_local(config))


@main.command()
@click.option("--deliveries", is_flag=True, help="Send webhooks and mail instead; one such worker is enough.")
def worker(deliveries: bool) -> None:
    """Take analyses off the queue and run them, one at a time.

    \b
    Example:  gitinsight worker
              gitinsight worker --deliveries
    """
    if deliveries:
        from bot.jobs.deliver import work as deliver

        deliver(_settings())
        return
    from bot.jobs.worker import work

    work(_settings())


@main.command()
def scheduler() -> None:
    """Sweep up what was left lying: lost rings, dead workers, old deliveries.

    \b
    Example:  gitinsight scheduler
    """
    from bot.jobs.scheduler import run_scheduler

    run_scheduler(_settings())


@main.command("stand-in", hidden=True)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--newest", default=10)
def stand_in(path: Path, newest: int) -> None:
    """The stand-in of GitHub that `up --local` starts."""
    from bot.commands.up import run_stand_in

    run_stand_in(_settings(), path, newest)


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--base", metavar="REV", help="Compare with this revision's merge base [default: the default branch].")
@click.option("--head", metavar="REV", default="HEAD", show_default=True, help="The revision to analyze.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown", "json", "sarif"]),
    default="terminal",
    show_default=True,
)
@click.option("--gate", is_flag=True, help="Exit with 1 when a remark reaches the gate's severity (high by default).")
def preview(path: Path, base: str | None, head: str, form: str, gate: bool) -> None:
    """The same analysis on a local clone, before pushing. Nothing leaves this machine.

    \b
    Example:  gitinsight preview --base origin/main
              gitinsight preview ../project --format sarif > gitinsight.sarif
    """
    from bot.commands.preview import run_preview

    sys.exit(run_preview(path, base=base, head=head, form=form, gate=gate))


@main.command()
def migrate() -> None:
    """Bring the database schema up to date.

    \b
    Example:  DATABASE_URL=postgres://… gitinsight migrate
    """
    from bot.db.schema import migrate as bring_up

    bring_up(settings.own_database_url(settings.environment()))
    click.echo("The schema is up to date.")


@main.group()
def token() -> None:
    """Tokens of the REST API.

    \b
    Example:  gitinsight token create --user alice --role viewer
    """


@token.command("create")
@click.option("--user", required=True, help="Whom the token speaks for.")
@click.option("--role", type=click.Choice(["admin", "maintainer", "viewer"]), required=True)
@click.option("--expires", default="30d", show_default=True, help="How long it holds: 12h, 30d.")
def token_create(user: str, role: str, expires: str) -> None:
    """Print one JWT for the REST API on the last line.

    \b
    Example:  gitinsight token create --user alice --role viewer --expires 30d
    """
    from bot.commands.tokens import create_token

    lifetime = _lifetime(expires)
    made = asyncio.run(create_token(_environment(), user, role, lifetime))
    click.echo(f"A token for {user} ({role}), valid for {expires}:", err=True)
    click.echo(made)


@token.command("list")
def token_list() -> None:
    """List the tokens that were given out, newest first; never the tokens themselves.

    \b
    Example:  gitinsight token list
    """
    from bot.commands.tokens import print_tokens

    asyncio.run(print_tokens(settings.environment()))


@token.command("revoke")
@click.argument("token_or_id")
def token_revoke(token_or_id: str) -> None:
    """End a token now: by the id that `token list` shows, or by the token itself.

    \b
    Example:  gitinsight token revoke 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from bot.commands.tokens import revoke_token

    asyncio.run(revoke_token(_environment(), token_or_id))
    click.echo("The token is revoked.")


@main.command()
@click.option("--status", type=click.Choice(["received", "done", "ignored", "failed"]))
@click.option("--limit", default=20, show_default=True)
def deliveries(status: str | None, limit: int) -> None:
    """List the newest webhook deliveries.

    \b
    Example:  gitinsight deliveries --status failed
    """
    from bot.commands.operate import print_deliveries

    asyncio.run(print_deliveries(_settings(), status, limit))


@main.command()
@click.argument("delivery_id")
def replay(delivery_id: str) -> None:
    """Act upon a stored delivery again.

    \b
    Example:  gitinsight replay 72d3162e-cc78-11e3-81ab-4c9367dc0958
    """
    from bot.commands.operate import replay_delivery

    asyncio.run(replay_delivery(_settings(), delivery_id))


@main.command()
@click.argument("repository", metavar="REPO")
def backfill(repository: str) -> None:
    """Read a repository's whole history now, judge its risk model, and replay its newest merged changes in silence.

    REPO is the full name of a repository that the app is installed on, or the path of a local one. What is found is
    printed; for a known repository it is also kept for its history page.

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
        raise GiveUp(f"There is no folder {repository[:200]!r}, and a full name looks like octocat/hello-world.")


async def _backfill_known(full_name: str) -> None:
    from bot.commands.backfill import backfill_known
    from bot.jobs.worker import open_context

    config = _settings()
    async with open_context(config) as context:
        await backfill_known(context, full_name)


@main.command()
@click.argument("insight_id")
def explain(insight_id: str) -> None:
    """Recompute one insight from its stored commits and configuration, and print the evidence.

    \b
    Example:  gitinsight explain 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from bot.commands.explain import explain_insight

    asyncio.run(explain_insight(_settings(), insight_id))


@main.command()
def doctor() -> None:
    """Check settings, database, queue, GitHub and disk, and say how to mend each.

    \b
    Example:  gitinsight doctor
    """
    from bot.commands.doctor import examine

    sys.exit(asyncio.run(examine(_environment())))


def _settings() -> Settings:
    config = read_settings(_environment())
    logs.configure(config.log_level, config.log_format)
    return config


def _environment() -> dict[str, str]:
    """What is set, completed with what `up` keeps in DATA_DIR on this machine."""
    from bot.commands.prepare import complete

    return complete(settings.environment())


def _lifetime(text: str) -> timedelta:
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if not text.isascii() or not text[:-1].isdigit() or text[-1:] not in units or not 0 < int(text[:-1]) < 10_000:
        raise click.BadParameter(f"{text!r} is not a duration such as 12h or 30d", param_hint="--expires")
    return timedelta(**{units[text[-1]]: int(text[:-1])})
