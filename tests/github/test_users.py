"""Sign-in through the stand-in, and the repositories that each person can access."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.errors import RetryLater
from bot.github.client import open_session
from bot.github.users import (
    OAuth,
    SignInRefused,
    UserTokens,
    authorize_url,
    exchange,
    fetch_accessible_repositories,
    fetch_user,
    renew,
)
from bot.local import SIGN_INS
from tests.repository import Repository
from tests.servers import free_port
from tests.standin import StandIn, running_stand_in

VERIFIER = "a verifier of the tests, long enough to be one"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
async def github(repository: Repository, tmp_path: Path) -> AsyncIterator[StandIn]:
    repository.commit("first", {"a.py": "x = 1\n"})
    async with running_stand_in(repository.path, tmp_path, app_url="http://app.test", client_secret="s") as stand_in:
        yield stand_in


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


def oauth_of(github: StandIn) -> OAuth:
    return OAuth(github.config.client_id, "s", github.url, github.url, github.config.callback_url)


async def signed_in(session: aiohttp.ClientSession, github: StandIn, login: str) -> UserTokens:
    url = f"{authorize_url(oauth_of(github), 'state', CHALLENGE)}&as={login}"
    async with session.get(url, allow_redirects=False) as answer:
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["state"]
    return await exchange(session, oauth_of(github), query["code"][0], VERIFIER)


@pytest.mark.parametrize(
    ("login", "sees", "writes"), [("maintainer", True, True), ("contributor", True, False), ("stranger", False, False)]
)
async def test_each_person_can_access_their_repositories_only(
    session: aiohttp.ClientSession, github: StandIn, login: str, sees: bool, writes: bool
) -> None:
    tokens = await signed_in(session, github, login)
    assert (await fetch_user(session, oauth_of(github), tokens.access)).login == login
    found = await fetch_accessible_repositories(session, oauth_of(github), tokens.access)
    number = github.hub.identity.repository_id
    assert (found.seen, found.writable) == (frozenset({number} if sees else ()), frozenset({number} if writes else ()))


async def test_a_refresh_token_works_once(session: aiohttp.ClientSession, github: StandIn) -> None:
    tokens = await signed_in(session, github, "maintainer")
    assert tokens.refresh and tokens.expires_at is not None
    renewed = await renew(session, oauth_of(github), tokens.refresh)
    assert (await fetch_user(session, oauth_of(github), renewed.access)).login == "maintainer"
    with pytest.raises(SignInRefused, match="bad_refresh_token"):
        await renew(session, oauth_of(github), tokens.refresh)


async def test_rejected_codes_and_tokens_are_sign_in_refused(session: aiohttp.ClientSession, github: StandIn) -> None:
    with pytest.raises(SignInRefused, match="bad_verification_code"):
        await exchange(session, oauth_of(github), "nonsense", VERIFIER)
    tokens = await signed_in(session, github, "maintainer")
    github.app[SIGN_INS].revoke("maintainer")
    for request in (fetch_user, fetch_accessible_repositories):
        with pytest.raises(SignInRefused):
            await request(session, oauth_of(github), tokens.access)


async def test_an_unreachable_github_is_retry_later(session: aiohttp.ClientSession, github: StandIn) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    oauth = OAuth("x", "s", away, away, "")
    with pytest.raises(RetryLater):
        await exchange(session, oauth, "code", VERIFIER)
    with pytest.raises(RetryLater):
        await fetch_user(session, oauth, "token")
