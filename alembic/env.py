"""Runs the migrations, on SQLite and PostgreSQL, over the same async drivers as the app."""

import asyncio

from sqlalchemy import Connection, text

from alembic import context
from bot.db.engine import Database
from bot.db.schema import METADATA

# Two parts that migrate at the same time must not both apply a revision. The second one waits for the first, and
# finds nothing to do. https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
_LOCK = 0x47495449_4E534748


def run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
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
