"""Where an instance keeps its data: the folder, the database and the embedded Valkey."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from bot.environment import SettingsError

_SOCKET_PATH_MAX = 100


def data_dir(env: Mapping[str, str]) -> Path:
    """Where mirrors, indexes and the embedded stores live; `.gitinsight` in the current folder by default."""
    return Path(env.get("DATA_DIR", ".gitinsight")).absolute()


def valkey_socket(folder: Path) -> Path:
    """The embedded Valkey's socket; a long DATA_DIR gets one in the temporary folder (unix(7): 108 bytes)."""
    path = folder / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_MAX:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"gitinsight-{os.getuid()}-{name}", "valkey.sock")


def own_database_url(env: Mapping[str, str]) -> str:
    """DATABASE_URL, or the SQLite file in DATA_DIR, whose folder is made. Raises SettingsError."""
    if "DATABASE_URL" in env:
        return database_url(env["DATABASE_URL"])
    folder = data_dir(env)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return database_url(f"sqlite:///{folder / 'gitinsight.db'}")


def database_url(url: str) -> str:
    """A platform's URL as SQLAlchemy's async drivers want it. Raises SettingsError for other databases."""
    for given, wanted in (
        ("postgres://", "postgresql+asyncpg://"),
        ("postgresql://", "postgresql+asyncpg://"),
        ("postgresql+asyncpg://", "postgresql+asyncpg://"),
        ("sqlite:///", "sqlite+aiosqlite:///"),
        ("sqlite+aiosqlite:///", "sqlite+aiosqlite:///"),
    ):
        if url.startswith(given):
            rest = url.removeprefix(given)
            if "sqlite" in given and not Path(rest.partition("?")[0]).absolute().parent.is_dir():
                raise SettingsError("DATABASE_URL names a file in a folder that does not exist")
            return wanted + (_with_driver_options(rest) if "postgres" in given else rest)
    raise SettingsError("DATABASE_URL must begin with postgres://, postgresql:// or sqlite:///")


def _with_driver_options(rest: str) -> str:
    """libpq's options in a URL as asyncpg takes them: `sslmode` is its `ssl`; it has no channel binding."""
    place, mark, query = rest.partition("?")
    names = {"sslmode": "ssl"}
    options = [(names.get(name, name), value) for name, value in parse_qsl(query) if name != "channel_binding"]
    return place + (mark + urlencode(options, safe="/") if options else "")
