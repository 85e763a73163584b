"""Fixtures for all tests."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from redis import Redis

from tests.repository import Repository
from tests.servers import Valkey, running_valkey

# A busy machine makes an example slow; the tests that bound a time measure it themselves.
settings.register_profile("gitinsight", deadline=None)
settings.load_profile("gitinsight")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty git repository."""
    return Repository.create(tmp_path / "project")


@pytest.fixture(scope="session")
def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """One Valkey server for all tests of this process."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as valkey:
        yield valkey


@pytest.fixture
def valkey(shared_valkey: Valkey) -> Valkey:
    """The shared Valkey server, emptied."""
    Redis(port=shared_valkey.port).flushall()
    return shared_valkey


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One PostgreSQL server for all tests of this process: the URL of its database `postgres`."""
    from tests.postgres import running_postgres

    with running_postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with the newest schema: SQLite and PostgreSQL."""
    from tests.databases import migrated_postgres, migrated_sqlite

    if request.param == "sqlite":
        yield migrated_sqlite(tmp_path / "test.db")
        return
    with _own_database(request) as (server, name):
        yield migrated_postgres(server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database: SQLite and PostgreSQL."""
    from tests.postgres import create_database

    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
        return
    with _own_database(request) as (server, name):
        yield create_database(server, name)


@contextmanager
def _own_database(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The server and a name for one test. What has that name is removed afterwards: hundreds of copies fill a disk."""
    from tests.postgres import drop_database

    server, name = str(request.getfixturevalue("postgres_server")), f"test_{uuid.uuid4().hex}"
    try:
        yield server, name
    finally:
        drop_database(server, name)
