"""Registering does not bypass GitHub: a user who cannot see a repository there learns nothing about it here."""

import asyncio
import dataclasses
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select, update

from bot.db import repositories
from bot.db.access_tables import AuditRow, User
from bot.db.audit import COMMAND_LINE
from bot.db.engine import now
from bot.db.orders import save_repositories
from bot.db.repositories import Given
from bot.db.repository_views import RepositoryFilter, get_repository, list_repositories
from bot.db.sealed import Sealer
from bot.db.tables import Analysis, Repository
from bot.domain.orders import InstallationRef, RepositoryRef
from bot.queue import connection
from bot.web.api.models.repositories import repository_answer
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
                body = {
                    "github_url": f"{github.url}/{path}",
                    "name": "as the client calls it",
                    "description": "given",
                    "language": "Python",
                    "auto_analyze": False,
                }
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
            assert results["name"] == github.hub.identity.full_name.partition("/")[2]
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


async def test_what_a_person_says_of_a_repository_is_shown_until_github_says_more(web: Web) -> None:
    sealer = Sealer(web.settings.secret_keys)
    bare = dataclasses.replace(REF, default_branch="main")
    given = Given("by hand", "COBOL")
    made = await repositories.register(
        web.db, sealer, bare, auto_analyze=True, notification_settings={}, given=given, by=COMMAND_LINE
    )

    async def shown(language: str) -> tuple[str, str] | None:
        page = await list_repositories(web.db, limit=9, offset=0, filters=RepositoryFilter(language=language))
        return next(((one.facts["description"], one.facts["language"]) for one in page.items), None)

    assert await shown("cobol") == ("by hand", "COBOL")
    async with web.db.writing() as session:
        await save_repositories(session, [dataclasses.replace(bare, language="Python", stars=3)])
    assert await shown("python") == ("by hand", "Python")
    assert await shown("cobol") is None
    async with web.db.writing() as session:
        await save_repositories(session, [dataclasses.replace(bare, description="on GitHub", language="Python")])
    assert await shown("python") == ("on GitHub", "Python")
    view = await get_repository(web.db, made.id)
    assert view is not None and "given" not in view.facts


async def test_the_id_of_an_account_never_changes(web: Web) -> None:
    """It is part of the API: a client may have stored it."""
    sealer = Sealer(web.settings.secret_keys)
    owned = dataclasses.replace(REF, default_branch="main", owner_id=583231)
    made = await repositories.register(
        web.db, sealer, owned, auto_analyze=True, notification_settings={}, by=COMMAND_LINE
    )
    for name in ("o/r", "renamed/r"):
        async with web.db.writing() as session:
            await save_repositories(session, [dataclasses.replace(owned, full_name=name)])
            session.add(User(id=uuid4(), github_id=583231 + len(name), login=name, role="viewer", created_at=now()))
        view = await get_repository(web.db, made.id)
        assert view is not None
        owner = repository_answer(view).owner
        assert (str(owner.id), owner.github_id) == ("ce2431e8-a4a5-5207-b705-f003f4cf268d", 583231)
    unknown = await repositories.register(
        web.db,
        sealer,
        dataclasses.replace(REF, github_id=6),
        auto_analyze=True,
        notification_settings={},
        by=COMMAND_LINE,
    )
    view = await get_repository(web.db, unknown.id)
    assert view is not None
    assert (repository_answer(view).owner.id, repository_answer(view).owner.username) == (None, "o")
