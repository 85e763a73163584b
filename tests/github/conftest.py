"""The stand-in with one pull request, and the app's client of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis

from bot.github.client import GitHubClient, client, open_session
from bot.github.tokens import REPORT, App, TokenCache, installation_token
from tests.repository import Repository
from tests.servers import Valkey
from tests.standin import StandIn, running_stand_in

SECRET_KEY = "a key of the tests, long enough to be one"


@dataclass
class GitHub:
    """The stand-in, and the app's clients and caches. head: the head of the open pull request."""

    stand_in: StandIn
    session: ClientSession
    redis: Redis
    tokens: TokenCache
    app: App
    head: str

    @property
    def name(self) -> str:
        """`owner/name`."""
        return self.stand_in.hub.identity.full_name

    @property
    def repository_id(self) -> int:
        """GitHub's id of the repository."""
        return self.stand_in.hub.identity.repository_id

    @property
    def number(self) -> int:
        """The number of the pull request."""
        return next(pull.number for pull in self.stand_in.state.pulls if pull.head_sha == self.head)

    async def token(self, permissions: dict[str, str] | None = None) -> str:
        """Return an installation token, as a job does."""
        requested = REPORT if permissions is None else permissions
        installation = self.stand_in.installation_id
        return await installation_token(
            self.session, self.tokens, self.app, installation, self.repository_id, requested
        )

    async def api(self) -> GitHubClient:
        """Return a client with the permissions to report."""
        return client(self.session, self.app.api_url, await self.token())


@pytest.fixture
async def github(repository: Repository, tmp_path: Path, valkey: Valkey) -> AsyncIterator[GitHub]:
    """A repository with one open pull request."""
    repository.commit("first", {"a.py": "1\n"})
    repository.branch("topic")
    head = repository.commit("second", {"a.py": "2\n"})
    redis = Redis.from_url(valkey.url)
    async with running_stand_in(repository.path, tmp_path) as stand_in, open_session() as session:
        app = App(stand_in.config.app_id, stand_in.private_key_pem, stand_in.url)
        yield GitHub(stand_in, session, redis, TokenCache(redis, SECRET_KEY), app, head)
    await redis.aclose()
