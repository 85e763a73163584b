"""Sign-in: the web flow with PKCE, refreshing a token, and what each person can see."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.local import INSTALLATION_ID, SIGN_INS
from tests.repository import Repository
from tests.standin import StandIn, running_stand_in

SECRET = "client secret of the tests"
APP = "http://127.0.0.1:7/"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
async def github(repository: Repository, tmp_path: Path) -> AsyncIterator[StandIn]:
    repository.commit("first", {"a.py": "x = 1\n"})
    async with running_stand_in(repository.path, tmp_path, app_url=APP, client_secret=SECRET) as stand_in:
        yield stand_in


async def authorize(github: StandIn, login: str = "", **given: str) -> tuple[int, str, str]:
    """(status, Location, body)"""
    query = {"client_id": github.config.client_id, "state": "s&t", "code_challenge": CHALLENGE}
    query |= {"code_challenge_method": "S256", "redirect_uri": f"{APP}auth/callback"} | given
    if login:
        query["as"] = login
    async with aiohttp.ClientSession() as session:
        url = f"{github.url}/login/oauth/authorize"
        async with session.get(url, params=query, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()


async def exchange(github: StandIn, **given: str) -> dict[str, Any]:
    fields = {"client_id": github.config.client_id, "client_secret": SECRET} | given
    url = f"{github.url}/login/oauth/access_token"
    async with aiohttp.ClientSession() as session, session.post(url, data=fields) as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def code_for(github: StandIn, login: str) -> str:
    status, location, _ = await authorize(github, login)
    assert status == 302
    query = parse_qs(urlsplit(location).query)
    assert location.startswith(f"{APP}auth/callback?") and query["state"] == ["s&t"]
    return query["code"][0]


async def get(github: StandIn, path: str, token: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(github.url + path) as answer:
        return answer.status, await answer.json()


async def test_the_page_lists_all_people_and_a_code_is_exchanged_for_a_token(github: StandIn) -> None:
    status, _, page = await authorize(github)
    assert status == 200 and "Continue as maintainer" in page and "Continue as stranger" in page
    granted = await exchange(github, code=await code_for(github, "contributor"), code_verifier=VERIFIER)
    assert granted["access_token"].startswith("ghu_") and granted["refresh_token"].startswith("ghr_")
    status, user = await get(github, "/user", granted["access_token"])
    assert (status, user["login"]) == (200, "contributor")


@pytest.mark.parametrize(
    ("login", "seen"),
    [("maintainer", {"push": True, "admin": True}), ("contributor", {"push": False}), ("stranger", None)],
)
async def test_each_person_sees_only_what_they_may_see(
    github: StandIn, login: str, seen: dict[str, bool] | None
) -> None:
    granted = await exchange(github, code=await code_for(github, login), code_verifier=VERIFIER)
    token = granted["access_token"]
    _, installations = await get(github, "/user/installations", token)
    status, listed = await get(github, f"/user/installations/{INSTALLATION_ID}/repositories", token)
    if seen is None:
        assert (installations["total_count"], status) == (0, 404)
        return
    assert [one["id"] for one in installations["installations"]] == [INSTALLATION_ID]
    [found] = listed["repositories"]
    assert found["full_name"] == github.hub.identity.full_name
    assert seen.items() <= found["permissions"].items()
    assert (await get(github, "/user/installations/1/repositories", token))[0] == 404


async def test_a_code_and_a_refresh_token_work_once(github: StandIn) -> None:
    code = await code_for(github, "maintainer")
    first = await exchange(github, code=code, code_verifier=VERIFIER)
    assert (await exchange(github, code=code, code_verifier=VERIFIER))["error"] == "bad_verification_code"
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await exchange(github, **again)
    assert second["access_token"] != first["access_token"]
    assert (await exchange(github, **again))["error"] == "bad_refresh_token"


async def test_invalid_requests_are_rejected(github: StandIn) -> None:
    assert (await authorize(github, "maintainer", client_id="other"))[0] == 404
    assert (await authorize(github, "maintainer", redirect_uri="http://evil.example/"))[0] == 400
    assert (await authorize(github, "maintainer", code_challenge_method="plain"))[0] == 400
    code = await code_for(github, "maintainer")
    assert (await exchange(github, code=code, code_verifier="another"))["error"] == "bad_verification_code"
    code = await code_for(github, "maintainer")
    wrong = await exchange(github, code=code, client_secret="x", code_verifier=VERIFIER)
    assert wrong["error"] == "incorrect_client_credentials"
    assert (await get(github, "/user", "ghu_nonsense"))[0] == 401


async def test_revoked_tokens_are_invalid(github: StandIn) -> None:
    granted = await exchange(github, code=await code_for(github, "maintainer"), code_verifier=VERIFIER)
    github.app[SIGN_INS].revoke("maintainer")
    assert (await get(github, "/user", granted["access_token"]))[0] == 401
