"""The root of all commands: errors of ours as one line, and the settings that a command starts with."""

from typing import Any

import click

from bot import __version__, logs
from bot.environment import SettingsError, read_environment
from bot.errors import GiveUp, RetryLater
from bot.settings import Settings, read_settings


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


def configured() -> Settings:
    """The settings of a command; logging is set up with them. Raises SettingsError."""
    config = read_settings(environment())
    logs.configure(config.log_level, config.log_format)
    return config


def environment() -> dict[str, str]:
    """What is set, completed with what `up` keeps in DATA_DIR on this machine."""
    from bot.commands.prepare import complete

    return complete(read_environment())
