"""The page on the API: readable without scripts, its library served by us, and the token for the visitor's session."""

from hashlib import sha256

import pytest

from bot.db import access
from bot.web.api.routes import CALLS
from bot.web.auth import Role
from bot.web.pages import swagger_ui
from bot.web.session import SESSION_COOKIE
from bot.web.vendored import FOLDER, Vendored
from tests.tokens import token_for
from tests.web.asking import Api, assert_problem
from tests.web.conftest import Web
from tests.web.visiting import FOREIGN, OWN, get, post

TOKEN = "/api/v1/docs/token"


async def test_the_page_has_every_call_as_text_with_examples(web: Web) -> None:
    seen = await get(web, "/api/v1/docs")
    policy = seen.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy and "data:" not in policy
    for call in CALLS:
        assert f'id="{call.name}"' in seen.text
    assert "octocat/hello-world" in seen.text and "Example of a response" in seen.text
    assert "Use my session" not in seen.text
    for tag in seen.text.split("<script")[1:]:
        assert 'src="/' in tag.partition(">")[0]


@pytest.mark.parametrize("file", [swagger_ui.SCRIPT, swagger_ui.STYLE], ids=["script", "style"])
async def test_swagger_ui_is_served_unchanged_and_cached(web: Web, file: Vendored) -> None:
    assert file.address in (await get(web, "/api/v1/docs")).text
    for accepted, sent_as in (("gzip, br", "gzip"), ("identity", None)):
        async with web.client.get(file.address, headers={"Accept-Encoding": accepted}) as answer:
            body, tag = await answer.read(), answer.headers["ETag"]
            assert answer.headers.get("Content-Encoding") == sent_as
            assert answer.content_type == file.content_type and "immutable" in answer.headers["Cache-Control"]
        assert sha256(body).hexdigest() == file.sha256
    async with web.client.get(file.address, headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")


def test_the_licence_of_swagger_ui_has_its_notice_and_those_of_its_parts() -> None:
    text = (FOLDER / "swagger-ui.LICENSE").read_text()
    for words in ("Apache License", "SmartBear Software", "MIT", "BSD-3-Clause", "DOMPurify"):
        assert words in text


async def test_a_session_gives_a_token_with_its_own_role(api: Api) -> None:
    session = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    assert "Use my session" in (await get(api.web, "/api/v1/docs", session)).text
    async with api.web.client.post(TOKEN, cookies={SESSION_COOKIE: session}, headers=OWN) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        given = await answer.json()
    assert given["expires_in"] == 900
    me = await api("/users/me", given["token"])
    assert (me.status, me.body["login"], me.body["role"]) == (200, "mia", "maintainer")
    assert_problem(await api("/users", given["token"]), 403)
    (row, _), *_ = await access.list_tokens(api.web.db)
    assert (row.kind, row.role) == ("access", "maintainer")


async def test_only_a_session_of_this_site_gets_a_token(api: Api) -> None:
    session = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    before = len(await access.list_tokens(api.web.db))
    for headers in FOREIGN:
        assert (await post(api.web, TOKEN, session, {}, headers)).status == 403
    assert (await post(api.web, TOKEN, None, {})).status == 404
    bearer = OWN | {"Authorization": f"Bearer {session}"}
    assert (await post(api.web, TOKEN, None, {}, bearer)).status == 404
    assert len(await access.list_tokens(api.web.db)) == before
