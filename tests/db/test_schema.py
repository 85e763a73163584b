"""The migrations: up, down, and equal to the tables, on both databases."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Uuid, bindparam, inspect, select, text

from bot.db.engine import Database
from bot.db.schema import NEWEST, OldSchema, check, config_for, downgrade, migrate
from bot.db.tables import Analysis, Table
from bot.domain.analyses import AnalysisKind

T = TypeVar("T")


def test_up_makes_the_tables_and_down_takes_them_away(empty_database_url: str) -> None:
    migrate(empty_database_url)
    assert set(Table.metadata.tables) <= set(tables(empty_database_url))
    downgrade(empty_database_url)
    assert set(tables(empty_database_url)) == {"alembic_version"}
    migrate(empty_database_url)
    assert set(Table.metadata.tables) <= set(tables(empty_database_url))


def test_the_migrations_make_exactly_the_tables_of_the_models(empty_database_url: str) -> None:
    migrate(empty_database_url)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Table.metadata))

    assert run_sync(empty_database_url, differences) == []


async def test_the_app_refuses_an_old_schema_and_names_the_command(empty_database_url: str) -> None:
    db = Database(empty_database_url)
    try:
        with pytest.raises(OldSchema, match="gitinsight migrate"):
            await check(db)
        await asyncio.to_thread(migrate, empty_database_url)
        await check(db)
    finally:
        await db.close()


def tables(url: str) -> list[str]:
    return run_sync(url, lambda connection: inspect(connection).get_table_names())


def run_sync(url: str, function: Callable[[Connection], T]) -> T:
    async def run() -> T:
        db = Database(url)
        try:
            async with db.engine.connect() as connection:
                return await connection.run_sync(function)
        finally:
            await db.close()

    return asyncio.run(run())


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    scripts = ScriptDirectory.from_config(config_for("sqlite:///unused"))
    assert scripts.get_heads() == [NEWEST]


def test_the_web_process_does_without_alembic() -> None:
    said = (
        "import sys, bot.web.serve; print('alembic' in sys.modules, 'sklearn' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]


def test_analyses_of_the_version_before_get_their_kind(empty_database_url: str) -> None:
    migrate(empty_database_url, "0008")
    run_sync(empty_database_url, insert_analyses_of_0008)
    migrate(empty_database_url)
    kinds = {
        "full:1": AnalysisKind.SECURITY,
        "full:2": AnalysisKind.QUICK,
        "full:3": AnalysisKind.FULL,
        "pull/7@a:main": AnalysisKind.CHANGE,
    }
    assert run_sync(empty_database_url, stored_kinds) == kinds
    downgrade(empty_database_url, "0008")
    migrate(empty_database_url)
    assert run_sync(empty_database_url, stored_kinds) == kinds


def insert_analyses_of_0008(connection: Connection) -> None:
    repository_id = uuid4()
    ids = [bindparam("id", type_=Uuid()), bindparam("repository_id", type_=Uuid())]
    connection.execute(text("INSERT INTO installations VALUES (1, 'o', FALSE, '2026-01-01 00:00:00')"))
    repository = text(
        "INSERT INTO repositories (id, github_id, installation_id, full_name, private, default_branch, facts, "
        "auto_analyze, created_at, updated_at) VALUES (:repository_id, 1, 1, 'o/r', FALSE, 'main', '{}', TRUE, "
        "'2026-01-01 00:00:00', '2026-01-01 00:00:00')"
    )
    connection.execute(repository.bindparams(ids[1]), {"repository_id": repository_id})
    wanted = "CAST(:wanted AS JSONB)" if connection.dialect.name == "postgresql" else ":wanted"
    analysis = text(
        "INSERT INTO analyses (id, repository_id, key, subject, ref, head_sha, status, step, progress, attempt, "
        "wanted, seconds, created_at) VALUES (:id, :repository_id, :key, 's', 'main', '', 'queued', '', 0, 0, "
        f"{wanted}, '{{}}', '2026-01-01 00:00:00')"
    )
    for key, asked in (
        ("full:1", '{"kind": "security"}'),
        ("full:2", '{"kind": "quick"}'),
        ("full:3", "{}"),
        ("pull/7@a:main", None),
    ):
        row = {"id": uuid4(), "repository_id": repository_id, "key": key, "wanted": asked}
        connection.execute(analysis.bindparams(*ids), row)
    connection.commit()


def stored_kinds(connection: Connection) -> dict[str, AnalysisKind]:
    return {row.key: row.kind for row in connection.execute(select(Analysis.key, Analysis.kind))}
