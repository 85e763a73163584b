"""`gitinsight config`: check a configuration file."""

import sys
from pathlib import Path

import click

from bot.cli.root import Judging, main


@main.group()
def config() -> None:
    """Check the configuration of a repository.

    \b
    Example:  gitinsight config check
    """


@config.command("check", cls=Judging)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path), required=False)
def config_check(file: Path | None) -> None:
    """Check a configuration file: .github/gitinsight.yml, or another FILE; `-` reads standard input.

    The exit status is 0, or 1 if the file has an error, or 2 if it cannot be read.

    \b
    Example:  gitinsight config check
              gitinsight config check ../project/.github/gitinsight.yml
              git show topic:.github/gitinsight.yml | gitinsight config check -
    """
    from bot.commands.check_config import run_check

    sys.exit(run_check(file))
