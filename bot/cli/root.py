"""The root command: reads the settings for its subcommands, and prints expected errors as one line."""

import errno
import sys
import traceback
from typing import Any

import click

from bot import __version__, logs
from bot.environment import SettingsError, read_environment
from bot.errors import GiveUp, RetryLater
from bot.settings import Settings, read_settings
from bot.telemetry import start as telemetry

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


class _Group(click.Group):
    """Prints expected errors as one line. Any other exception is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (SettingsError, GiveUp, RetryLater) as problem:
            raise click.ClickException(str(problem)) from problem
        except Exception as problem:
            if (message := _outage(problem)) is None:
                raise
            raise click.ClickException(message) from problem


class _Failed(click.ClickException):
    """An error of a command whose exit status 1 is its verdict."""

    exit_code = 2


class Judging(click.Command):
    """A command whose exit status 1 is its verdict: every error ends it with 2, as click's usage errors do."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (SettingsError, GiveUp, RetryLater) as problem:
            raise _Failed(str(problem)) from problem
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as problem:
            if (message := _outage(problem)) is not None:
                raise _Failed(message) from problem
            traceback.print_exc()
            sys.exit(2)


def _outage(problem: Exception) -> str | None:
    """Return the message for an unavailable database or queue or an old schema. None: any other exception."""
    from redis.exceptions import ConnectionError as RedisUnavailable
    from sqlalchemy.exc import DBAPIError

    from bot.db.schema import OldSchema

    if isinstance(problem, OldSchema):
        return str(problem)
    if isinstance(problem, RedisUnavailable):
        return f"The queue is not available. Check REDIS_URL. {problem}"
    if isinstance(problem, DBAPIError) and "disk is full" in str(problem.orig):
        return "The disk of the database is full. Make room there, or set DATA_DIR to a folder on another disk."
    if isinstance(problem, DBAPIError):
        return f"The database reported an error. Check DATABASE_URL. {problem.orig}"
    if isinstance(problem, FileNotFoundError) and problem.filename == "git":
        from bot.git.run import NO_GIT

        return NO_GIT
    if isinstance(problem, OSError) and problem.errno in _DISK:
        return f"{problem.filename or 'A file'} cannot be written: {problem.strerror}. Check the disk and DATA_DIR."
    if isinstance(problem, ConnectionError) and not isinstance(problem, BrokenPipeError):
        return f"A connection failed. Check DATABASE_URL and REDIS_URL. {problem}"
    return None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gitinsight")
def main() -> None:
    """GitInsight analyzes every push and every pull request against the repository's own history."""


def configured() -> Settings:
    """Read the settings and configure logging. Raises SettingsError."""
    config = read_settings(environment())
    logs.configure(config.log_level, config.log_format)
    context = click.get_current_context(silent=True)
    telemetry.start(config, (context.info_name if context else None) or "command")
    return config


def environment() -> dict[str, str]:
    """Read the environment, and add the values that `up` stores in DATA_DIR on this machine."""
    from bot.commands.prepare import complete

    return complete(read_environment())
