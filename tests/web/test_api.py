"""The REST API, on both databases: who may, what is asked, and the exact shape of what comes."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import text

from bot.web.auth import AUDIENCE, ISSUER, Role, issue_token
from tests.web.conftest import Web
from tests.web.filled import HOSTILE, Filled, fill

HOUR = timedelta(hours=1)


@dataclass
class Answer:
    """A status, a content type and a document."""

    status: int
    kind: str
    body: Any


@dataclass
class Api:
    """The API, asked by a viewer."""

    web: Web
    rows: Filled

    async def __call__(self, path: str, token: str | None = "", method: str = "GET") -> Answer:
        """GET; token None sends none, "" a good one."""
        if token == "":
            token = issue_token(self.web.settings.secret_key, "alice", Role.VIEWER, HOUR)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.web.client.request(method, f"/api/v1{path}", headers=headers) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            return Answer(answer.status, answer.content_type, json.loads(await answer.text()))


@pytest.fixture
async def api(web: Web) -> Api:
    return Api(web, await fill(web.db))


def assert_problem(answer: Answer, status: int) -> None:
    """RFC 9457."""
    assert (answer.status, answer.kind) == (status, "application/problem+json")
    assert set(answer.body) - {"field"} == {"type", "title", "status", "detail"}
    assert answer.body["status"] == status
    assert answer.body["type"].startswith("https://")
    assert answer.body["detail"].endswith(".")


def claims(**changed: Any) -> dict[str, Any]:
    moment = datetime.now(UTC)
    whole = {"sub": "a", "role": "viewer", "iss": ISSUER, "aud": AUDIENCE, "iat": moment, "exp": moment + HOUR}
    return {name: value for name, value in (whole | changed).items() if value is not None}


async def test_without_a_valid_token_everything_is_401(api: Api) -> None:
    key = api.web.settings.secret_key
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    body = jwt.encode(claims(), key).split(".")[1]
    wrong = {
        "missing": None,
        "garbage": "garbage",
        "expired": issue_token(key, "a", Role.ADMIN, -HOUR),
        "other key": issue_token(key + "!", "a", Role.ADMIN, HOUR),
        "alg none": f"{header}.{body}.",
        "wrong audience": jwt.encode(claims(aud="other"), key),
        "wrong issuer": jwt.encode(claims(iss="other"), key),
        "unknown role": jwt.encode(claims(role="root"), key),
        "no role": jwt.encode(claims(role=None), key),
        "not yet": jwt.encode(claims(nbf=datetime.now(UTC) + HOUR), key),
        "other algorithm": jwt.encode(claims(), key * 2, algorithm="HS512"),
        **{f"no {name}": jwt.encode(claims(**{name: None}), key) for name in ("exp", "iat", "sub", "aud", "iss")},
    }
    paths = ["/repositories", f"/repositories/{api.rows.public}", f"/repositories/{api.rows.public}/insights"]
    paths += [f"/insights/{api.rows.insights[0]}", f"/repositories/{uuid4()}", "/repositories/nonsense"]
    for name, token in wrong.items():
        for path in paths:
            answer = await api(path, token)
            assert answer.status == 401, name
            assert_problem(answer, 401)
    assert (await api("/repositories", jwt.encode(claims(), key))).status == 200


async def test_other_schemes_are_no_token(api: Api) -> None:
    good = issue_token(api.web.settings.secret_key, "a", Role.ADMIN, HOUR)
    for header in (f"Basic {good}", good, f"Bearer  {good} x", "Bearer", ""):
        async with api.web.client.get("/api/v1/repositories", headers={"Authorization": header}) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_repository_is_exactly_this(api: Api) -> None:
    answer = await api(f"/repositories/{api.rows.public}")
    assert (answer.status, answer.kind) == (200, "application/json")
    assert answer.body == {
        "id": str(api.rows.public),
        "github_id": 11,
        "name": "public",
        "full_name": "octo/public",
        "description": HOSTILE,
        "url": "https://github.com/octo/public",
        "language": "Python",
        "stars": 3,
        "forks": 2,
        "watchers": 1,
        "size": 42,
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "last_analyzed": "2026-01-02T03:05:05Z",
        "analysis_status": "completed",
        "auto_analyze": True,
        "notification_settings": {"email_updates": False, "webhook_url": None},
        "owner": {"id": 9, "username": "octo", "avatar_url": "https://avatars.example.org/9"},
    }
    listed = await api("/repositories")
    assert listed.body["items"][0] == answer.body
    assert {name: listed.body[name] for name in ("total", "limit", "offset")} == {"total": 2, "limit": 20, "offset": 0}


async def test_an_insight_is_exactly_this(api: Api) -> None:
    identifier = api.rows.insights[-1]
    answer = await api(f"/insights/{identifier}")
    assert answer.body == {
        "id": str(identifier),
        "repository_id": str(api.rows.public),
        "type": "security",
        "title": answer.body["title"],
        "description": f"See {HOSTILE}",
        "severity": "high",
        "confidence_score": 0.75,
        "data": {
            "before": 1,
            "html": HOSTILE,
            "rule": "security/S602",
            "standing": "remark",
            "way_out": "Do otherwise.",
            "confidence_reason": "counted",
        },
        "model_version": "gitinsight 1.2.3",
        "tags": ["security"],
        "locations": [{"path": HOSTILE, "start_line": 3, "end_line": 4}],
        "fingerprint": "0" * 16,
        "analysis_id": str(api.rows.analysis),
        "pull_request": None,
        "head_sha": "a" * 40,
        "created_at": "2026-01-02T03:04:05Z",
    }
    assert (await api(f"/repositories/{api.rows.public}/insights")).body["items"][-1] == answer.body


@pytest.mark.parametrize("path", ["/repositories", "/repositories/{}/insights"])
async def test_paging(api: Api, path: str) -> None:
    path = path.format(api.rows.public)
    whole = (await api(path)).body
    walked = [(await api(f"{path}?limit=1&offset={offset}")).body["items"] for offset in range(whole["total"])]
    assert [item for page in walked for item in page] == whole["items"]
    assert (await api(f"{path}?limit=100&offset=10000000")).body["items"] == []
    for query in ("limit=0", "limit=101", "limit=-1", "limit=99999999999999999999", "limit=٥", "limit=", "limit=1.0"):
        answer = await api(f"{path}?{query}")
        assert_problem(answer, 422)
        assert answer.body["field"] == "limit"
    for query in ("offset=-1", "offset=x", "offset=99999999999999999999", "offset=%00"):
        answer = await api(f"{path}?{query}")
        assert_problem(answer, 422)
        assert answer.body["field"] == "offset"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=PUB", ["octo/public"]),
        ("q=octo/", ["octo/public", "octo/secret"]),
        ("q=%25", []),
        ("q=_", []),
        ("q='--", []),
        ("language=python", ["octo/public"]),
        ("language=Rust", []),
        ("q=%F0%9F%98%80", []),
    ],
)
async def test_repositories_are_found(api: Api, query: str, names: list[str]) -> None:
    answer = await api(f"/repositories?{query}")
    assert answer.status == 200
    assert [one["full_name"] for one in answer.body["items"]] == names
    assert answer.body["total"] == len(names)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [4, 3, 2, 1, 0]),
        ("type=security", [0]),
        ("severity=low", [4, 3, 2, 1]),
        ("pull_request=7", [3, 1]),
        ("pull_request=8", []),
        ("since=2026-01-02T06:04:05Z", [4, 3]),
        ("since=2026-01-02T08:04:05%2B02:00", [4, 3]),
        ("since=2026-01-02T06:04:05Z&severity=low&pull_request=7", [3]),
    ],
)
async def test_insights_are_filtered(api: Api, query: str, numbers: list[int]) -> None:
    answer = await api(f"/repositories/{api.rows.public}/insights?{query}")
    assert [int(one["fingerprint"], 16) for one in answer.body["items"]] == numbers
    assert answer.body["total"] == len(numbers)


@pytest.mark.parametrize(
    "query",
    [
        "type=nonsense",
        "type=",
        "severity=HIGH",
        "pull_request=0",
        "pull_request=x",
        "since=yesterday",
        "since=2026-01-02",
        "since=2026-01-02T06:04:05",
        "since=0001-01-01T00:00:00%2B14:00",
        "since=%00",
    ],
)
async def test_wrong_filters_are_named(api: Api, query: str) -> None:
    answer = await api(f"/repositories/{api.rows.public}/insights?{query}")
    assert_problem(answer, 422)
    assert answer.body["field"] == query.partition("=")[0]


async def test_nul_and_endless_texts_are_refused(api: Api) -> None:
    for query in ("q=%00", "language=a%00b", f"q={'x' * 401}"):
        assert_problem(await api(f"/repositories?{query}"), 422)


async def test_a_bug_is_a_problem_too(api: Api) -> None:
    async with api.web.db.writing() as session:
        await session.execute(text("ALTER TABLE insights RENAME TO elsewhere"))
    answer = await api(f"/insights/{api.rows.insights[0]}")
    assert_problem(answer, 500)
    assert "elsewhere" not in str(answer.body)


async def test_what_is_unknown_is_404(api: Api) -> None:
    for identifier in (uuid4(), "nonsense", "0", "%00", "..%2f", "x" * 3000):
        for path in ("/repositories/{}", "/repositories/{}/insights", "/insights/{}"):
            assert_problem(await api(path.format(identifier)), 404)


async def test_unknown_paths_and_methods_are_problems_too(api: Api) -> None:
    assert_problem(await api("/nonsense"), 404)
    assert_problem(await api("/repositories", method="PATCH"), 405)
