"""The pace of one installation, shared by all workers through Redis: when GitHub may be called again, and when written.

Continuing after a limit risks a ban; writes are to be at least a second apart:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import asyncio
from dataclasses import dataclass

from gidgethub.sansio import RateLimit
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import RateLimited
from bot.github.budget import note_budget

_LONGEST_WAIT = 60.0
_LONGEST_STOP = 86_400.0


@dataclass(frozen=True, slots=True)
class Pace:
    """One installation's pace. Without Redis every worker goes on by itself: it still obeys the answers it gets.

    between_writes: seconds.
    """

    redis: Redis
    installation_id: int
    between_writes: float

    async def before_request(self, *, writes: bool) -> None:
        """Wait for the turn of a write. Raises RateLimited while GitHub has told the installation to wait."""
        try:
            if (left := await self._left(self._stopped)) > 0:
                raise RateLimited("GitHub has limited this installation.", after=left)
            if writes and self.between_writes > 0:
                await self._wait_for_turn()
        except RedisError:
            return

    async def stop(self, seconds: float) -> None:
        """No worker calls GitHub for this installation for so long; a longer stop stays."""
        milliseconds = int(min(max(seconds, 0.001), _LONGEST_STOP) * 1000)
        try:
            if not await self.redis.set(self._stopped, "", px=milliseconds, nx=True):
                await self.redis.pexpire(self._stopped, milliseconds, gt=True)
        except RedisError:
            return

    async def note(self, rate: RateLimit | None) -> None:
        """Keep what an answer says of the primary limit."""
        if rate is not None:
            await note_budget(self.redis, self.installation_id, rate)

    async def _wait_for_turn(self) -> None:
        deadline = asyncio.get_running_loop().time() + _LONGEST_WAIT
        while not await self.redis.set(self._wrote, "", px=int(self.between_writes * 1000), nx=True):
            if asyncio.get_running_loop().time() > deadline:
                raise RateLimited("Many writes of this installation wait for their turn.", after=_LONGEST_WAIT)
            await asyncio.sleep(max(0.005, await self._left(self._wrote)))

    async def _left(self, key: str) -> float:
        """Seconds until a key expires; 0 if it does not exist."""
        return max(0, int(await self.redis.pttl(key))) / 1000

    @property
    def _stopped(self) -> str:
        return f"gitinsight:github-stopped:{self.installation_id}"

    @property
    def _wrote(self) -> str:
        return f"gitinsight:github-wrote:{self.installation_id}"
