"""`/setup` through the stand-in: from nothing to a configured App, and what is refused on the way."""

import html
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.app_file import NAME, with_app
from bot.local import MANIFESTS
from bot.settings import Addresses, read_settings
from bot.web.setup import Setup
from tests.repository import Repository
from tests.servers import free_port
from tests.stack import eventually
from tests.standin import APP_ID, StandIn, key_pair, running_stand_in

KEY = "the key of the tests"
SECRET = "0123456789abcdef" * 3


@dataclass
class Instance:
    """An instance without an App, its GitHub, and a browser."""

    url: str
    folder: Path
    setup: Setup
    github: StandIn
    browser: aiohttp.ClientSession

    async def get(self, url: str) -> tuple[int, str]:
        """(status, page); url: a path of the instance, or a whole one."""
        whole = URL(url if url.startswith("http") else self.url + url, encoded=True)
        async with self.browser.get(whole, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def to_github(self, organization: str = "") -> str:
        """Press the button; where GitHub sends the browser back to."""
        status, page = await self.get(f"/setup?key={KEY.replace(' ', '+')}&organization={organization}")
        assert status == 200, page
        return await pressed(self.browser, page)


async def pressed(browser: aiohttp.ClientSession, page: str) -> str:
    [action] = re.findall(r'method="post" action="([^"]+)"', page)
    [manifest] = re.findall(r'name="manifest" value="([^"]+)"', page)
    url = URL(html.unescape(action), encoded=True)
    async with browser.post(url, data={"manifest": html.unescape(manifest)}, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        return answer.headers["Location"]


@asynccontextmanager
async def an_instance(repository: Repository, tmp_path: Path, **github: Any) -> AsyncIterator[Instance]:
    repository.commit("first", {"a.py": "x = 1\n"})
    port = free_port()
    url, folder = f"http://127.0.0.1:{port}", tmp_path / "data"
    folder.mkdir()
    given: dict[str, Any] = {
        "app_url": url,
        "private_key_pem": key_pair()[0],
        "client_secret": "c" * 40,
        "webhook_secret": SECRET,
    }
    async with running_stand_in(repository.path, tmp_path, **(given | github)) as stand_in:
        setup = Setup(Addresses("127.0.0.1", port, url, stand_in.url, stand_in.url), folder, KEY)
        runner = web.AppRunner(setup.application(), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            yield Instance(url, folder, setup, stand_in, browser)
        await runner.cleanup()


@pytest.fixture
async def instance(repository: Repository, tmp_path: Path) -> AsyncIterator[Instance]:
    async with an_instance(repository, tmp_path) as made:
        yield made


@pytest.mark.parametrize("organization", ["", "octo-org"])
async def test_the_app_is_created_and_its_credentials_work(instance: Instance, organization: str) -> None:
    back = await instance.to_github(organization)
    assert instance.github.app[MANIFESTS].organization == organization
    status, page = await instance.get(back)
    assert status == 200 and f"{instance.github.url}/apps/gitinsight/installations/new" in page
    file = instance.folder / NAME
    assert file.stat().st_mode & 0o777 == 0o600 and list(instance.folder.iterdir()) == [file]
    settings = read_settings(with_app({"SECRET_KEY": "s" * 32}, instance.folder))
    assert (settings.app_id, settings.private_key) == (APP_ID, key_pair()[0])
    assert settings.webhook_secrets == (SECRET,)
    assert (settings.client_id, settings.client_secret) == (f"Iv1.local{APP_ID}", "c" * 40)
    assert instance.setup.done.is_set() and instance.github.unknown_fields == []
    before = file.read_bytes()
    assert (await instance.get(f"/setup?key={KEY.replace(' ', '+')}"))[0] == 409
    assert (await instance.get(back))[0] == 400  # the cookie is gone
    assert file.read_bytes() == before


@pytest.mark.parametrize("query", ["", "?key=", "?key=wrong", "?key=%C3%A9", "?key=%00"])
async def test_nobody_without_the_key_gets_in(instance: Instance, query: str) -> None:
    status, page = await instance.get(f"/setup{query}")
    assert status == 403 and "manifest" not in page and "terminal" in page


@pytest.mark.parametrize("name", ["a/b", "..", "a" * 40, "%22%3E%3Cscript%3E", "a%0D%0Ab", "%C3%A9", "a%3Fb"])
async def test_names_that_no_organization_has_are_refused(instance: Instance, name: str) -> None:
    status, page = await instance.get(f"/setup?key={KEY.replace(' ', '+')}&organization={name}")
    assert status == 400 and "<script" not in page and "manifest" not in page


async def test_what_was_not_begun_here_is_refused(instance: Instance) -> None:
    back = await instance.to_github()
    for url in (back.replace("state=", "state=x"), back.partition("&state")[0], back + "%C3%A9"):
        assert (await instance.get(url))[0] == 400
    async with aiohttp.ClientSession() as stranger, stranger.get(URL(back, encoded=True)) as answer:
        assert answer.status == 400
    assert not (instance.folder / NAME).exists() and not instance.setup.done.is_set()


async def test_a_code_serves_once_and_must_look_like_one(instance: Instance) -> None:
    back = await instance.to_github()
    code = parse_qs(urlsplit(back).query)["code"][0]
    async with instance.browser.post(f"{instance.github.url}/app-manifests/{code}/conversions") as answer:
        assert answer.status == 201
    status, page = await instance.get(back)
    assert status == 502 and "serves once" in page
    status, page = await instance.get(back.replace(code, "..%2F..%2Fapp"))
    assert status == 502 and "no code" in page
    assert not (instance.folder / NAME).exists()


async def test_a_short_webhook_secret_is_refused(repository: Repository, tmp_path: Path) -> None:
    async with an_instance(repository, tmp_path, webhook_secret="short") as instance:
        status, page = await instance.get(await instance.to_github())
        assert status == 502 and "32 bytes" in page and "/settings/apps" in page
        assert list(instance.folder.iterdir()) == []


async def test_a_file_that_is_there_is_never_replaced(instance: Instance) -> None:
    (instance.folder / NAME).write_text("kept")
    status, _ = await instance.get(await instance.to_github())
    assert status == 500 and (instance.folder / NAME).read_text() == "kept"


async def test_everything_else_says_where_to_go_and_the_form_may_go_to_github(instance: Instance) -> None:
    for path in ("/", "/webhook", "/healthz", "/api/v1/repositories"):
        status, page = await instance.get(path)
        assert status == 503 and "/setup" in page and KEY not in page
    async with instance.browser.get(f"{instance.url}/setup", params={"key": KEY}) as answer:
        policy, cookie = answer.headers["Content-Security-Policy"], answer.headers["Set-Cookie"]
        assert f"form-action 'self' {instance.github.url};" in policy and "script" not in policy
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        assert "this machine only" in await answer.text()


def test_the_environment_wins_and_another_apps_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("GITHUB_APP_ID='5'\nGITHUB_PRIVATE_KEY='k'\nGITHUB_WEBHOOK_SECRET='${HOME}'\n")
    assert with_app({}, tmp_path)["GITHUB_WEBHOOK_SECRET"] == "${HOME}"
    assert with_app({"GITHUB_WEBHOOK_SECRET": "w"}, tmp_path)["GITHUB_WEBHOOK_SECRET"] == "w"
    assert with_app({"GITHUB_APP_ID": "6"}, tmp_path) == {"GITHUB_APP_ID": "6"}
    assert "GITHUB_PRIVATE_KEY" not in with_app({"GITHUB_PRIVATE_KEY_PATH": "p"}, tmp_path)


def _started(folder: Path, env: dict[str, str]) -> "subprocess.Popen[bytes]":
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        argv = [sys.executable, "-m", "bot", "up"]
        return subprocess.Popen(argv, cwd=folder, env=env, stdout=out, stderr=err, start_new_session=True)


async def _link(folder: Path, process: "subprocess.Popen[bytes]") -> str:
    async def printed() -> str | None:
        assert process.poll() is None, (folder / "err").read_text()
        found = re.search(r"^http\S+/setup\?key=\S+\n", (folder / "out").read_text(), re.MULTILINE)
        return found[0].strip() if found else None

    return await eventually(printed, "the link")


async def test_up_goes_from_nothing_to_ready(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"a.py": "x = 1\n"})
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    given: dict[str, Any] = {"app_url": url, "private_key_pem": key_pair()[0], "webhook_secret": SECRET}
    async with running_stand_in(repository.path, tmp_path, **given) as github:
        env = {"PATH": os.environ["PATH"], "PORT": str(port), "WORKERS": "1", "DATA_DIR": str(tmp_path / "data")}
        env |= {"GITHUB_URL": github.url, "GITHUB_API_URL": github.url}
        process = _started(tmp_path, env)
        try:
            link = await _link(tmp_path, process)
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
                async with browser.get(URL(link, encoded=True)) as answer:
                    back = await pressed(browser, await answer.text())
                async with browser.get(URL(back, encoded=True)) as answer:
                    assert answer.status == 200, await answer.text()

                async def ready() -> str | None:
                    assert process.poll() is None, (tmp_path / "err").read_text()
                    return "yes" if "GitInsight runs at" in (tmp_path / "out").read_text() else None

                await eventually(ready, "the start")
                async with browser.get(f"{url}/readyz") as answer:
                    assert answer.status == 200
                async with browser.get(URL(link, encoded=True)) as answer:
                    page = await answer.text()
                    assert "already" in page and f"{github.url}/settings/apps" in page
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()


async def test_ctrl_c_during_the_setup_ends_it_and_half_an_app_is_said(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PORT": str(free_port()), "DATA_DIR": str(tmp_path / "data")}
    process = _started(tmp_path, env)
    try:
        await _link(tmp_path, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0 and (tmp_path / "err").read_text() == ""
    finally:
        process.kill()
        process.wait()
    process = _started(tmp_path, env | {"GITHUB_WEBHOOK_SECRET": "w" * 32})
    assert process.wait(30) == 1
    assert "GITHUB_WEBHOOK_SECRET is set, but GITHUB_APP_ID is not" in (tmp_path / "err").read_text()
