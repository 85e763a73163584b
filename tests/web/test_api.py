"""The REST API on both databases: authentication, queries, and the exact responses."""

import base64
import json
from datetime import UTC, datetime
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import text

from bot.db import access
from bot.db.access import REFRESH
from bot.db.audit import COMMAND_LINE
from bot.web.api.cache import SECONDS
from bot.web.auth import Keys, Role, key_id, sign
from tests.stack import eventually
from tests.tokens import HOUR, granted, token_for
from tests.web.asking import Api, assert_problem
from tests.web.filled import HOSTILE

KEY = "a key of the tests, long enough to be one"
PREVIOUS_KEY = "the key before that one, also long enough"


async def test_without_a_valid_token_everything_is_401(api: Api) -> None:
    """Each wrong token differs from a valid one in one respect, which is the reason why it is refused."""
    granted_ = await granted(api.web.db, "alice", Role.ADMIN)
    good = sign(Keys(KEY), granted_)
    claims = jwt.decode(good, options={"verify_signature": False})
    kid: dict[str, str] = {"kid": key_id(KEY)}
    assert (await api("/repositories", jwt.encode(claims, KEY, headers=kid))).status == 200
    moment = datetime.now(UTC)
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT", **kid}).encode()).rstrip(b"=").decode()
    refresh = await granted(api.web.db, "alice", Role.ADMIN, kind=REFRESH)
    revoked = await granted(api.web.db, "alice", Role.ADMIN)
    assert await access.revoke(api.web.db, revoked.id, COMMAND_LINE)
    changed: dict[str, dict[str, object]] = {
        "expired": {"exp": moment - HOUR},
        "not yet": {"nbf": moment + HOUR},
        "wrong audience": {"aud": "other"},
        "wrong issuer": {"iss": "other"},
        "never given out": {"jti": str(uuid4())},
        "no id": {"jti": "x"},
        "a list of audiences": {"aud": ["other"]},
    }
    wrong = {
        "missing": None,
        "garbage": "garbage",
        "dots": "..",
        "alg none": f"{unsigned}.{good.split('.')[1]}.",
        "alg none, signed": f"{unsigned}.{good.split('.', 1)[1]}",
        "signature of another": f"{good.rpartition('.')[0]}.{sign(Keys(KEY), revoked).rpartition('.')[2]}",
        "other key": jwt.encode(claims, KEY + "!", headers=kid),
        "unknown kid": jwt.encode(claims, KEY, headers={"kid": "other"}),
        "no kid": jwt.encode(claims, KEY),
        "other algorithm": jwt.encode(claims, KEY * 2, algorithm="HS512", headers=kid),
        "refresh token": sign(Keys(KEY), refresh),
        "revoked": sign(Keys(KEY), revoked),
        "over in the database": sign(Keys(KEY), await granted(api.web.db, "a", Role.ADMIN, -HOUR)),
        **{name: jwt.encode({**claims, **change}, KEY, headers=kid) for name, change in changed.items()},
        **{
            f"no {name}": jwt.encode({key: claims[key] for key in claims if key != name}, KEY, headers=kid)
            for name in ("exp", "iat", "sub", "aud", "iss", "jti")
        },
    }
    paths = ["/repositories", f"/repositories/{api.rows.public}", f"/insights/{uuid4()}", "/repositories/nonsense"]
    for name, token in wrong.items():
        for path in paths:
            answer = await api(path, token)
            assert answer.status == 401, name
            assert_problem(answer, 401)


async def test_keys_rotate(api: Api) -> None:
    """A token of the previous key is valid; a token of any other key is not."""
    grant = await granted(api.web.db, "alice", Role.VIEWER)
    assert (await api("/repositories", sign(Keys(PREVIOUS_KEY), grant))).status == 200
    assert (await api("/repositories", sign(Keys("z" * 40), grant))).status == 401


