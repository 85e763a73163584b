"""The locations of an instance's data: the data folder, the database and the socket of the embedded Valkey."""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from bot.environment import SettingsError

_SOCKET_PATH_MAX = 100
_MACHINE_ID_BYTES = 8


def data_dir(env: Mapping[str, str]) -> Path:
    """Return DATA_DIR, the folder of mirrors, indexes and embedded stores. The default is `.gitinsight`."""
    return Path(env.get("DATA_DIR", ".gitinsight")).absolute()


def make_folder(folder: Path) -> None:
    """Create DATA_DIR if it does not exist. Raises SettingsError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as problem:
        raise SettingsError(f"DATA_DIR {folder} is a file. Set DATA_DIR to a folder") from problem
    except OSError as problem:
        raise cannot_write(folder, problem) from problem


def cannot_write(folder: Path, problem: OSError) -> SettingsError:
    """Return the error for a DATA_DIR that cannot be written."""
    is_full = problem.errno in {errno.ENOSPC, errno.EDQUOT}
    what = "Make room there" if is_full else "Let this user write there"
    return SettingsError(
        f"DATA_DIR {folder} cannot be written: {problem.strerror}. {what}, or set DATA_DIR to another folder"
    )


def machine_id(folder: Path) -> str:
    """Return the id of the machine whose mirrors are in DATA_DIR; 16 hexadecimal digits, made at the first call.

    Processes with the same folder get the same id. If it cannot be stored, each process has one of its own.
    """
    path, fresh = folder / "machine-id", secrets.token_hex(_MACHINE_ID_BYTES)
    if (known := _stored_id(path)) is not None:
        return known
    temporary = folder / f".machine-id-{fresh}"
    try:
        make_folder(folder)
        temporary.write_text(fresh, encoding="ascii")
        with contextlib.suppress(FileExistsError):  # another process was faster
            os.link(temporary, path)
        return _stored_id(path) or fresh
    except (OSError, SettingsError):
        return fresh
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _stored_id(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) == 2 * _MACHINE_ID_BYTES and text.isalnum() else None


def valkey_socket(folder: Path) -> Path:
    """Return the path of the embedded Valkey's socket.

    A socket path has at most 108 bytes (unix(7)). With a long DATA_DIR, it is in the temporary folder.
    """
    path = folder / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_MAX:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"gitinsight-{os.getuid()}-{name}", "valkey.sock")


def own_database_url(env: Mapping[str, str]) -> str:
    """Return DATABASE_URL, or the URL of a SQLite file in DATA_DIR, which is created. Raises SettingsError."""
    if "DATABASE_URL" in env:
        return database_url(env["DATABASE_URL"])
    folder = data_dir(env)
    make_folder(folder)
    return database_url(f"sqlite:///{folder / 'gitinsight.db'}")


def database_url(url: str) -> str:
    """Convert a database URL to the form of SQLAlchemy's async drivers. Raises SettingsError for other databases."""
    for prefix, async_prefix in (
        ("postgres://", "postgresql+asyncpg://"),
        ("postgresql://", "postgresql+asyncpg://"),
        ("postgresql+asyncpg://", "postgresql+asyncpg://"),
        ("sqlite:///", "sqlite+aiosqlite:///"),
        ("sqlite+aiosqlite:///", "sqlite+aiosqlite:///"),
    ):
        if url.startswith(prefix):
            rest = url.removeprefix(prefix)
            if "sqlite" in prefix and not Path(rest.partition("?")[0]).absolute().parent.is_dir():
                raise SettingsError("DATABASE_URL is the path of a file in a folder that does not exist")
            return async_prefix + (_with_driver_options(rest) if "postgres" in prefix else rest)
    raise SettingsError("DATABASE_URL must begin with postgres://, postgresql:// or sqlite:///")


def _with_driver_options(rest: str) -> str:
    """Convert libpq's URL options to asyncpg's: `sslmode` becomes `ssl`, `channel_binding` is removed."""
    location, mark, query = rest.partition("?")
    names = {"sslmode": "ssl"}
    options = [(names.get(name, name), value) for name, value in parse_qsl(query) if name != "channel_binding"]
    return location + (mark + urlencode(options, safe="/") if options else "")


def free_mb(folder: Path) -> int:
    """How many MB are free on the disk of a folder, or of the nearest folder above it that exists. Raises OSError."""
    return free_bytes(folder) // (1024 * 1024)


def free_bytes(folder: Path) -> int:
    """As `free_mb`, in bytes."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
