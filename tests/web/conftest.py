"""The web application and the scheduler, without a worker and without GitHub: the webhook, the API and the pages."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from bot.db.engine import Database
from bot.jobs.scheduler import schedule
from bot.queue import connection
from bot.queue.enqueue import connect, open_queue
from bot.settings import Settings
from bot.web.application import create_app
from tests.servers import Valkey
from tests.stack import cancelled
from tests.standin import key_pair

if TYPE_CHECKING:
    from tests.web.asking import Api

SECRET = "a secret of the tests, long enough to be one"
PREVIOUS = "the secret before that one, also long enough"


@dataclass
class Web:
    """The running application and its database."""

    client: "TestClient[Request, Application]"
    db: Database
    settings: Settings


@pytest.fixture
async def web(database_url: str, valkey: Valkey, tmp_path: Path) -> AsyncIterator[Web]:
    """The running application, on SQLite and on PostgreSQL."""
    settings = Settings(
        webhook_secrets=(SECRET, PREVIOUS),
        secret_key="a key of the tests, long enough to be one",
        secret_key_previous="the key before that one, also long enough",
        api_rate=1_000_000,
        app_id=1,
        private_key=key_pair()[0],
        github_api_url="http://127.0.0.1:9",
        database_url=database_url,
        redis_url=valkey.url,
        data_dir=tmp_path,
        public_url="http://127.0.0.1",
    )
    db = Database(database_url)
    redis = connection.connect(settings.redis_url)
    queue = open_queue(connect(settings.redis_url))
    scheduling = asyncio.create_task(schedule(db, redis, queue, timedelta(days=1)))
    async with TestClient(TestServer(create_app(settings, db, redis))) as client:
        yield Web(client, db, settings)
    await cancelled(scheduling)
    await redis.aclose()
    await db.close()


@pytest.fixture
async def api(web: Web) -> "Api":
    """The API with two stored repositories."""
    from tests.web.asking import Api
    from tests.web.filled import fill

    return Api(web, await fill(web.db))
