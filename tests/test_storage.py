"""Where an instance keeps its data."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.storage import data_dir, database_url, valkey_socket


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("postgres://u:p@h:5432/d", "postgresql+asyncpg://u:p@h:5432/d"),
        ("postgresql://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgres://u:p%40%3F@h/d?sslmode=require", "postgresql+asyncpg://u:p%40%3F@h/d?ssl=require"),
        ("postgres://h/d?sslmode=require&channel_binding=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("postgresql:///d?host=/var/run/postgresql", "postgresql+asyncpg:///d?host=/var/run/postgresql"),
        ("sqlite:///relative.db", "sqlite+aiosqlite:///relative.db"),
        ("sqlite:////absolute.db", "sqlite+aiosqlite:////absolute.db"),
        ("sqlite+aiosqlite:////absolute.db", "sqlite+aiosqlite:////absolute.db"),
    ],
)
def test_database_urls_as_platforms_hand_them_out(given: str, wanted: str) -> None:
    assert database_url(given) == wanted
    assert make_url(wanted).get_driver_name() in {"asyncpg", "aiosqlite"}


def test_the_data_directory_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_dir({}) == tmp_path / ".gitinsight"
    assert data_dir({"DATA_DIR": "store"}) == tmp_path / "store"


def test_a_socket_path_is_never_too_long_for_the_system() -> None:
    assert valkey_socket(Path("/data")) == Path("/data/valkey/valkey.sock")
    long = Path("/data") / ("x" * 200)
    assert len(str(valkey_socket(long))) < 100
    assert valkey_socket(long) != valkey_socket(long / "y")
