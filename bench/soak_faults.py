"""The faults of `bench/soak.py`: a new one is one coroutine and one line in FAULTS."""

import asyncio
import contextlib
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from soak_parts import Parts

from bot.local import Fault
from tests.standin import StandIn

Inject = Callable[[Parts, StandIn, random.Random], Awaitable[None]]


async def wait_for(probe: Callable[[], bool], seconds: float = 60) -> None:
    """Until the probe is true. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while not await asyncio.to_thread(probe):
        if time.monotonic() > until:
            raise TimeoutError("the parts do not answer")
        await asyncio.sleep(0.2)


async def _worker_killed(parts: Parts, github: StandIn, choose: random.Random) -> None:
    await asyncio.to_thread(parts.kill, choose.choice(parts.workers))


async def _web_killed(parts: Parts, github: StandIn, choose: random.Random) -> None:
    await asyncio.to_thread(parts.kill, "web")


async def _scheduler_killed(parts: Parts, github: StandIn, choose: random.Random) -> None:
    await asyncio.to_thread(parts.kill, "scheduler")


async def _worker_frozen(parts: Parts, github: StandIn, choose: random.Random) -> None:
    """As on a machine that stalls; after half a minute its lease is over."""
    name = choose.choice(parts.workers)
    parts.signal(name, signal.SIGSTOP)
    await asyncio.sleep(choose.choice((3, 45)))
    parts.signal(name, signal.SIGCONT)


async def _valkey_restarted(parts: Parts, github: StandIn, choose: random.Random, *, keep: bool) -> None:
    if keep:
        with contextlib.suppress(RedisError):
            await asyncio.to_thread(Redis(port=parts.valkey.port).save)
    parts.valkey.stop()
    if not keep:
        (parts.valkey.folder / "dump.rdb").unlink(missing_ok=True)
    await asyncio.sleep(choose.uniform(0, 12))
    await asyncio.to_thread(parts.valkey.start)
    await asyncio.to_thread(parts.start)


async def _valkey_kept(parts: Parts, github: StandIn, choose: random.Random) -> None:
    await _valkey_restarted(parts, github, choose, keep=True)


async def _valkey_emptied(parts: Parts, github: StandIn, choose: random.Random) -> None:
    await _valkey_restarted(parts, github, choose, keep=False)


async def _github_broken(parts: Parts, github: StandIn, choose: random.Random) -> None:
    github.faults.append(Fault(status=choose.choice((500, 502, 503)), times=choose.randint(1, 30)))


async def _github_limited(parts: Parts, github: StandIn, choose: random.Random) -> None:
    headers = {"retry-after": str(choose.randint(1, 8))}
    github.faults.append(Fault(status=403, headers=headers, times=2, text="You have exceeded a secondary rate limit."))


async def _token_revoked(parts: Parts, github: StandIn, choose: random.Random) -> None:
    for token in list(github.state.tokens):
        github.state.tokens.delete(token.digest)


FAULTS: tuple[tuple[str, Inject], ...] = (
    ("worker killed", _worker_killed),
    ("web killed", _web_killed),
    ("scheduler killed", _scheduler_killed),
    ("worker frozen", _worker_frozen),
    ("Valkey restarted with its data", _valkey_kept),
    ("Valkey restarted without its data", _valkey_emptied),
    ("GitHub broken", _github_broken),
    ("GitHub limited", _github_limited),
    ("token revoked", _token_revoked),
)
