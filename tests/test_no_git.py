"""A machine without git: each command that needs it says so in one sentence."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.git import run
from tests.repository import Repository


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("preview",), 2),
        (("preview", "--worktree"), 2),
        (("backfill", "."), 1),
        (("up", "--local", "."), 1),
        (("up", "--demo"), 1),
    ],
)
def test_the_error_names_where_git_is_searched(
    arguments: tuple[str, ...], status: int, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_PATH", str(tmp_path))
    monkeypatch.chdir(repository.path)
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == status
    assert told.stderr.strip().splitlines()[-1] == f"Error: {run.NO_GIT}"
    assert "Traceback" not in told.stderr
