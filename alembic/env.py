"""Runs the migrations, on SQLite and PostgreSQL, over the same async drivers as the app."""

import asyncio

from sqlalchemy import Connection

from alembic import context
from bot.db.engine import Database
from bot.db.schema import METADATA


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
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
