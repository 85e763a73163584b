"""The setup of `gitinsight up` without a GitHub App: it serves `/setup` until an App is created."""

import asyncio
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path

import click
from aiohttp import web

from bot.app_file import NAME, VARIABLES
from bot.commands.prepare import check_port
from bot.environment import SettingsError
from bot.settings import Addresses, read_addresses
from bot.web.serve import make_runner
from bot.web.setup import Setup


def set_up(env: Mapping[str, str], folder: Path) -> bool:
    """Serve `/setup` until the App's credentials are in the folder. Returns False if a signal stops it before.

    Raises SettingsError for settings that conflict with a new App, and for a port in use.
    """
    if partly := [name for name in (*VARIABLES, "GITHUB_PRIVATE_KEY_PATH") if name in env]:
        raise SettingsError(
            f"{partly[0]} is set, but GITHUB_APP_ID is not. Set both, or set neither to create an App. "
            "`gitinsight up --local .` runs without a GitHub account."
        )
    if ("GITHUB_URL" in env) != ("GITHUB_API_URL" in env):
        raise SettingsError(
            "GITHUB_URL and GITHUB_API_URL must both be set, or neither: creating an App uses both of them"
        )
    at = read_addresses(env)
    check_port(at.host, at.port)
    return asyncio.run(_serve(at, folder))


async def _serve(at: Addresses, folder: Path) -> bool:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    key = secrets.token_urlsafe(24)
    setup = Setup(at, folder, key)
    runner = make_runner(setup.application())
    await runner.setup()
    try:
        await web.TCPSite(runner, at.host, at.port).start()
        click.echo(
            "No GitHub App is configured. Create one with this link, and do not share the link:\n"
            f"{at.public_url}/setup?key={key}\n"
            "To run without a GitHub account: `gitinsight up --local .`. Press Ctrl-C to stop."
        )
        waits = [asyncio.create_task(event.wait()) for event in (stopping, setup.done)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
    finally:
        await runner.cleanup()
    if setup.done.is_set():
        click.echo(f"The GitHub App was created. Its credentials are in {folder / NAME}.")
    return setup.done.is_set() and not stopping.is_set()
