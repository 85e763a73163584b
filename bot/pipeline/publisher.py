"""What an analysis needs to write on GitHub, and what GitHub's refusals mean."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import aiohttp
from gidgethub import BadRequest
from gidgethub.abc import GitHubAPI

from bot.db.analyses import Claimed
from bot.domain.github_files import GitHubFiles, files_at
from bot.errors import GiveUp, RetryLater, Unavailable
from bot.github.checks import Head
from bot.github.client import client
from bot.github.tokens import REPORT, installation_token, is_suspension, token_name
from bot.pipeline.context import Context

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Publisher:
    """A claimed analysis, and the client that may write its check run and its comment.

    session: of `api`; for requests with another token.
    head: the commit of the check run.
    """

    context: Context
    claimed: Claimed
    session: aiohttp.ClientSession
    api: GitHubAPI
    head: Head

    @property
    def files(self) -> GitHubFiles:
        """The files at the head on GitHub, for links."""
        return files_at(self.context.files_url, self.head.full_name, self.head.sha)


async def open_publisher(context: Context, claimed: Claimed, session: aiohttp.ClientSession) -> Publisher:
    """Create a publisher with a token that may write checks and comments. Raises the errors of `installation_token`."""
    token = await installation_token(
        session, context.tokens, context.app, claimed.installation_id, claimed.github_id, REPORT
    )
    details_url = f"{context.public_url}/repositories/{claimed.repository_id}/analyses/{claimed.id}"
    head = Head(claimed.full_name, claimed.head_sha, str(claimed.id), details_url)
    return Publisher(
        context,
        claimed,
        session,
        client(session, context.app.api_url, token, context.tokens.pace(claimed.installation_id)),
        head,
    )


async def or_give_up(publisher: Publisher, request: Awaitable[T]) -> T:
    """Await a request.

    Raises Unavailable for a token that is no longer accepted and for a suspension, RetryLater for a commit that GitHub
    does not know yet and for an answer that lacks what GitHub describes, and GiveUp for any other 4xx.
    """
    try:
        return await request
    except BadRequest as refused:
        status = int(refused.status_code)
        if status == HTTPStatus.UNAUTHORIZED:
            name = token_name(publisher.claimed.installation_id, publisher.claimed.github_id, REPORT)
            await publisher.context.tokens.discard(name)
            raise Unavailable("GitHub no longer accepts the access token", after=1) from refused
        if is_suspension(refused):
            raise Unavailable(f"GitHub gives no access now ({refused}).", after=15) from refused
        if status == HTTPStatus.UNPROCESSABLE_ENTITY and "no commit found" in str(refused).lower():
            raise RetryLater(f"GitHub does not know the commit yet ({refused}).", after=5) from refused
        raise GiveUp(f"GitHub rejected a request: {refused}") from refused
    except (KeyError, TypeError, ValueError, AttributeError) as garbled:
        log.warning("an answer of GitHub to the analysis %s is not understood: %r", publisher.claimed.id, garbled)
        raise RetryLater(f"GitHub's answer is not as described: {garbled!r}", after=15) from garbled
