"""`/setup` through the stand-in: creating and configuring the GitHub App, and refused requests."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import yaml
from yarl import URL

from bot.app_file import NAME, with_app
from bot.local import MANIFESTS
from bot.settings import read_settings
from tests.faults import bad_gateway, secondary_rate_limit
from tests.repository import Repository
from tests.standin import APP_ID, key_pair
from tests.web.conftest import Web
from tests.web.setting_up import CLIENT_SECRET, KEY, SECRET, Instance, an_instance, sent_manifest
from tests.web.visiting import get

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def instance(repository: Repository, tmp_path: Path) -> AsyncIterator[Instance]:
    async with an_instance(repository, tmp_path) as made:
        yield made


def code_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["code"][0]


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
    assert (settings.client_id, settings.client_secret) == (f"Iv1.local{APP_ID}", CLIENT_SECRET)
    assert instance.setup.done.is_set() and instance.github.unknown_fields == []
    before = file.read_bytes()
    for again in (f"/setup?key={KEY}", back):
        assert (await instance.get(again))[0] == 409
    assert file.read_bytes() == before


async def test_no_secret_is_shown_or_logged(instance: Instance, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    back = await instance.to_github()
    _, page = await instance.get(back)
    # `up` writes no access log.
    shown = page + "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot."))
    assert f"the GitHub App {APP_ID} was created" in shown
    for secret in (SECRET, CLIENT_SECRET, "PRIVATE KEY", KEY, code_of(back)):
        assert secret not in shown


async def test_the_manifest_is_app_yml_with_the_addresses_of_this_instance(instance: Instance) -> None:
    registration: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "app.yml").read_text())
    _, page = await instance.get(f"/setup?key={KEY}")
    sent = sent_manifest(page)
    addresses = {"url", "hook_attributes", "redirect_url", "callback_urls", "setup_url"}
    assert {name: value for name, value in sent.items() if name not in addresses} == {
        name: value for name, value in registration.items() if name not in addresses
    }
    assert sent["callback_urls"] == [instance.github.config.callback_url]
    assert sent["hook_attributes"] == {"url": f"{instance.url}/webhook", "active": True}
    status, documentation = await instance.get("/docs/connect")
    assert status == 200 and "PUBLIC_URL" in documentation
    for name in registration["default_permissions"]:
        assert f"<dt>{name.replace('_', ' ').capitalize()}</dt>" in page


@pytest.mark.parametrize("query", ["", "?key=", "?key=wrong", "?key=%C3%A9", "?key=%ED%A0%80", "?key=%00"])
async def test_the_setup_needs_the_key(instance: Instance, query: str) -> None:
    status, page = await instance.get(f"/setup{query}")
    assert status == 403 and "manifest" not in page and "terminal" in page


@pytest.mark.parametrize("name", ["a/b", "..", "a" * 40, "%22%3E%3Cscript%3E", "a%0D%0Ab", "%C3%A9", "a%3Fb"])
async def test_invalid_names_of_organizations_are_refused(instance: Instance, name: str) -> None:
    status, page = await instance.get(f"/setup?key={KEY}&organization={name}")
    assert status == 400 and "<script" not in page and "manifest" not in page


async def test_a_setup_that_was_not_started_in_this_browser_is_refused(instance: Instance) -> None:
    back = await instance.to_github()
    for url in (back.replace("state=", "state=x"), back.partition("&state")[0], back + "%C3%A9", back + "%ED%A0%80"):
        assert (await instance.get(url))[0] == 400
    async with aiohttp.ClientSession() as stranger, stranger.get(URL(back, encoded=True)) as answer:
        assert answer.status == 400
    forged = {"gitinsight_setup": "made-up"}
    async with aiohttp.ClientSession(cookies=forged) as stranger:
        url = f"{instance.url}/setup/callback?code={code_of(back)}&state=made-up"
        async with stranger.get(url) as answer:
            assert answer.status == 400
    assert not (instance.folder / NAME).exists() and not instance.setup.done.is_set()


async def test_a_code_and_a_state_can_be_used_once(instance: Instance) -> None:
    back = await instance.to_github()
    async with instance.browser.post(f"{instance.github.url}/app-manifests/{code_of(back)}/conversions") as answer:
        assert answer.status == 201
    status, page = await instance.get(back)
    assert status == 502 and "works only once" in page and "delete it there" in page
    assert (await instance.get(back))[0] == 400
    assert (await instance.get(await instance.to_github()))[0] == 200


async def test_expired_and_malformed_codes_are_refused(instance: Instance) -> None:
    back = await instance.to_github()
    codes = instance.github.app[MANIFESTS].codes
    codes[code_of(back)] = replace(codes[code_of(back)], expires_at=0.0)
    status, page = await instance.get(back)
    assert status == 502 and "within an hour" in page
    back = await instance.to_github()
    status, page = await instance.get(back.replace(code_of(back), "..%2F..%2Fapp"))
    assert status == 502 and "form of GitHub&#39;s codes" in page
    assert list(instance.folder.iterdir()) == []


async def test_a_reload_tries_again_after_a_temporary_failure(instance: Instance) -> None:
    back = await instance.to_github()
    instance.github.faults.append(bad_gateway("/app-manifests/"))
    instance.github.faults.append(secondary_rate_limit(60, "/app-manifests/"))
    for _ in range(2):
        status, page = await instance.get(back)
        assert status == 503 and "reload this page" in page
        assert list(instance.folder.iterdir()) == []
    assert (await instance.get(back))[0] == 200


async def test_the_code_is_sent_only_to_the_configured_api(repository: Repository, tmp_path: Path) -> None:
    async with an_instance(repository, tmp_path, api_url=NOBODY) as instance:
        back = await instance.to_github()
        status, page = await instance.get(back)
        assert status == 503 and "could not be reached" in page and "reload this page" in page
        assert code_of(back) in instance.github.app[MANIFESTS].codes
        assert list(instance.folder.iterdir()) == []


async def test_a_short_webhook_secret_is_refused(repository: Repository, tmp_path: Path) -> None:
    async with an_instance(repository, tmp_path, webhook_secret="short") as instance:
        status, page = await instance.get(await instance.to_github())
        assert status == 502 and "32 bytes" in page and "/settings/apps" in page
        assert list(instance.folder.iterdir()) == []


@pytest.mark.parametrize("by_the_link", [True, False])
async def test_credentials_are_kept_until_they_can_be_written(instance: Instance, by_the_link: bool) -> None:
    file = instance.folder / NAME
    file.write_text("kept")
    back = await instance.to_github()
    status, page = await instance.get(back)
    assert status == 500 and "kept in memory" in page and file.read_text() == "kept"
    assert list(instance.folder.iterdir()) == [file]
    file.unlink()
    assert (await instance.get(f"/setup?key={KEY}" if by_the_link else back))[0] == 200
    assert f"GITHUB_APP_ID='{APP_ID}'" in file.read_text() and instance.setup.done.is_set()


async def test_other_paths_name_setup_and_the_form_may_be_sent_to_github(instance: Instance) -> None:
    for path in ("/", "/webhook", "/readyz", "/api/v1/repositories"):
        status, page = await instance.get(path)
        assert status == 503 and "/setup" in page and KEY not in page
    assert (await instance.get("/healthz"))[0] == 200
    async with instance.browser.get(f"{instance.url}/setup", params={"key": KEY}) as answer:
        policy, cookie = answer.headers["Content-Security-Policy"], answer.headers["Set-Cookie"]
        assert f"form-action 'self' {instance.github.url};" in policy and "script" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/setup" in cookie
        assert "this machine only" in await answer.text()
    # The browser needs the style sheet of the last page after the application has ended.
    async with instance.browser.get(f"{instance.url}/static/gitinsight.css") as answer:
        assert answer.status == 200 and "max-age=3600" in answer.headers["Cache-Control"]


async def test_with_an_app_setup_shows_only_a_message(web: Web) -> None:
    for query in ("", f"?key={KEY}"):
        seen = await get(web, f"/setup{query}")
        assert seen.status == 200 and "already" in seen.text and "https://github.com/settings/apps" in seen.text
        assert "manifest" not in seen.text and "default-src 'none'" in seen.headers["Content-Security-Policy"]
    seen = await get(web, "/setup/callback?code=abc&state=def")
    assert (seen.status, seen.place) == (303, "/setup")
    # The setup_url of the manifest, as GitHub opens it after an installation.
    assert (await get(web, "/?installation_id=1&setup_action=install")).status == 200
