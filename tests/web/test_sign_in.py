"""Signing in with GitHub through the stand-in: access, the lifetime of a session, and refused sign-ins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp
import pytest
from sqlalchemy import select, update
from yarl import URL

from bot.db.access_tables import TokenRow, User, UserGrant
from bot.db.engine import now
from bot.db.tables import Repository as RepositoryRow
from bot.local import SIGN_INS
from bot.web.session import REFRESH_COOKIE, SESSION_COOKIE, local_path
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, eventually, running_stack


@pytest.fixture
async def stack(repository: Repository, tmp_path: Path, valkey: Valkey) -> AsyncIterator[Stack]:
    """A private repository, and pages that need a session."""
    repository.commit("first", {"a.py": "x = 1\n"})
    async with running_stack(repository.path, tmp_path, valkey, workers=0, public_pages=False) as running:
        yield running


@asynccontextmanager
async def visiting() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        yield browser


async def the_page(stack: Stack) -> str:
    """The path of the repository's page."""

    async def known() -> str | None:
        async with stack.db.reading() as session:
            found = await session.scalar(select(RepositoryRow.id))
            return f"/repositories/{found}" if found else None

    return await eventually(known, "the repository")


async def to_github(stack: Stack, browser: aiohttp.ClientSession, login: str, next_path: str = "/") -> str:
    """Start to sign in; returns the address that GitHub redirects the browser to."""
    begin = f"{stack.settings.public_url}/auth/login?next={quote(next_path)}"
    async with browser.get(begin, allow_redirects=False) as answer:
        url = answer.headers["Location"]
        assert answer.status == 302 and url.startswith(stack.settings.github_url)
    async with browser.get(URL(f"{url}&as={login}", encoded=True), allow_redirects=False) as answer:
        return answer.headers["Location"]


