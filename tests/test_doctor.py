"""`gitinsight doctor` on permissions: what is required, and what GitInsight can do without."""

from pathlib import Path

import pytest

from bot.commands.doctor import examine
from bot.local.config import PERMISSIONS
from tests.repository import Repository
from tests.servers import Valkey
from tests.standin import APP_ID, StandIn, key_pair, running_stand_in


async def shown(stand_in: StandIn, valkey: Valkey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `doctor` prints on GitHub, in one line."""
    settings = {
        "GITHUB_APP_ID": str(APP_ID),
        "GITHUB_PRIVATE_KEY": key_pair()[0],
        "GITHUB_WEBHOOK_SECRET": "w" * 32,
        "GITHUB_API_URL": stand_in.url,
        "SECRET_KEY": "a key of the tests, long enough to be one",
        "DATA_DIR": str(tmp_path / "data"),
        "REDIS_URL": valkey.url,
        "EMBEDDING_MODEL": "acme/none",
        "SUMMARY_URL": "http://1.1.1.1/v1",
        "SUMMARY_MODEL": "small-1b",
    }
    await examine(settings)
    return " ".join(capsys.readouterr().out.split())


async def test_an_installation_that_has_not_accepted_a_permission_is_named(
    tmp_path: Path, repository: Repository, valkey: Valkey, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit("First", {"a.py": ""})
    unaccepted = frozenset({"issues"})
    async with running_stand_in(repository.path, tmp_path, newest=0, unaccepted=unaccepted) as stand_in:
        printed = await shown(stand_in, valkey, tmp_path, capsys)
        assert "✓ GitHub – local has not accepted issues: read. GitInsight works without it, but" in printed
        assert f"Accept it on {stand_in.url}/settings/installations/{stand_in.installation_id}" in printed
        assert "✗ language model: the model acme/none is not there; `gitinsight models pull acme/none`" in printed
        assert "✗ summary model: the model's server cannot be used (1.1.1.1 is not a private address)." in printed
        stand_in.hub.repository.accept_permissions()
        assert "accepted" not in await shown(stand_in, valkey, tmp_path, capsys)


async def test_an_app_that_was_registered_before_is_no_failure(
    tmp_path: Path,
    repository: Repository,
    valkey: Valkey,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repository.commit("First", {"a.py": ""})
    monkeypatch.delitem(PERMISSIONS, "issues")
    async with running_stand_in(repository.path, tmp_path, newest=0) as stand_in:
        printed = await shown(stand_in, valkey, tmp_path, capsys)
        assert "✓ GitHub – the App does not ask for issues: read." in printed
        assert f"settings ({stand_in.url}/apps/gitinsight)" in printed
        monkeypatch.delitem(PERMISSIONS, "contents")
        assert "✗ GitHub: the App does not have these permissions: contents" in (
            await shown(stand_in, valkey, tmp_path, capsys)
        )


async def test_the_folder_of_the_data_comes_first_and_only_what_is_set_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def printed(**more: str) -> str:
        settings = {
            "GITHUB_APP_ID": str(APP_ID),
            "GITHUB_PRIVATE_KEY": key_pair()[0],
            "GITHUB_WEBHOOK_SECRET": "w" * 32,
            "GITHUB_API_URL": "http://127.0.0.1:9",
            "SECRET_KEY": "a key of the tests, long enough to be one",
            "DATA_DIR": str(tmp_path / "data"),
        }
        await examine(settings | more)
        return " ".join(capsys.readouterr().out.split())

    missing = await printed()
    assert "data does not exist. Run this in the folder of the instance, or set DATA_DIR ✗ database" in missing
    assert "✗ queue: not available (ConnectionError). `gitinsight up` starts one in DATA_DIR" in missing
    assert "DATABASE_URL" not in missing and "REDIS_URL" not in missing
    (tmp_path / "data").write_text("")
    assert f"✗ disk: DATA_DIR {tmp_path}/data is a file. Set DATA_DIR to a folder" in await printed()
    elsewhere = await printed(
        DATA_DIR=str(tmp_path / "none"), DATABASE_URL=f"sqlite:///{tmp_path}/x.db", REDIS_URL="redis://127.0.0.1:9/0"
    )
    assert "✓ disk ✗ database: The database has no schema yet: run `gitinsight migrate`" in elsewhere
    assert "Start Redis or Valkey, or correct REDIS_URL" in elsewhere
