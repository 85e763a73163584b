"""Wrong and hostile requests to the API: malformed bodies, wrong addresses, and excessive sizes and rates."""

import asyncio
import dataclasses
import json
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.queue.connection import connect
from bot.web.api import dispatch
from bot.web.application import create_app
from bot.web.auth import Role
from tests.tokens import token_for
from tests.web.asking import Api, assert_problem
from tests.web.conftest import Web

WRONG_URLS = [
    "",
    "x",
    "https://github.com",
    "https://github.com/octo",
    "https://github.com/octo/public/tree/main",
    "https://github.com/octo/../public",
    "https://github.com/octo/..",
    "https://github.com/octo/.git",
    "https://github.com/-octo/public",
    "https://github.com/octo/pub lic",
    "https://github.com/octo/pub%00lic",
    "https://github.com/octo/public?x=1",
    "https://github.com/octo/public#x",
    "https://user:pass@github.com/octo/public",
    "https://github.com@evil.example/octo/public",
    "https://github.com.evil.example/octo/public",
    "https://evil.example/octo/public",
    "https://127.0.0.1/octo/public",
    "https://github.com:8443/octo/public",
    "https://github.com:99999/octo/public",
    "https://[::1/octo/public",
    "http://github.com/octo/public",
    "ftp://github.com/octo/public",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "git@evil.example:octo/public",
    "git@github.com:octo",
    "--upload-pack=x",
    "https://gıthub.com/octo/public",
    "https://github.com/octo/pub\u202elic",
    "https://github.com/octo/" + "x" * 101,
    "\0",
    "https://github.com/octo/public\n",
    "x" * 2001,
]


@pytest.mark.parametrize("url", WRONG_URLS)
async def test_wrong_addresses_of_repositories_are_422(api: Api, url: str) -> None:
    answer = await api("/repositories", method="POST", body={"github_url": url}, role=Role.ADMIN)
    if url.endswith("\n"):
        assert answer.status == 503  # surrounding white space is accepted; GitHub cannot be reached in this test
        return
    assert_problem(answer, 422)
    assert answer.body["field"] == "github_url"


WRONG_BODIES: list[tuple[Any, str | None]] = [
    ({}, "github_url"),
    ([], None),
    (None, None),
    ("x", None),
    ({"github_url": None}, "github_url"),
    ({"github_url": 1}, "github_url"),
    ({"github_url": "https://github.com/o/r", "auto_analyze": "yes"}, "auto_analyze"),
    ({"github_url": "https://github.com/o/r", "auto_analyze": 1}, "auto_analyze"),
    ({"github_url": "https://github.com/o/r", "auto_analyse": True}, "auto_analyse"),
    ({"github_url": "https://github.com/o/r", "notification_settings": []}, "notification_settings"),
    ({"github_url": "https://github.com/o/r", "notification_settings": None}, "notification_settings"),
]


@pytest.mark.parametrize(("body", "field"), WRONG_BODIES)
async def test_the_wrong_field_is_named(api: Api, body: Any, field: str | None) -> None:
    token = await token_for(api.web.settings, api.web.db, role=Role.ADMIN)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with api.web.client.post("/api/v1/repositories", data=json.dumps(body), headers=headers) as answer:
        problem = json.loads(await answer.text())
    assert (answer.status, problem["type"].rpartition("/")[2], problem.get("field")) == (422, "not-valid", field)


WRONG_HOOKS = [
    "http://example.org/hook",
    "https://",
    "https:///hook",
    "https://user:secret@example.org/",
    "https://user@example.org/",
    "https://example.org:99999/",
    "https://example.org:0/",
    "https://example.org:8443/",
    "https://127.0.0.1/",
    "https://[::ffff:10.0.0.1]/",
    "https://0x7f000001/",
    "https://exa mple.org/",
    "https://example.org/\n",
    "https://example.org\\@evil.example/",
    "https://exämple.org/",
    "https://[::1/",
    "javascript:alert(1)",
    "ftp://example.org/",
    "//example.org/",
    "https://example.org/\0",
    "https://example.org/" + "x" * 2000,
]