async def test_a_token_never_has_a_higher_role_than_its_user(api: Api) -> None:
    grant = await granted(api.web.db, "alice", Role.ADMIN)
    token = sign(Keys(KEY), grant)
    assert (await api("/users", token)).status == 200
    # Another process makes the change: this process sees it within a second.
    await access.change_role(api.web.db, grant.user.id, "viewer", COMMAND_LINE)
    await eventually(lambda: _is(api, "/users", token, 403), "the new role", SECONDS + 1)
    assert (await api("/users/me", token)).body["role"] == "viewer"
    await access.remove_user(api.web.db, grant.user.id, COMMAND_LINE)
    await eventually(lambda: _is(api, "/users/me", token, 401), "the end of the token", SECONDS + 1)


async def _is(api: Api, path: str, token: str, status: int) -> bool | None:
    return True if (await api(path, token)).status == status else None


async def test_a_change_through_the_api_is_visible_at_once(api: Api) -> None:
    """Responses come from the one-second cache, but a change through the API clears it."""
    place = f"/repositories/{api.rows.public}"
    admin = await token_for(api.web.settings, api.web.db, "root", Role.ADMIN)
    victim = await token_for(api.web.settings, api.web.db, "bob", Role.VIEWER)
    assert (await api(place, admin)).body["auto_analyze"] is True
    assert (await api(place, victim)).status == 200
    await api(place, admin, "PUT", {"auto_analyze": False})
    assert (await api(place, admin)).body["auto_analyze"] is False
    await api("/auth/revoke", admin, "POST", {"token": victim})
    assert (await api(place, victim)).status == 401
    assert (await api(place, admin, "DELETE")).status == 204
    for path in (place, f"{place}/insights", f"{place}/analyses"):
        assert (await api(path, admin)).status == 404


async def test_other_authorization_schemes_are_refused(api: Api) -> None:
    good = await token_for(api.web.settings, api.web.db)
    for header in (f"Basic {good}", good, f"Bearer  {good} x", "Bearer", ""):
        async with api.web.client.get("/api/v1/repositories", headers={"Authorization": header}) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_the_response_for_a_repository(api: Api) -> None:
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
        "owner": {
            "id": "c17a49de-12f1-5290-adfa-a670c27a800c",
            "github_id": 9,
            "username": "octo",
            "avatar_url": "https://avatars.example.org/9",
        },
    }
    listed = await api("/repositories")
    assert listed.body["items"][0] == answer.body
    assert {name: listed.body[name] for name in ("total", "limit", "offset")} == {"total": 2, "limit": 20, "offset": 0}


async def test_the_response_for_an_insight(api: Api) -> None:
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
        "pull_request_title": None,
        "pull_request_author": None,
        "head_sha": "a" * 40,
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "dismissed": False,
        "dismissal": None,
        "earlier": [],
        "later": [],
    }
    assert (await api(f"/repositories/{api.rows.public}/insights")).body["items"][-1] == {
        name: value for name, value in answer.body.items() if name not in ("dismissal", "earlier", "later")
    }


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
    assert [item["full_name"] for item in answer.body["items"]] == names
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
    assert [int(item["fingerprint"], 16) for item in answer.body["items"]] == numbers
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


async def test_nul_and_long_texts_are_refused(api: Api) -> None:
    for query in ("q=%00", "language=a%00b", f"q={'x' * 401}"):
        assert_problem(await api(f"/repositories?{query}"), 422)


async def test_an_internal_error_is_a_problem_document(api: Api) -> None:
    async with api.web.db.writing() as session:
        await session.execute(text("ALTER TABLE insights RENAME TO elsewhere"))
    answer = await api(f"/insights/{api.rows.insights[0]}")
    assert_problem(answer, 500)
    assert "elsewhere" not in str(answer.body)


async def test_unknown_resources_are_404(api: Api) -> None:
    for identifier in (uuid4(), "nonsense", "0", "%00", "..%2f", "x" * 3000):
        for path in ("/repositories/{}", "/repositories/{}/insights", "/insights/{}"):
            assert_problem(await api(path.format(identifier)), 404)


async def test_unknown_paths_and_methods_are_problem_documents(api: Api) -> None:
    assert_problem(await api("/nonsense"), 404)
    assert_problem(await api("/repositories", method="PATCH"), 405)
