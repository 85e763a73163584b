"""After an uninstall nothing is left, the audit log says so, and a straggling delivery brings nothing back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from sqlalchemy import func, select

from bot.db.access_tables import AuditRow
from bot.db.deliveries import StoredDelivery, store
from bot.db.engine import Database, now
from bot.db.orders import carry_out
from bot.db.tables import Delivery, Installation, Repository
from bot.domain.deliveries import DeliveryStatus
from bot.domain.orders import (
    AnalyzeChange,
    DeleteInstallation,
    DeleteRepositories,
    InstallationRef,
    Order,
    RepositoryRef,
    SaveInstallation,
    UpdateRepository,
)
from bot.jobs.delete_mirror import delete_unknown_mirrors
from tests.databases import migrated_sqlite

INSTALLATION = InstallationRef(5, "owner")
REPOSITORY = RepositoryRef(github_id=7, full_name="owner/r", private=True, installation=INSTALLATION)
PUSH = AnalyzeChange(repository=REPOSITORY, subject="refs/heads/main", ref="main", head_sha="a" * 40, base_sha=None)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with one repository and the deliveries of it and of another installation."""
    db = Database(await asyncio.to_thread(migrated_sqlite, tmp_path / "t.db"))
    await carry_out(db, [PUSH])
    of_both = {"installation": {"id": 5}, "repository": {"id": 7}}
    payloads = [
        *map(orjson.dumps, ({"installation": {"id": 5}}, of_both, {"installation": {"id": 6}}, [])),
        b"not JSON",
    ]
    stored = [StoredDelivery(f"d{n}", "push", one, DeliveryStatus.DONE, now()) for n, one in enumerate(payloads)]
    await store(db, stored)
    yield db
    await db.close()


async def count(db: Database, table: type[Repository | Installation | Delivery]) -> int:
    async with db.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def entries(db: Database) -> list[tuple[str, str, str]]:
    async with db.reading() as session:
        rows = await session.scalars(select(AuditRow))
        return [(row.actor, row.action, row.subject) for row in rows]


@pytest.mark.parametrize(
    ("removed", "left", "entry"),
    [
        (DeleteInstallation(5), 3, ("GitHub", "installation.delete", "owner")),
        (DeleteRepositories((7, 8)), 4, ("GitHub", "repository.remove", "owner/r")),
    ],
)
async def test_payloads_go_and_stragglers_bring_nothing_back(
    db: Database, tmp_path: Path, removed: Order, left: int, entry: tuple[str, str, str]
) -> None:
    await carry_out(db, [removed])
    await delete_unknown_mirrors(db, tmp_path / "mirrors")
    assert await count(db, Delivery) == left
    assert await carry_out(db, [PUSH, UpdateRepository(REPOSITORY)]) == []
    assert await count(db, Repository) == 0
    assert await entries(db) == [entry]
    await carry_out(db, [SaveInstallation(INSTALLATION, (REPOSITORY,))])
    assert len(await carry_out(db, [PUSH])) == 1
