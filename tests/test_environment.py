"""Reading the environment and `.env`."""

from pathlib import Path

import pytest

from bot.environment import read_environment
from bot.settings import has_github


def test_the_environment_takes_precedence_over_dotenv_and_empty_values_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("GITHUB_APP_ID=1\nPORT=81\nHOST=\nWORKERS\n")
    monkeypatch.setenv("PORT", "82")
    monkeypatch.setenv("LOG_LEVEL", "")
    env = read_environment(dotenv)
    assert (env["GITHUB_APP_ID"], env["PORT"]) == ("1", "82")
    assert not {"HOST", "WORKERS", "LOG_LEVEL"} & set(env)
    assert has_github(env)