@pytest.mark.parametrize("url", WRONG_HOOKS)
async def test_webhook_addresses_are_https_without_credentials(api: Api, url: str) -> None:
    body = {"notification_settings": {"email_updates": False, "webhook_url": url}}
    answer = await api(f"/repositories/{api.rows.public}", method="PUT", body=body, role=Role.ADMIN)
    assert_problem(answer, 422)
    assert answer.body["field"] == "notification_settings.webhook_url"


async def test_settings_are_stored_and_missing_fields_keep_their_values(api: Api) -> None:
    place = f"/repositories/{api.rows.public}"
    settings = {"email_updates": True, "webhook_url": "https://example.org/hook?x=1"}
    first = await api(place, method="PUT", body={"notification_settings": settings}, role=Role.ADMIN)
    assert (first.body["notification_settings"], first.body["auto_analyze"]) == (settings, True)
    second = await api(place, method="PUT", body={"auto_analyze": False}, role=Role.ADMIN)
    assert (second.body["notification_settings"], second.body["auto_analyze"]) == (settings, False)
    third = await api(place, method="PUT", body={}, role=Role.ADMIN)
    assert third.body | {"updated_at": ""} == second.body | {"updated_at": ""}


async def test_bodies_that_are_not_json_are_refused(api: Api) -> None:
    token = await token_for(api.web.settings, api.web.db, role=Role.ADMIN)
    bearer = {"Authorization": f"Bearer {token}"}
    cases: list[tuple[bytes, str, int]] = [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"github_url": "\xed\xa0\x80"}', "application/json", 400),
        (b'{"github_url": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b'"' + b"x" * dispatch.MAX_BODY + b'"', "application/json", 413),
    ]
    for content, kind, status in cases:
        headers = bearer | {"Content-Type": kind}
        async with api.web.client.post("/api/v1/repositories", data=content, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (status, "application/problem+json"), content[:20]


async def test_large_numbers_and_unusual_texts_are_refused(api: Api) -> None:
    place = f"/repositories/{api.rows.public}"
    for query in ("pull_request=-1", f"pull_request={10**18}", "pull_request=9e9", "since=%F0%9F%98%80", "type=%00"):
        assert_problem(await api(f"{place}/insights?{query}"), 422)
    for query in ("days=0", "days=367", "days=-5", "days=x"):
        assert_problem(await api(f"{place}/trends?{query}"), 422)
    assert_problem(await api("/repositories?limit=1&limit=2"), 422)
    for number in ("0", "-1", "x", "٧", "9" * 30, "1.0"):
        assert_problem(await api(f"{place}/pull-requests/{number}"), 404)
    assert (await api(f"{place}/pull-requests/7")).body["head_sha"] == "a" * 40
    body = {"repository_id": str(api.rows.public), "file_paths": ["x" * 4097]}
    assert_problem(await api("/ai/analyze-code", method="POST", body=body), 422)
    body = {"repository_id": str(api.rows.public), "file_paths": [str(n) for n in range(201)]}
    assert (await api("/ai/analyze-code", method="POST", body=body)).body["field"] == "file_paths"


async def test_a_slow_body_is_answered_408(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "BODY_SECONDS", 0.2)
    token = await token_for(api.web.settings, api.web.db, role=Role.ADMIN)
    reader, writer = await asyncio.open_connection("127.0.0.1", api.web.client.port)
    head = f"POST /api/v1/repositories HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode())
    line = await asyncio.wait_for(reader.readline(), 10)
    assert b" 408 " in line
    writer.close()


async def test_too_many_requests_are_429_with_retry_after(web: Web) -> None:
    settings = dataclasses.replace(web.settings, api_rate=30)
    redis = connect(settings.redis_url)
    async with TestClient(TestServer(create_app(settings, web.db, redis))) as client:
        headers = {"Authorization": f"Bearer {await token_for(settings, web.db)}"}

        async def ask(sent: dict[str, str]) -> aiohttp.ClientResponse:
            async with client.get("/api/v1/users/me", headers=sent) as answer:
                await answer.read()
                return answer

        answers = [await ask(headers)]
        while answers[-1].status == 200:
            answers.append(await ask(headers))
        # A minute may end in between, and the count then starts again.
        assert 30 <= len(answers) - 1 < 60
        assert answers[0].headers["RateLimit-Policy"] == '"user";q=30;w=60'
        assert answers[0].headers["RateLimit"].startswith('"user";r=29;t=')
        assert (answers[-1].status, answers[-1].content_type) == (429, "application/problem+json")
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        # Another user has a separate limit, and so has an address without a token.
        other = {"Authorization": f"Bearer {await token_for(settings, web.db, 'bob')}"}
        assert (await ask(other)).status == 200
        statuses = [(await ask({})).status for _ in range(61)]
        assert set(statuses) == {401, 429}
        async with client.get("/healthz") as answer:
            assert "RateLimit" not in answer.headers
    await redis.aclose()


async def test_without_redis_there_is_no_rate_limit(web: Web) -> None:
    redis = connect("redis://127.0.0.1:9/0")
    async with TestClient(TestServer(create_app(web.settings, web.db, redis))) as client:
        headers = {"Authorization": f"Bearer {await token_for(web.settings, web.db)}"}
        async with client.get("/api/v1/users/me", headers=headers) as answer:
            assert answer.status == 200
    await redis.aclose()


async def test_other_origins_are_allowed_only_if_configured(web: Web) -> None:
    ask = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    async with web.client.options("/api/v1/repositories", headers=ask) as answer:
        assert answer.status == 405
        assert "Access-Control-Allow-Origin" not in answer.headers
    settings = dataclasses.replace(web.settings, cors_origins=("https://example.org",))
    redis = connect(settings.redis_url)
    async with TestClient(TestServer(create_app(settings, web.db, redis))) as client:
        async with client.options("/api/v1/repositories", headers=ask) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == "https://example.org"
            assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        for origin, allowed in (("https://example.org", True), ("https://evil.example", False), ("null", False)):
            async with client.get("/api/v1/users/me", headers={"Origin": origin}) as answer:
                assert ("Access-Control-Allow-Origin" in answer.headers) is allowed
                assert answer.headers["Vary"] == "Origin"
    await redis.aclose()


async def test_request_ids_are_kept_if_they_are_safe_to_log(api: Api) -> None:
    for given, kept in (("abc-1.2_3", True), ("x" * 65, False), ("a b", False), ("<x>", False)):
        async with api.web.client.get("/api/v1/users/me", headers={"X-Request-Id": given}) as answer:
            assert (answer.headers["X-Request-Id"] == given) is kept


async def test_the_reference_page_can_be_read_without_scripts(web: Web) -> None:
    async with web.client.get("/api/v1/openapi.json") as answer:
        assert (await answer.json())["openapi"] == "3.1.0"
    async with web.client.get("/api/v1/docs") as answer:
        page = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/html")
    for needed in ("POST /repositories/{id}/analyze", "RegisterRepository", "curl -X POST", "GitInsight"):
        assert needed in page
    for absent in ("http-equiv", "style=", "onclick", "</script><script>"):
        assert absent not in page


async def test_a_path_cannot_forge_a_line_of_the_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="bot.web.api.dispatch"):
        assert (await api("/repositories/x%0aINFO%20forged", None)).status == 401
    lines = [record.getMessage() for record in caplog.records if record.name == "bot.web.api.dispatch"]
    assert len(lines) == 1
    assert "\n" not in lines[0]
    assert "GET /api/v1/repositories/x%0AINFO" in lines[0]
