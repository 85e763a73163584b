"""Installation tokens for one repository, with the least permissions. A cache keeps them until shortly before expiry.

https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp
from cryptography.fernet import Fernet, InvalidToken
from gidgethub import BadRequest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import GiveUp, Unavailable
from bot.github.app_key import AppKey, is_refusal
from bot.github.as_app import App, as_app
from bot.github.client import client
from bot.github.pace import Pace

__all__ = ["App", "PermissionMissing", "TokenCache", "installation_token", "token_name"]
READ_CONTENTS = {"contents": "read"}
REPORT = {"checks": "write", "pull_requests": "write"}
# Without `issues` GitHub still lists pull requests, labels and releases.
READ_PULLS = {"contents": "read", "metadata": "read", "pull_requests": "read"}
READ_ITEMS = {**READ_PULLS, "issues": "read"}
_MARGIN_SECONDS = 600


class PermissionMissing(GiveUp):
    """The installation has not accepted one of the requested permissions."""


class TokenCache:
    """A cache of tokens in Redis, encrypted with a key that is not in Redis.

    If Redis is unavailable, the cache is empty.
    """

    def __init__(self, redis: Redis, secret_key: str, *, between_writes: float = 0.0) -> None:
        """Keep tokens in Redis. between_writes: seconds, see `pace`."""
        self._redis = redis
        self._between_writes = between_writes
        key = hashlib.sha256(b"gitinsight token cache\0" + secret_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def pace(self, installation_id: int) -> Pace:
        """The pace of an installation, for the clients that use its tokens."""
        return Pace(self._redis, installation_id, self._between_writes)

    @property
    def app_key(self) -> AppKey:
        """Whether GitHub accepts the App's key."""
        return AppKey(self._redis)

    async def get(self, name: str) -> str | None:
        """Return the cached token, or None if there is none or it cannot be decrypted."""
        try:
            kept = await self._redis.get(f"gitinsight:token:{name}")
            return self._fernet.decrypt(kept).decode() if kept else None
        except (RedisError, InvalidToken):
            return None

    async def put(self, name: str, token: str, seconds: int) -> None:
        """Cache a token. seconds: the lifetime of the cache entry."""
        try:
            await self._redis.set(f"gitinsight:token:{name}", self._fernet.encrypt(token.encode()), ex=seconds)
        except RedisError:
            pass  # the next job requests a new token

    async def discard(self, name: str) -> None:
        """Delete a token that GitHub no longer accepts."""
        try:
            await self._redis.delete(f"gitinsight:token:{name}")
        except RedisError:
            pass


async def installation_token(
    session: aiohttp.ClientSession,
    cache: TokenCache,
    app: App,
    installation_id: int,
    repository_id: int,
    permissions: Mapping[str, str],
) -> str:
    """Return a token for one repository, from the cache or from GitHub.

    Raises PermissionMissing if the installation lacks one of the permissions, GiveUp if GitHub rejects the request for
    another reason (the app is no longer installed there), Unavailable for temporary failures. These include a 401 to
    the App's own token, which says nothing about the repository, and a suspension, which ends with an `unsuspend`.
    """
    name = token_name(installation_id, repository_id, permissions)
    if kept := await cache.get(name):
        return kept
    api = client(session, app.api_url, pace=cache.pace(installation_id))
    try:
        answer = await as_app(
            app,
            lambda token: api.post(
                "/app/installations/{installation_id}/access_tokens",
                url_vars={"installation_id": str(installation_id)},
                data={"repository_ids": [repository_id], "permissions": dict(permissions)},
                jwt=token,
            ),
        )
    except BadRequest as refused:
        if int(refused.status_code) == 422 and "permission" in str(refused).lower():
            raise PermissionMissing(f"The installation has not accepted a permission ({refused}).") from refused
        if is_refusal(refused):
            raise await cache.app_key.refused(refused) from refused
        if is_suspension(refused):
            raise Unavailable(f"GitHub gives no access now ({refused}).", after=15) from refused
        raise GiveUp(f"GitHub gives no access to this repository any more ({refused}).") from refused
    await cache.app_key.accepted()
    try:
        token, expires = str(answer["token"]), datetime.fromisoformat(answer["expires_at"])
    except (KeyError, TypeError, ValueError) as garbled:
        raise Unavailable("GitHub's answer is not a token.", after=15) from garbled
    seconds = int((expires - datetime.now(UTC)).total_seconds()) - _MARGIN_SECONDS
    if seconds > 0:
        await cache.put(name, token, seconds)
    return token


def is_suspension(refused: BadRequest) -> bool:
    """Whether GitHub refused a request because the installation is suspended; its event may come later."""
    return int(refused.status_code) == 403 and "suspended" in str(refused).lower()


def token_name(installation_id: int, repository_id: int, permissions: Mapping[str, str]) -> str:
    """Return the cache key of a token."""
    wanted = ",".join(f"{key}={value}" for key, value in sorted(permissions.items()))
    return f"{installation_id}:{repository_id}:{wanted}"
