"""The schema: migrate it, and refuse to run on another version."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from bot.db import access_tables, github_tables, history_tables, notification_tables
from bot.db.engine import Database

# Alembic is imported only to migrate: it would need a tenth of the web process's memory.
if TYPE_CHECKING:
    from alembic.config import Config

_PACKAGE = Path(__file__).parent.parent
NEWEST = "0016"  # the head of alembic/versions; a test compares them
_MODELS = (
    access_tables.User,
    github_tables.ItemRow,
    history_tables.Snapshot,
    notification_tables.Outbox,
)  # importing one registers all tables of its module
METADATA = _MODELS[0].metadata


class OldSchema(Exception):
    """The database does not have this program's schema; the message names the command that migrates it."""


def config_for(url: str) -> "Config":
    """Alembic's configuration; the migrations are in the installed package or in the checkout."""
    from alembic.config import Config

    installed = _PACKAGE / "migrations"
    config = Config()
    config.set_main_option("script_location", str(installed if installed.is_dir() else _PACKAGE.parent / "alembic"))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the schema to a revision."""
    from alembic import command

    command.upgrade(config_for(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Downgrade the schema to a revision."""
    from alembic import command

    command.downgrade(config_for(url), revision)


async def has_schema(db: Database) -> bool:
    """Whether the database has a schema; False for an empty one."""
    return await _revision(db) is not None


async def check(db: Database) -> None:
    """Raises OldSchema if the database is at an older revision than this program needs.

    A newer one is no reason to stop: in a rolling restart parts of the version before run, and start again, while the
    schema is migrated already. A migration leaves room for them (tests/db/test_rolling.py).
    """
    current = await _revision(db)
    if current is None or current < NEWEST:
        known = f"The database schema is at {current}, this program needs {NEWEST}"
        raise OldSchema(f"{known if current else 'The database has no schema yet'}: run `gitinsight migrate`")


async def _revision(db: Database) -> str | None:
    async with db.engine.connect() as connection:
        return await connection.run_sync(_read_revision)


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None
