"""`gitinsight up`: run the whole app on one machine, with `--local` also the stand-in for GitHub."""

import asyncio
import contextlib
import shutil
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import click
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from bot import logs
from bot.app_file import with_app
from bot.commands.only_one import only_one
from bot.commands.prepare import check_port, part_argv, prepare, stand_in_port, stand_in_url, valkey_argv
from bot.commands.set_up import set_up
from bot.commands.supervisor import PartFailed, Supervisor
from bot.db.schema import migrate
from bot.environment import SettingsError
from bot.errors import GiveUp
from bot.git.run import NO_GIT, GitError, environment
from bot.settings import Settings, has_github, log_choices, reachable, read_settings
from bot.storage import data_dir
from bot.telemetry import start as telemetry

_START_SECONDS = 60
_STAND_IN_SECONDS = 20


def run_up(env: dict[str, str], *, local: Path | None, newest: int, demo: bool = False) -> None:
    """Start all parts, print the URLs, and run until a signal arrives. demo: serve the demo repository."""
    logs.configure(*log_choices(env))
    if shutil.which("git", path=environment()["PATH"]) is None:
        raise GiveUp(NO_GIT)
    if local is not None:
        _check_repository(local)
    with only_one(env):
        if demo:
            local = _demo(data_dir(env))
        _run(env, local=local, newest=newest)


def _run(env: dict[str, str], *, local: Path | None, newest: int) -> None:
    if local is not None:
        prepared = prepare(env, local=True)
    elif (connected := _connected(env)) is not None:
        prepared = connected
    else:
        return
    settings = read_settings(prepared)
    telemetry.check(settings)
    check_port(settings.host, settings.port)
    if local is not None:
        check_port(settings.host, stand_in_port(env), "STAND_IN_PORT")
    first = not (settings.data_dir / "gitinsight.db").exists()
    migrate(settings.database_url)
    supervisor = Supervisor()
    try:
        _start(supervisor, settings, prepared, local, newest)
        _wait_until_ready(supervisor, settings)
        click.echo(_welcome(settings, prepared, local, first=first))
        supervisor.watch()
    except PartFailed as failure:
        raise GiveUp(str(failure)) from failure
    except KeyboardInterrupt:
        pass
    finally:
        supervisor.stop()


def _demo(folder: Path) -> Path:
    from bot.commands.demo import make_demo

    try:
        return asyncio.run(make_demo(folder / "demo"))
    except (GitError, OSError) as problem:
        raise GiveUp(f"The demo repository could not be made in {folder / 'demo'}: {problem}") from problem


def _connected(env: dict[str, str]) -> dict[str, str] | None:
    """Return the environment of the parts with a GitHub App. Without an App, run the setup first.

    Returns None if a signal stopped the setup.
    """
    folder = data_dir(env)
    completed = with_app(env, folder)
    prepared = prepare(completed, local=False)
    if has_github(completed):
        return prepared
    return with_app(prepared, folder) if set_up(env, folder) else None


def _start(supervisor: Supervisor, settings: Settings, env: dict[str, str], local: Path | None, newest: int) -> None:
    if "valkey.sock" in settings.redis_url:
        supervisor.start("valkey", valkey_argv(settings.data_dir), {"PATH": "/usr/bin:/bin"})
    if local is not None:
        supervisor.start("stand-in", part_argv("stand-in", str(local.absolute()), "--newest", str(newest)), env)
    supervisor.start("web", part_argv("web"), env)
    for _ in range(settings.workers):
        supervisor.start("worker", part_argv("worker"), env)
    supervisor.start("deliveries", part_argv("worker", "--deliveries"), env)
    if local is not None:
        _wait_for_stand_in(supervisor, settings)
    supervisor.start("scheduler", part_argv("scheduler"), env)


def _wait_for_stand_in(supervisor: Supervisor, settings: Settings) -> None:
    """Wait until the stand-in listens, because the scheduler asks GitHub at once. Returns in any case."""
    deadline = time.monotonic() + _STAND_IN_SECONDS
    place = urlsplit(settings.github_api_url)
    while time.monotonic() < deadline:
        supervisor.check()
        with contextlib.suppress(OSError), socket.create_connection((place.hostname or "", place.port or 80), 1):
            return
        time.sleep(0.05)


def _wait_until_ready(supervisor: Supervisor, settings: Settings) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        supervisor.check()
        try:
            with urllib.request.urlopen(f"http://{reachable(settings.host)}:{settings.port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise GiveUp(f"The app was not ready after {_START_SECONDS} s. See its messages above.")


def _welcome(settings: Settings, env: dict[str, str], local: Path | None, *, first: bool) -> str:
    if local is None:
        address = f"GitInsight is running at {settings.public_url}"
        hint = (
            f"The webhook URL of the GitHub App must be {settings.public_url}/webhook. "
            "`gitinsight doctor` checks everything else."
        )
    else:
        address = (
            f"The repository, as GitHub would show it: {stand_in_url(env)}/  (all results: {settings.public_url}/)"
        )
        hint = (
            "Its branches and some of its merged changes are being analyzed. "
            "Commit to a branch, and its pull request updates."
        )
    if not first:
        return f"{address}\nPress Ctrl-C to stop."
    return f"{address}\n{hint}\nPress Ctrl-C to stop. All data is kept in {settings.data_dir}."


def _check_repository(path: Path) -> None:
    if not (path / ".git").exists() and not ((path / "objects").is_dir() and (path / "refs").is_dir()):
        raise SettingsError(f"{path} is not a git repository")


def run_stand_in(settings: Settings, path: Path, newest: int) -> None:
    """Run the stand-in for GitHub until the process ends."""
    from bot.commands.remarked import remarked
    from bot.history.programs import is_bot
    from bot.local import LocalConfig, create_app

    key = load_pem_private_key(settings.private_key.encode(), password=None)
    app = create_app(
        LocalConfig(
            repository=path,
            data_dir=settings.data_dir / "local",
            webhook_url=f"http://{reachable(settings.host)}:{settings.port}/webhook",
            webhook_secret=settings.webhook_secrets[0],
            app_id=settings.app_id,
            public_key_pem=key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            base_url=settings.github_api_url,
            newest=newest,
            app_url=settings.public_url,
            client_secret=settings.client_secret or "",
            is_program=is_bot,
            remarked=remarked,
        )
    )
    port = int(settings.github_api_url.rpartition(":")[2])
    web.run_app(app, host=settings.host, port=port, access_log=None, print=lambda *_: None, shutdown_timeout=2)
