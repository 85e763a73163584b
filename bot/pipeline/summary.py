"""Asks the operator's own generation model for a summary of a change. Off without SUMMARY_URL.

The server has OpenAI's chat completions, as llama.cpp, Ollama and vLLM do, at a loopback or private address only.
https://platform.openai.com/docs/api-reference/chat/create
"""

import asyncio
import logging
from dataclasses import replace

import aiohttp
import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.notify.outbound import PRIVATE, open_session, reason
from bot.report.model_summary import RULES, change_data, model_summary, written_text
from bot.report.selection import Selection
from bot.text import plain

log = logging.getLogger(__name__)

SECONDS = 20.0
MAX_TOKENS = 200
# Some servers send the thoughts of a model beside its answer.
MAX_ANSWER = 65_536
_PAUSE_SECONDS = 300
_PAUSED = "gitinsight:summary:paused"
# Not compressed, so that the bound on the answer holds.
_HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity"}


class NoSummary(Exception):
    """The model wrote nothing that can be shown. The message says why, as a clause without a period."""


class ServerFailed(NoSummary):
    """The server did not answer. Others would wait for it in vain, too."""


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class Summarizer:
    """The model of an instance. After a failure of its server, no job of the instance asks it for five minutes.

    Jobs have processes of their own, so the pause is kept in Redis.
    """

    def __init__(self, url: str, model: str, redis: Redis, *, seconds: float = SECONDS) -> None:
        self._url = url
        self._model = model
        self._redis = redis
        self._seconds = seconds

    async def details(self, selection: Selection) -> str:
        """Return the Markdown for the end of the check run; empty without a summary. A failure is logged, not raised.

        It takes at most `seconds`.
        """
        if not selection.report.files_analyzed or await self._is_paused():
            return ""
        try:
            text = await ask(self._url, self._model, change_data(selection), seconds=self._seconds)
        except ServerFailed as problem:
            log.warning("no summary: %s; it is not asked for in the next %d s", problem, _PAUSE_SECONDS)
            await self._pause()
            return ""
        except NoSummary as problem:
            log.warning("no summary: %s", problem)
            return ""
        return model_summary(self._model, text)

    async def _is_paused(self) -> bool:
        try:
            return bool(await self._redis.exists(_PAUSED))
        except RedisError:
            return False

    async def _pause(self) -> None:
        try:
            await self._redis.set(_PAUSED, 1, ex=_PAUSE_SECONDS)
        except RedisError:
            pass  # the next analysis waits, too


async def summarized(summarizer: Summarizer | None, selection: Selection) -> Selection:
    """Return the selection with a summary in its details, if there is a model and it answers."""
    return replace(selection, details=await summarizer.details(selection)) if summarizer else selection


async def ask(url: str, model: str, data: str, *, seconds: float = SECONDS) -> str:
    """Return what the model writes about the data, as one line. Raises NoSummary."""
    request = {
        "model": model,
        "messages": [{"role": "system", "content": RULES}, {"role": "user", "content": data}],
        "max_tokens": MAX_TOKENS,
        "temperature": 0,
        "stream": False,
    }
    answer = await _post(f"{url}/chat/completions", msgspec.json.encode(request), seconds)
    try:
        choices = msgspec.json.decode(answer, type=_Completion).choices
    except (ValueError, RecursionError):
        raise NoSummary("the answer of the model's server is not a chat completion") from None
    text = written_text(choices[0].message.content or "") if choices else ""
    if not text:
        raise NoSummary(f"the model wrote no text within {MAX_TOKENS} tokens")
    return text


async def _post(url: str, body: bytes, seconds: float) -> bytes:
    """Return the body of the answer. Redirects are not followed: they are failures."""
    try:
        async with (
            asyncio.timeout(seconds),
            open_session(PRIVATE, public=False) as session,
            session.post(url, data=body, headers=_HEADERS, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise ServerFailed(f"the model's server answered {response.status}")
            return await _read(response)
    except TimeoutError:
        raise ServerFailed(f"the model's server did not answer within {seconds:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        raise ServerFailed(f"the model's server cannot be used ({plain(reason(problem))})") from problem


async def _read(response: aiohttp.ClientResponse) -> bytes:
    try:
        await response.content.readexactly(MAX_ANSWER + 1)
    except asyncio.IncompleteReadError as end:
        return end.partial
    raise NoSummary(f"the answer of the model's server has more than {MAX_ANSWER:,} bytes")
