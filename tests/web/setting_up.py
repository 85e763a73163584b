"""An instance without a GitHub App, and a browser that goes through its setup."""

import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from bot.settings import Addresses
from bot.web.setup import Setup
from tests.repository import Repository
from tests.servers import free_port
from tests.standin import StandIn, key_pair, running_stand_in

KEY = "the-key-of-the-tests"
SECRET = "0123456789abcdef" * 3
CLIENT_SECRET = "c" * 40


@dataclass
class Instance:
    """An instance without an App, its stand-in of GitHub, and a browser."""

    url: str
    folder: Path
    setup: Setup
    github: StandIn
    browser: aiohttp.ClientSession

    async def get(self, url: str) -> tuple[int, str]:
        """(status, page). url: a path of the instance, or a complete URL."""
        whole = URL(url if url.startswith("http") else self.url + url, encoded=True)
        async with self.browser.get(whole, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def to_github(self, organization: str = "") -> str:
        """Send the form to GitHub; returns the address that GitHub redirects the browser to."""
        status, page = await self.get(f"/setup?key={KEY}&organization={organization}")
        assert status == 200, page
        [action] = re.findall(r'method="post" action="([^"]+)"', page)
        url = URL(html.unescape(action), encoded=True)
        manifest = {"manifest": json.dumps(sent_manifest(page))}
        async with self.browser.post(url, data=manifest, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            return answer.headers["Location"]


def sent_manifest(page: str) -> dict[str, Any]:
    """The manifest that the form of the page sends to GitHub."""
    [manifest] = re.findall(r'name="manifest" value="([^"]+)"', page)
    read: dict[str, Any] = json.loads(html.unescape(manifest))
    return read


def giving_out_an_app(app_url: str) -> dict[str, Any]:
    """The fields of LocalConfig with which the stand-in creates an App from a manifest."""
    secrets = {"client_secret": CLIENT_SECRET, "webhook_secret": SECRET, "private_key_pem": key_pair()[0]}
    return {"app_url": app_url, **secrets}


@asynccontextmanager
async def an_instance(
    repository: Repository, tmp_path: Path, *, api_url: str = "", **github: Any
) -> AsyncIterator[Instance]:
    """Serve the setup during the block.

    api_url: the API address of another GitHub.
    github: fields of LocalConfig.
    """
    repository.commit("first", {"a.py": "x = 1\n"})
    port = free_port()
    url, folder = f"http://127.0.0.1:{port}", tmp_path / "data"
    folder.mkdir()
    async with running_stand_in(repository.path, tmp_path, **(giving_out_an_app(url) | github)) as stand_in:
        at = Addresses("127.0.0.1", port, url, stand_in.url, api_url or stand_in.url)
        setup = Setup(at, folder, KEY)
        runner = web.AppRunner(setup.application(), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            yield Instance(url, folder, setup, stand_in, browser)
        await runner.cleanup()
