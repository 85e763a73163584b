"""The migrations: up, down, and equal to the tables, on both databases."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from bot.db.engine import Database
from bot.db.schema import NEWEST, OldSchema, check, config_for, downgrade, migrate
from bot.db.tables import Table

T = TypeVar("T")


def test_up_makes_the_tables_and_down_takes_them_away(database_url: str) -> None:
    migrate(database_url)
    assert set(Table.metadata.tables) <= set(tables(database_url))
    downgrade(database_url)
    assert set(tables(database_url)) == {"alembic_version"}
    migrate(database_url)
    assert set(Table.metadata.tables) <= set(tables(database_url))


def test_the_migrations_make_exactly_the_tables_of_the_models(database_url: str) -> None:
    migrate(database_url)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Table.metadata))

    assert run_sync(database_url, differences) == []


async def test_the_app_refuses_an_old_schema_and_names_the_command(database_url: str) -> None:
    db = Database(database_url)
    try:
        with pytest.raises(OldSchema, match="gitinsight migrate"):
            await check(db)
        await asyncio.to_thread(migrate, database_url)
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
