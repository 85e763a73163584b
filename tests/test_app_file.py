"""The file with the credentials of the GitHub App that `/setup` created."""

from pathlib import Path

import pytest

from bot.app_file import NAME, Credentials, with_app, write_app
from bot.environment import SettingsError

MADE = Credentials(5, "line 1\nline 2\n", "w" * 32, "Iv1.5", "c" * 40)


def test_the_written_credentials_are_read(tmp_path: Path) -> None:
    assert write_app(tmp_path, MADE) == tmp_path / NAME
    assert with_app({"PORT": "80"}, tmp_path) == {
        "PORT": "80",
        "GITHUB_APP_ID": "5",
        "GITHUB_PRIVATE_KEY": "line 1\\nline 2\\n",
        "GITHUB_WEBHOOK_SECRET": "w" * 32,
        "GITHUB_CLIENT_ID": "Iv1.5",
        "GITHUB_CLIENT_SECRET": "c" * 40,
    }


def test_an_existing_file_is_not_replaced_and_no_temporary_file_remains(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("kept")
    with pytest.raises(FileExistsError):
        write_app(tmp_path, MADE)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["kept"]


def test_the_environment_takes_precedence_and_the_file_of_another_app_is_ignored(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("GITHUB_APP_ID='5'\nGITHUB_PRIVATE_KEY='k'\nGITHUB_WEBHOOK_SECRET='${HOME}'\n")
    assert with_app({}, tmp_path)["GITHUB_WEBHOOK_SECRET"] == "${HOME}"
    assert with_app({"GITHUB_WEBHOOK_SECRET": "w"}, tmp_path)["GITHUB_WEBHOOK_SECRET"] == "w"
    assert with_app({"GITHUB_APP_ID": "6"}, tmp_path) == {"GITHUB_APP_ID": "6"}
    assert "GITHUB_PRIVATE_KEY" not in with_app({"GITHUB_PRIVATE_KEY_PATH": "p"}, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"GITHUB_WEBHOOK_SECRET='w'\n"])
def test_a_damaged_file_raises_only_if_it_is_needed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(SettingsError, match=NAME):
        with_app({}, tmp_path)
    assert with_app({"GITHUB_APP_ID": "6"}, tmp_path) == {"GITHUB_APP_ID": "6"}


def test_without_a_file_nothing_is_added(tmp_path: Path) -> None:
    assert with_app({"PORT": "80"}, tmp_path) == {"PORT": "80"}
