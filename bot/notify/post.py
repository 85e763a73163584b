"""One attempt to deliver a webhook: a POST whose answer is read up to 4 KB and never followed anywhere."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp

from bot import __version__
from bot.notify.outbound import Network, Refused, check_url

MAX_ANSWER = 4_096
SECONDS = 20.0  # Standard Webhooks: 15 to 30
_BODY_SECONDS = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=SECONDS, connect=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of an attempt. status: None when there was no answer, and `error` says why.

    text: the first 4 KB of the body. seconds: how long it took. retry_after: seconds that the receiver asks for.
    """

    status: int | None = None
    error: str | None = None
    text: str = ""
    seconds: float = 0.0
    retry_after: float = 0.0

    @property
    def delivered(self) -> bool:
        """2xx and nothing else: a redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants no more messages."""
        return self.status == 410


async def post(
    session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], body: bytes, allowed: Sequence[Network] = ()
) -> Answer:
    """Send one message. Every failure is an Answer. session: of `outbound.open_session`."""
    began = time.monotonic()
    sent = {**headers, "Content-Type": "application/json", "User-Agent": f"GitInsight/{__version__}"}
    try:
        async with session.post(
            check_url(url, allowed), data=body, headers=sent, allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            text = await _beginning(response)
            asked = response.headers.get("Retry-After", "")
            return Answer(
                status=response.status,
                error=None if 200 <= response.status < 300 else f"answered {response.status}",
                text=text,
                seconds=time.monotonic() - began,
                retry_after=float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0.0,
            )
    except TimeoutError:
        error = f"no answer within {SECONDS:g} s"
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        error = _in_words(problem)
    return Answer(error=error, seconds=time.monotonic() - began)


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """The first bytes of the body; how it goes on, and whether it ends, changes nothing."""
    kept = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while len(kept) < MAX_ANSWER and (more := await response.content.read(MAX_ANSWER - len(kept))):
                kept += more
    except (TimeoutError, aiohttp.ClientError):
        pass
    finally:
        response.close()
    return bytes(kept).decode("utf-8", "replace").replace("\0", "\ufffd")


def _in_words(problem: BaseException) -> str:
    cause = problem.__cause__
    if isinstance(cause, Refused):
        return str(cause)[:300]
    if isinstance(problem, Refused):
        return str(problem)[:300]
    return f"{type(problem).__name__}: {problem}".replace("\0", " ")[:300]
