"""Databases with the newest schema for the tests. The migrations run once per process; each test gets a copy."""

import tempfile
from functools import cache
from pathlib import Path

from bot.db.schema import migrate
from tests.postgres import create_database

_TEMPLATE = "migrated"


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        migrate(f"sqlite+aiosqlite:///{path}")
        return path.read_bytes()


def migrated_sqlite(path: Path) -> str:
    """Create a SQLite database with the newest schema. Returns its URL for the app."""
    path.write_bytes(_migrated_file())
    return f"sqlite+aiosqlite:///{path}"


@cache
def _migrated_template(server_url: str) -> str:
    migrate(create_database(server_url, _TEMPLATE))
    return _TEMPLATE


def migrated_postgres(server_url: str, name: str) -> str:
    """Create a database with the newest schema on the server. Returns its URL for the app."""
    return create_database(server_url, name, _migrated_template(server_url))
