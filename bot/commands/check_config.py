"""`gitinsight config check`: say what is wrong with a configuration file before it is merged."""

import sys
from pathlib import Path

import click

from bot.config import CONFIG_PATH, MAX_BYTES, Problem, read_config_text
from bot.errors import GiveUp
from bot.text import plain, without_spans

_STDIN = Path("-")


def run_check(file: Path | None) -> int:
    """Print whether a file is a valid configuration. Returns the exit status. Raises GiveUp if it cannot be read.

    file: `-` for standard input; None for the file of the repository around the current folder.
    """
    path = file or _found()
    if path is None:
        click.echo(f"There is no {CONFIG_PATH} here. A repository needs none: without it the defaults hold.")
        return 0
    name = "standard input" if path == _STDIN else plain(str(path), 4_000)
    text = _read(path, name)
    _, problem = read_config_text(text)
    if problem is None:
        click.echo(f"{name} is a valid configuration.")
        return 0
    click.echo(without_spans(problem.at(name)), err=True)
    if line := _line(text, problem):
        click.echo(f"  {line}", err=True)
    return 1


def _found() -> Path | None:
    """Return the configuration of the current folder or of the nearest one above that is a checkout."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIG_PATH).is_file():
            return (folder / CONFIG_PATH) if folder != here else Path(CONFIG_PATH)
        if (folder / ".git").exists():
            return None
    return None


def _read(path: Path, name: str) -> str:
    """Read at most one byte more than a configuration may have."""
    try:
        if path == _STDIN:
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with path.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
    except OSError as problem:
        raise GiveUp(f"{name} cannot be read: {problem.strerror}.") from problem
    return content.decode("utf-8", "replace")


def _line(text: str, problem: Problem) -> str:
    """Return the wrong line."""
    lines = text.split("\n")
    return plain(lines[problem.line - 1], 120) if problem.line and problem.line <= len(lines) else ""
