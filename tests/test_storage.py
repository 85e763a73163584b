"""The locations of an instance's data."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.storage import data_dir, database_url, valkey_socket


@pytest.mark.parametrize(
    ("url", "expected"),
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
def test_database_urls_of_platforms_are_converted(url: str, expected: str) -> None:
    assert database_url(url) == expected
    assert make_url(expected).get_driver_name() in {"asyncpg", "aiosqlite"}


def test_the_data_directory_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_dir({}) == tmp_path / ".gitinsight"
    assert data_dir({"DATA_DIR": "store"}) == tmp_path / "store"


def test_a_socket_path_is_short_enough_for_the_system() -> None:
    assert valkey_socket(Path("/data")) == Path("/data/valkey/valkey.sock")
    long = Path("/data") / ("x" * 200)
    assert len(str(valkey_socket(long))) < 100
    assert valkey_socket(long) != valkey_socket(long / "y")