async def sign_in(stack: Stack, browser: aiohttp.ClientSession, login: str, next_path: str = "/") -> str:
    """Sign in; returns the path that the application redirects the browser to."""
    back = await to_github(stack, browser, login, next_path)
    async with browser.get(URL(back, encoded=True), allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        return answer.headers["Location"]


async def seen(stack: Stack, browser: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with browser.get(stack.settings.public_url + path) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(("login", "sees"), [("maintainer", True), ("contributor", True), ("stranger", False)])
async def test_users_see_exactly_what_github_shows_them(stack: Stack, login: str, sees: bool) -> None:
    path = await the_page(stack)
    async with visiting() as browser:
        assert (await seen(stack, browser, path))[0] == 404
        assert await sign_in(stack, browser, login, path) == path
        assert (await seen(stack, browser, path))[0] == (200 if sees else 404)
        _, index = await seen(stack, browser, "/")
        assert login in index and (path in index) is sees


async def test_roles_follow_github_and_refresh_tokens_work_in_the_api(stack: Stack) -> None:
    await the_page(stack)
    roles = {}
    for login in ("maintainer", "contributor", "stranger"):
        async with visiting() as browser:
            await sign_in(stack, browser, login)
            cookies = browser.cookie_jar.filter_cookies(URL(f"{stack.settings.public_url}/auth/renew"))
            body = {"refresh_token": cookies[REFRESH_COOKIE].value}
        api = f"{stack.settings.public_url}/api/v1"
        async with aiohttp.ClientSession() as client:
            async with client.post(f"{api}/auth/token", json=body) as answer:
                pair = await answer.json()
            headers = {"Authorization": f"Bearer {pair['access_token']}"}
            async with client.get(f"{api}/users/me", headers=headers) as answer:
                me = await answer.json()
            async with client.get(f"{api}/repositories", headers=headers) as answer:
                total = (await answer.json())["total"]
            async with client.post(f"{api}/auth/token", json=body) as answer:
                assert answer.status == 401
        roles[login] = (me["role"], total)
    assert roles == {"maintainer": ("maintainer", 1), "contributor": ("viewer", 1), "stranger": ("viewer", 0)}


async def test_a_session_is_renewed_and_ends_with_sign_out(stack: Stack) -> None:
    path = await the_page(stack)
    async with visiting() as browser:
        await sign_in(stack, browser, "maintainer")
        site = URL(stack.settings.public_url)
        browser.cookie_jar.clear(lambda cookie: cookie.key == SESSION_COOKIE)
        assert SESSION_COOKIE not in browser.cookie_jar.filter_cookies(site)
        assert (await seen(stack, browser, path))[0] == 200
        kept = browser.cookie_jar.filter_cookies(site)[SESSION_COOKIE].value

        elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
        async with browser.post(site / "auth/logout", headers=elsewhere) as answer:
            assert answer.status == 403
        async with browser.post(site / "auth/logout", headers={"Origin": str(site)}) as answer:
            assert answer.status == 200 and "Sign in" in await answer.text()
        assert (await seen(stack, browser, path))[0] == 404
        browser.cookie_jar.update_cookies({SESSION_COOKIE: kept}, site)
        assert (await seen(stack, browser, path))[0] == 404  # the token was revoked, not only the cookie deleted
    async with stack.db.reading() as session:
        refreshes = await session.scalars(select(TokenRow).where(TokenRow.kind == "refresh"))
        assert {row.revoked_at is not None for row in refreshes} == {True}


async def test_a_form_is_saved_after_the_access_token_expired_and_a_late_visitor_signs_in_again(stack: Stack) -> None:
    path = await the_page(stack)
    site = URL(stack.settings.public_url)
    form, own = site / path.removeprefix("/") / "settings", {"Origin": str(site)}
    async with visiting() as browser:
        await sign_in(stack, browser, "maintainer")
        browser.cookie_jar.clear(lambda cookie: cookie.key == SESSION_COOKIE)
        async with browser.post(form, data={}, headers={"Origin": "https://evil.example"}) as answer:
            assert answer.status == 403
        async with browser.post(form, data={}, headers=own) as answer:
            assert answer.status == 200 and "Saved." in await answer.text()
        async with stack.db.reading() as session:
            assert await session.scalar(select(RepositoryRow.auto_analyze)) is False

        async def ended() -> None:
            browser.cookie_jar.clear(lambda cookie: cookie.key == SESSION_COOKIE)
            async with stack.db.writing() as session:
                await session.execute(update(TokenRow).values(revoked_at=now()))

        await ended()
        async with browser.post(form, data={"auto_analyze": "on"}, headers=own) as answer:
            assert answer.status == 403 and "the form was not saved" in await answer.text()
        async with stack.db.reading() as session:
            assert await session.scalar(select(RepositoryRow.auto_analyze)) is False
        await sign_in(stack, browser, "maintainer")
        await ended()
        status, shown = await seen(stack, browser, f"{path}?years=3")
        assert status == 404 and "<h1>Sign in again</h1>" in shown and "does not exist" not in shown
        assert f'href="/auth/login?next={quote(path, safe="")}%3Fyears%3D3"' in shown
        status, shown = await seen(stack, browser, path)
        assert status == 404 and "does not exist" in shown  # not signed in any more: as for everybody else
        _, home = await seen(stack, browser, "/?message=expired")
        assert "Your sign-in has expired." in home
        await sign_in(stack, browser, "maintainer")
        assert "Your sign-in has expired." not in (await seen(stack, browser, "/?message=expired"))[1]


async def test_a_sign_in_that_was_not_started_here_is_refused(stack: Stack) -> None:
    async with visiting() as browser, visiting() as other:
        back = await to_github(stack, browser, "maintainer")
        for url in (back.replace("state=", "state=x"), back.partition("&state")[0]):
            async with browser.get(URL(url, encoded=True)) as answer:
                assert answer.status == 400
        async with other.get(URL(back, encoded=True)) as answer:
            assert answer.status == 400
        denied = back.replace("code=", "error=access_denied&was=")
        async with browser.get(URL(denied, encoded=True)) as answer:
            assert answer.status == 403
        async with browser.get(URL(back, encoded=True), allow_redirects=False) as answer:
            assert answer.status == 302
            cookies = answer.headers.getall("Set-Cookie")
        for name in (SESSION_COOKIE, REFRESH_COOKIE):
            [cookie] = [cookie_header for cookie_header in cookies if cookie_header.startswith(name)]
            assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        back = await to_github(stack, browser, "maintainer")
        stack.github.app[SIGN_INS].revoke("maintainer")
        async with browser.get(URL(back, encoded=True)) as answer:
            assert answer.status == 403


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/repositories/1?x=%2F", "/repositories/1?x=%2F"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_redirects_after_sign_in_stay_on_this_site(given: str | None, kept: str) -> None:
    assert local_path(given) == kept


async def test_a_revoked_authorization_ends_access_at_once(stack: Stack) -> None:
    path = await the_page(stack)
    async with visiting() as browser:
        await sign_in(stack, browser, "maintainer")
        assert (await seen(stack, browser, path))[0] == 200
        async with stack.db.reading() as session:
            user = await session.scalar(select(User).where(User.login == "maintainer"))
        assert user is not None
        payload = {"action": "revoked", "sender": {"id": user.github_id, "login": "maintainer"}}
        stack.github.hub.webhooks.send("github_app_authorization", payload)

        async def gone() -> bool | None:
            return True if (await seen(stack, browser, path))[0] == 404 else None

        await eventually(gone, "the end of the session")


async def test_access_is_fetched_again_after_five_minutes_and_tokens_are_renewed(stack: Stack) -> None:
    path = await the_page(stack)
    async with visiting() as browser:
        await sign_in(stack, browser, "contributor")
        old = now() - timedelta(minutes=6)
        async with stack.db.writing() as session:
            before = await session.scalar(select(UserGrant.access))
            await session.execute(update(UserGrant).values(looked_at=old, expires_at=old, seen=[]))
        assert (await seen(stack, browser, path))[0] == 200
        async with stack.db.reading() as session:
            grant = await session.scalar(select(UserGrant))
        assert grant is not None and grant.access != before and grant.looked_at is not None and grant.looked_at > old
        stack.github.app[SIGN_INS].revoke("contributor")
        assert (await seen(stack, browser, path))[0] == 200  # still fresh
        async with stack.db.writing() as session:
            await session.execute(update(UserGrant).values(looked_at=old))
        assert (await seen(stack, browser, path))[0] == 404


async def test_tokens_of_github_are_encrypted_in_the_database(stack: Stack) -> None:
    async with visiting() as browser:
        await sign_in(stack, browser, "maintainer")
    async with stack.db.reading() as session:
        grant = await session.scalar(select(UserGrant))
    assert grant is not None and "ghu_" not in grant.access and "ghr_" not in (grant.refresh or "")


async def test_the_sign_in_page_without_configuration_says_so(
    repository: Repository, tmp_path: Path, valkey: Valkey
) -> None:
    repository.commit("first", {"a.py": "x = 1\n"})
    env = {"GITHUB_CLIENT_SECRET": ""}
    async with running_stack(repository.path, tmp_path, valkey, workers=0, env=env) as stack, visiting() as browser:
        status, page = await seen(stack, browser, "/auth/login")
        assert status == 503 and "GITHUB_CLIENT_ID" in page
        assert "Sign in" not in (await seen(stack, browser, "/"))[1]
        assert urlsplit(stack.settings.public_url).hostname == "127.0.0.1"
