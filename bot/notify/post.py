"""Sends one webhook by POST. It reads at most 4 KB of the response and follows no redirects."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp

from bot import __version__
from bot.notify.outbound import Network, check_url, reason

MAX_ANSWER = 4_096
SECONDS = 20.0  # Standard Webhooks: 15 to 30
_BODY_TIMEOUT = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=SECONDS, connect=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The result of an attempt.

    status: the status code of the response; None if there was no response.
    error: why the attempt failed; None if it was successful.
    text: the first 4 KB of the response body.
    seconds: the duration of the attempt.
    retry_after: the delay that the receiver requests (Retry-After), in seconds.
    """

    status: int | None = None
    error: str | None = None
    text: str = ""
    seconds: float = 0.0
    retry_after: float = 0.0

    @property
    def delivered(self) -> bool:
        """Whether the status is 2xx. A redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more messages: 410 Gone."""
        return self.status == 410


async def post(
    session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], body: bytes, allowed: Sequence[Network] = ()
) -> Answer:
    """Send one message. A failure is returned, not raised. session: from `outbound.open_session`."""
    start = time.monotonic()
    all_headers = {**headers, "Content-Type": "application/json", "User-Agent": f"GitInsight/{__version__}"}
    try:
        async with session.post(
            check_url(url, allowed), data=body, headers=all_headers, allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            text = await _read_start(response)
            delay = response.headers.get("Retry-After", "")
            return Answer(
                status=response.status,
                error=None if 200 <= response.status < 300 else f"answered {response.status}",
                text=text,
                seconds=time.monotonic() - start,
                retry_after=float(delay) if delay.isascii() and delay.isdigit() and len(delay) < 9 else 0.0,
            )
    except TimeoutError:
        error = f"no response within {SECONDS:g} s"
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        error = reason(problem)
    return Answer(error=error, seconds=time.monotonic() - start)


async def _read_start(response: aiohttp.ClientResponse) -> str:
    """Return the first bytes of the body. An error or a timeout while reading is ignored."""
    content = bytearray()
    try:
        async with asyncio.timeout(_BODY_TIMEOUT):
            while len(content) < MAX_ANSWER and (chunk := await response.content.read(MAX_ANSWER - len(content))):
                content += chunk
    except (TimeoutError, aiohttp.ClientError):
        pass
    finally:
        response.close()
    return bytes(content).decode("utf-8", "replace").replace("\0", "\ufffd")
