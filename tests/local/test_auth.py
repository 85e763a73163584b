"""Authentication and permissions of the REST API."""

import time
from pathlib import Path

import jwt
import pytest
import yaml

from bot.local.config import EVENTS, PERMISSIONS
from bot.local.faults import Fault
from tests.faults import secondary_rate_limit, too_many_requests
from tests.local.conftest import Repo, installed, rest, token_of
from tests.standin import running_stand_in


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        ({"exp": -100}, "'Expiration time'"),
        ({"exp": 3600}, "too far in the future"),
        ({"iat": 600, "exp": 900}, "'Issued at'"),
    ],
)
async def test_a_jwt_outside_its_validity_is_rejected(
    repo: Repo, tmp_path: Path, seconds: dict[str, float], message: str
) -> None:
    claims = {claim: time.time() + later for claim, later in seconds.items()}
    async with running_stand_in(repo.path, tmp_path) as stand_in, rest(stand_in, stand_in.app_jwt(**claims)) as app:
        response = await app("GET", "/app")
        assert (response.status, message in response.body["message"]) == (401, True)


async def test_a_jwt_signed_by_another_key_or_for_another_app_is_rejected(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        forged = jwt.encode({"iss": "4242", "iat": 1, "exp": 2**31}, "x" * 40, algorithm="HS256")
        async with rest(stand_in, forged) as app:
            assert (await app("GET", "/app")).status == 401
        async with rest(stand_in, stand_in.app_jwt(iss="1")) as app:
            assert (await app("GET", "/app")).status == 404
        async with rest(stand_in) as nobody:
            assert (await nobody("GET", "/app")).status == 401


async def test_the_app_finds_its_installation(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, rest(stand_in, stand_in.app_jwt()) as app:
        assert (await app("GET", "/api/v3/app")).body["id"] == 4242
        listed = (await app("GET", "/app/installations")).body
        assert [one["id"] for one in listed] == [stand_in.installation_id]
        assert (await app("GET", f"/app/installations/{stand_in.installation_id}")).status == 200
        assert (await app("GET", "/app/installations/1")).status == 404
        assert (await app("GET", f"{stand_in.repo_url}/installation")).body["id"] == stand_in.installation_id
        assert (await app("GET", "/repos/some/other/installation")).status == 404


async def test_tokens_are_long_restricted_and_expire(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in:
        token = await token_of(stand_in, permissions={"pull_requests": "read"})
        assert token.startswith("ghs_4242_")
        assert len(token) > 400
        async with rest(stand_in, token) as client:
            assert (await client("GET", f"{stand_in.repo_url}/pulls")).status == 200
            refused = await client(
                "POST", f"{stand_in.repo_url}/check-runs", {"name": "x", "head_sha": repo.sha(), "status": "queued"}
            )
            assert (refused.status, refused.body["message"]) == (403, "Resource not accessible by integration")
            for known in stand_in.state.tokens:
                known.expires_at = time.time() - 1
            assert (await client("GET", f"{stand_in.repo_url}/pulls")).status == 401
        assert all(token not in repr(known) for known in stand_in.state.tokens)


async def test_a_token_cannot_have_more_permissions_than_the_installation(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, rest(stand_in, stand_in.app_jwt()) as app:
        path = f"/app/installations/{stand_in.installation_id}/access_tokens"
        assert (await app("POST", path, {"permissions": {"contents": "write"}})).status == 422
        assert (await app("POST", path, {"repository_ids": [1]})).status == 422
        number = stand_in.hub.identity.repository_id
        made = await app("POST", path, {"repository_ids": [number]})
        assert [one["id"] for one in made.body["repositories"]] == [number]


async def test_a_revoked_token_is_invalid(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        assert (await client("DELETE", f"{stand_in.url}/installation/token")).status == 204
        assert (await client("GET", "/pulls")).status == 401


async def test_a_request_without_user_agent_is_rejected(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path, expect_violations=True) as stand_in, rest(stand_in) as client:
        assert (await client("GET", "/rate_limit", **{"User-Agent": ""})).status == 403


async def test_responses_have_rate_limit_headers(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        first = await client("GET", "/pulls")
        second = await client("GET", "/pulls")
        left = [int(response.headers["x-ratelimit-remaining"]) for response in (first, second)]
        assert left[0] - left[1] == 1
        assert int(second.headers["x-ratelimit-reset"]) > time.time()


async def test_a_fault_applies_only_to_the_requests_it_matches(repo: Repo, tmp_path: Path) -> None:
    async with running_stand_in(repo.path, tmp_path) as stand_in, installed(stand_in) as client:
        stand_in.faults.extend([Fault(502, "GET", "/pulls$"), too_many_requests(7), secondary_rate_limit(9)])
        assert (await client("GET", "/pulls")).status == 502
        limited = await client("GET", "/pulls")
        assert (limited.status, limited.headers["retry-after"]) == (429, "7")
        secondary = await client("GET", "/pulls")
        assert (secondary.status, secondary.headers["retry-after"]) == (403, "9")
        assert (await client("GET", "/pulls")).status == 200


def test_the_app_has_the_permissions_and_events_of_its_manifest() -> None:
    manifest = yaml.safe_load((Path(__file__).parents[2] / "app.yml").read_text())
    assert manifest["default_permissions"] == PERMISSIONS
    assert sorted(manifest["default_events"]) == EVENTS
