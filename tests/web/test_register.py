"""Registering does not bypass GitHub: a user who cannot see a repository there learns nothing about it here."""

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select, update

from bot.db import repositories
from bot.db.access_tables import AuditRow, User
from bot.db.audit import COMMAND_LINE
from bot.db.sealed import Sealer
from bot.db.tables import Analysis, Repository
from bot.domain.orders import InstallationRef, RepositoryRef
from bot.queue import connection
from bot.web.application import create_app
from bot.web.auth import KEYS, SCOPE, Role, Scope, sign
from tests.repository import Repository as GitRepository
from tests.standin import APP_ID, running_stand_in
from tests.tokens import granted
from tests.web.conftest import Web

REF = RepositoryRef(github_id=5, full_name="o/r", private=True, installation=InstallationRef(9, "o"))


async def test_a_hidden_repository_answers_like_an_unknown_one(
    web: Web, repository: GitRepository, tmp_path: Path
) -> None:
    repository.commit("first", {"a.py": "x = 1\n"})
    async with running_stand_in(repository.path, tmp_path) as github:
        settings = dataclasses.replace(web.settings, app_id=APP_ID, github_api_url=github.url, github_url=github.url)
        redis = connection.connect(settings.redis_url)
        app = create_app(settings, web.db, redis)
        seen: set[int] = set()

        async def scope(user: User) -> Scope:
            return frozenset(seen), frozenset(seen)

        app[SCOPE] = scope
        grant = await granted(web.db, "hub", Role.MAINTAINER)
        async with web.db.writing() as session:
            await session.execute(update(User).where(User.id == grant.user.id).values(github_id=77))
        async with TestClient(TestServer(app)) as client:
            headers = {"Authorization": f"Bearer {sign(app[KEYS], grant)}"}

            async def register(path: str) -> tuple[int, Any]:
                body = {"github_url": f"{github.url}/{path}", "auto_analyze": False}
                async with client.post("/api/v1/repositories", json=body, headers=headers) as answer:
                    return answer.status, await answer.json(content_type=None)

            hidden = await register(github.hub.identity.full_name)
            assert hidden[0] == 404
            assert hidden == await register("nobody/nothing")
            async with web.db.reading() as session:
                assert await session.scalar(select(func.count(Repository.id))) == 0
            seen.add(github.hub.identity.repository_id)
            status, results = await register(github.hub.identity.full_name)
            assert (status, results["auto_analyze"], results["owner"]["username"]) == (
                201,
                False,
                github.hub.identity.owner,
            )
            async with web.db.reading() as session:
                assert await session.scalar(select(func.count(Analysis.id))) == 0
        await redis.aclose()


async def test_concurrent_registrations_register_once(web: Web) -> None:
    sealer = Sealer(web.settings.secret_keys)
    results = await asyncio.gather(
        *(
            repositories.register(web.db, sealer, REF, auto_analyze=True, notification_settings={}, by=COMMAND_LINE)
            for _ in range(8)
        )
    )
    assert sum(registered.fresh for registered in results) == 1
    assert len({registered.id for registered in results}) == 1
    async with web.db.reading() as session:
        query = select(func.count(AuditRow.id)).where(AuditRow.action == "repository.register")
        assert await session.scalar(query) == 1
