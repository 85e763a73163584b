"""Runs the migrations, on SQLite and PostgreSQL, over the same async drivers as the app."""

import asyncio

from sqlalchemy import Connection

from alembic import context
from bot.db import notification_tables  # noqa: F401 - its tables belong to the metadata
from bot.db.engine import Database
from bot.db.tables import Table


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def online() -> None:
    db = Database(context.config.attributes["url"])
    try:
        async with db.engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await db.close()


asyncio.run(online())
