"""Whether GitHub accepts the App's private key, as the last request with it showed; shared through Redis.

A refusal says nothing about a repository, so that analyses wait for another key. The log, `/metrics`, `doctor` and the
admin page say why.
"""

from dataclasses import dataclass
from http import HTTPStatus

from gidgethub import BadRequest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import Unavailable

_KEY = "gitinsight:app-key-refused"
# Longer than the pause between two requests with the key (`jobs/heal.py`).
_KEPT_SECONDS = 900
_SHOWN = 200


class KeyRefused(Unavailable):
    """GitHub refuses the App's id or its private key."""


@dataclass(frozen=True, slots=True)
class AppKey:
    """What is known of the key. Without Redis nothing is."""

    redis: Redis

    async def accepted(self) -> None:
        """GitHub has accepted the key."""
        try:
            await self.redis.delete(_KEY)
        except (RedisError, OSError):
            return

    async def refused(self, refused: BadRequest) -> KeyRefused:
        """GitHub has refused the key. Returns the failure to raise."""
        reason = f"GitHub refuses the App's key ({str(refused)[:_SHOWN]}). Check GITHUB_APP_ID and the private key."
        try:
            await self.redis.set(_KEY, reason, ex=_KEPT_SECONDS)
        except (RedisError, OSError):
            pass
        return KeyRefused(reason, after=15)


def is_refusal(refused: BadRequest) -> bool:
    """Whether an answer to a request with the App's own token means that GitHub refuses its id or its key."""
    status = int(refused.status_code)
    return status == HTTPStatus.UNAUTHORIZED or (
        status == HTTPStatus.NOT_FOUND and "integration not found" in str(refused).lower()
    )


async def key_problem(redis: Redis) -> str | None:
    """Why GitHub refuses the key, as a sentence; None if it does not. Raises RedisError or OSError."""
    kept = await redis.get(_KEY)
    return kept.decode("utf-8", "replace") if isinstance(kept, bytes) else kept
