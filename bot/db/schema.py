"""The schema's version: bringing it up, taking it down, and refusing to run on another one."""

import asyncio
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from alembic import command
from bot.db import access_tables, notification_tables
from bot.db.engine import Database

_PACKAGE = Path(__file__).parent.parent
_MODELS = (access_tables.User, notification_tables.Outbox)  # each brings the tables of its module
METADATA = _MODELS[0].metadata


class OldSchema(Exception):
    """The database is not at this program's schema; the message says which command mends it."""


def config_for(url: str) -> Config:
    """Alembic's configuration; the migrations lie in the checkout, or inside the installed package."""
    installed = _PACKAGE / "migrations"
    config = Config()
    config.set_main_option("script_location", str(installed if installed.is_dir() else _PACKAGE.parent / "alembic"))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    command.upgrade(config_for(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take the schema down to a revision."""
    command.downgrade(config_for(url), revision)


async def is_there(db: Database) -> bool:
    """Whether any schema is there; False for an empty database."""
    async with db.engine.connect() as connection:
        return (
            await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision()) is not None
        )


async def check(db: Database, url: str) -> None:
    """Raises OldSchema unless the database is at the newest revision."""
    newest = await asyncio.to_thread(lambda: ScriptDirectory.from_config(config_for(url)).get_current_head())
    async with db.engine.connect() as connection:
        current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    if current != newest:
        raise OldSchema(
            f"The database schema is at {current or 'nothing'}, this program needs {newest}: run `gitinsight migrate`"
        )
