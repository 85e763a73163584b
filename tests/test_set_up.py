"""`gitinsight up` without a GitHub App: the setup in a browser, from the printed link to a signed-in page."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.app_file import NAME
from tests.looking import chromium, looked_at, watched
from tests.repository import Repository
from tests.servers import free_port
from tests.stack import eventually
from tests.standin import running_stand_in
from tests.web.setting_up import CLIENT_SECRET, SECRET, giving_out_an_app

pytestmark = pytest.mark.xdist_group("up")


@contextmanager
def started(folder: Path, env: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """Start the command. The exit kills it if it still runs."""
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        argv = [sys.executable, "-m", "bot", "up"]
        process = subprocess.Popen(argv, cwd=folder, env=env, stdout=out, stderr=err, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


async def printed(folder: Path, process: "subprocess.Popen[bytes]", pattern: str) -> str:
    """Wait until standard output contains a match of the pattern, and return it."""

    async def matched() -> str | None:
        assert process.poll() is None, (folder / "err").read_text()
        match = re.search(pattern, (folder / "out").read_text(), re.MULTILINE)
        return match[0].strip() if match else None

    return await eventually(matched, pattern)


def environment(folder: Path, **more: str) -> dict[str, str]:
    given = {"PATH": os.environ["PATH"], "PORT": str(free_port()), "DATA_DIR": str(folder / "data"), "WORKERS": "1"}
    return given | more


async def test_from_nothing_to_a_signed_in_page(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"a.py": "x = 1\n"})
    env = environment(tmp_path)
    url = f"http://127.0.0.1:{env['PORT']}"
    complaints: list[str] = []
    async with running_stand_in(repository.path, tmp_path, **giving_out_an_app(url)) as github, chromium() as browser:
        env |= {"GITHUB_URL": github.url, "GITHUB_API_URL": github.url, "LOG_LEVEL": "DEBUG"}
        with started(tmp_path, env) as process:
            link = await printed(tmp_path, process, r"^http\S+/setup\?key=\S+\n")
            page = await watched(browser, complaints)
            await page.goto(link)
            wrong = await looked_at(page, "setup")
            await page.get_by_role("button", name="Create the App for my account").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("The GitHub App was created")
            wrong += await looked_at(page, "setup-done")
            await printed(tmp_path, process, "^GitInsight is running at")
            await page.goto(link)
            await expect(page.get_by_text("GitInsight already has a GitHub App")).to_be_visible()
            wrong += await looked_at(page, "setup-configured")
            await page.get_by_role("link", name="Sign in", exact=True).click()
            await page.get_by_role("link", name="maintainer").first.click()
            await expect(page.get_by_role("link", name="maintainer", exact=True)).to_be_visible()
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        assert (wrong, complaints) == ([], [])
        output = (tmp_path / "out").read_text() + (tmp_path / "err").read_text()
        assert output.count(link.partition("key=")[2]) == 1
        assert not any(secret in output for secret in (SECRET, CLIENT_SECRET, "PRIVATE KEY", "code="))
        with started(tmp_path, env) as process:
            await printed(tmp_path, process, "^GitInsight is running at")


async def test_ctrl_c_during_the_setup_ends_it(tmp_path: Path) -> None:
    with started(tmp_path, environment(tmp_path)) as process:
        await printed(tmp_path, process, r"/setup\?key=")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0 and (tmp_path / "err").read_text() == ""


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"GITHUB_WEBHOOK_SECRET": "w" * 32}, "GITHUB_WEBHOOK_SECRET is set, but GITHUB_APP_ID is not"),
        ({"GITHUB_URL": "https://github.example.org"}, "GITHUB_URL and GITHUB_API_URL must both be set"),
        ({"PUBLIC_URL": "gitinsight.example.org"}, "PUBLIC_URL must be a URL"),
    ],
)
def test_settings_that_conflict_with_a_new_app_are_an_error(
    tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    with started(tmp_path, environment(tmp_path, **settings)) as process:
        assert process.wait(30) == 1
    assert message in (tmp_path / "err").read_text() and (tmp_path / "out").read_text() == ""


def test_a_damaged_credentials_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / NAME).write_text("")
    with started(tmp_path, environment(tmp_path)) as process:
        assert process.wait(30) == 1
    assert f"{NAME} contains no GITHUB_APP_ID" in (tmp_path / "err").read_text()
