"""Installation tokens: least permissions, an encrypted cache, renewal before expiry."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from redis.asyncio import Redis

from bot.errors import GiveUp, RetryLater, Unavailable
from bot.github.client import client
from bot.github.tokens import READ_CONTENTS, REPORT, TokenCache, installation_token, token_name
from tests.faults import bad_gateway
from tests.github.conftest import SECRET_KEY, GitHub
from tests.servers import free_port


async def test_a_token_is_for_one_repository_with_the_least_permissions(github: GitHub) -> None:
    await github.token(REPORT)
    await github.token(READ_CONTENTS)
    kept = {tuple(sorted(token.permissions.items())): token for token in github.stand_in.state.tokens}
    assert len(kept) == 2
    for token in kept.values():
        assert token.repository_ids == [github.repository_id]
    granted = [{name for name in token.permissions if name != "metadata"} for token in kept.values()]
    assert sorted(granted, key=len) == [{"contents"}, {"checks", "pull_requests"}]


async def test_a_token_is_requested_once_and_shared_between_processes(github: GitHub) -> None:
    first = await github.token()
    assert await github.token() == first
    other = dataclasses.replace(github, tokens=TokenCache(github.redis, SECRET_KEY))
    assert await other.token() == first
    assert len(github.stand_in.state.tokens) == 1
    assert await github.token(READ_CONTENTS) != first


async def test_redis_never_receives_the_token(github: GitHub) -> None:
    token = await github.token()
    keys = [key async for key in github.redis.scan_iter()]
    assert keys
    raw = b"".join([(await github.redis.dump(key) or b"") + key for key in keys])
    for start in range(0, len(token) - 16, 16):
        assert token[start : start + 16].encode() not in raw
    stranger = TokenCache(github.redis, "another key, also long enough to be one")
    name = token_name(github.stand_in.installation_id, github.repository_id, REPORT)
    assert await stranger.get(name) is None
    assert await github.tokens.get(name) == token
    await github.redis.set(f"gitinsight:token:{name}", b"not even encrypted")
    assert await github.tokens.get(name) is None
    assert await github.token() != token


async def test_a_cache_entry_expires_before_its_token(github: GitHub) -> None:
    await github.token()
    name = token_name(github.stand_in.installation_id, github.repository_id, REPORT)
    left = await github.redis.ttl(f"gitinsight:token:{name}")
    assert 2940 <= left <= 3000


async def test_a_token_refused_by_github_is_dropped_from_the_cache(github: GitHub) -> None:
    token = await github.token()
    name = token_name(github.stand_in.installation_id, github.repository_id, REPORT)
    await github.tokens.discard(name)
    assert await github.tokens.get(name) is None
    assert await github.token() != token


async def test_without_redis_tokens_are_requested(github: GitHub) -> None:
    away = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0")
    alone = dataclasses.replace(github, tokens=TokenCache(away, SECRET_KEY))
    token = await alone.token()
    api = client(github.session, github.app.api_url, token)
    assert (await api.getitem(f"/repos/{github.name}"))["full_name"] == github.name
    await alone.tokens.discard("any")
    await away.aclose()


async def test_an_app_that_is_not_installed_gives_up_with_a_reason(github: GitHub) -> None:
    with pytest.raises(GiveUp, match="gives no access"):
        await installation_token(github.session, github.tokens, github.app, 999, github.repository_id, REPORT)
    assert len(github.stand_in.state.tokens) == 0


async def test_a_rejected_key_and_an_outage_are_retried(github: GitHub) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    wrong = dataclasses.replace(github, app=dataclasses.replace(github.app, private_key=other))
    with pytest.raises(Unavailable):  # GitHub says so for a moment, too
        await wrong.token()
    github.stand_in.faults.append(bad_gateway("/access_tokens"))
    with pytest.raises(RetryLater):
        await github.token()
    assert await github.token()
