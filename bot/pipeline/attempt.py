"""What the steps of a job share: the claimed analysis, the client that may report on it, and how refusals are read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import aiohttp
from gidgethub import BadRequest
from gidgethub.abc import GitHubAPI

from bot.db import analyses
from bot.db.analyses import Claimed
from bot.db.engine import Database
from bot.errors import GiveUp, RetryLater
from bot.github import pulls
from bot.github.checks import Head
from bot.github.client import client
from bot.github.pulls import PullState
from bot.github.tokens import REPORT, App, TokenCache, installation_token, token_name
from bot.pipeline.lease import Steps

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """What the job works with; made once per job by the worker.

    learn, look_back: ring for the jobs `learn_history` and `back_test` of a repository; they raise QueueAway.
    """

    db: Database
    tokens: TokenCache
    app: App
    github_url: str
    public_url: str
    mirrors: Path
    max_repository_mb: int
    learn: Callable[[UUID], None]
    look_back: Callable[[UUID], None]


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed analysis at work."""

    context: Context
    claimed: Claimed
    session: aiohttp.ClientSession
    api: GitHubAPI
    head: Head
    steps: Steps


class Superseded(Exception):
    """The head moved; the message says to where."""


async def begin(context: Context, claimed: Claimed, session: aiohttp.ClientSession) -> Work:
    """Get the token that may report, and nothing else. Raises as `installation_token`."""
    token = await installation_token(
        session, context.tokens, context.app, claimed.installation_id, claimed.github_id, REPORT
    )
    return Work(
        context=context,
        claimed=claimed,
        session=session,
        api=client(session, context.app.api_url, token),
        head=Head(
            claimed.full_name,
            claimed.head_sha,
            str(claimed.id),
            f"{context.public_url}/repositories/{claimed.repository_id}/analyses/{claimed.id}",
        ),
        steps=Steps(context.db, claimed),
    )


async def current_pull(work: Work) -> PullState | None:
    """The pull request as GitHub has it now, None for a push. Raises Superseded when the head moved."""
    claimed = work.claimed
    if not await analyses.is_newest(work.context.db, claimed):
        raise Superseded("A newer commit is analyzed instead.")
    if claimed.pull_number is None:
        return None
    pull = await asked(work, pulls.get_pull(work.api, claimed.full_name, claimed.pull_number))
    if pull.head_sha != claimed.head_sha:
        raise Superseded(f"The pull request moved on to {pull.head_sha[:10]}, which is analyzed instead.")
    return pull


async def asked(work: Work, request: Awaitable[T]) -> T:
    """A request whose refusal is final: gone, forbidden, or not to GitHub's liking."""
    try:
        return await request
    except BadRequest as refused:
        if int(refused.status_code) == HTTPStatus.UNAUTHORIZED:
            name = token_name(work.claimed.installation_id, work.claimed.github_id, REPORT)
            await work.context.tokens.forget(name)
            raise RetryLater("GitHub no longer accepts the token", after=1) from refused
        raise GiveUp(f"GitHub refused a request: {refused}") from refused
