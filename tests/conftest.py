"""Fixtures for all tests."""

import uuid
from collections.abc import Iterator
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
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with the newest schema: SQLite and PostgreSQL."""
    from tests.databases import migrated_postgres, migrated_sqlite

    if request.param == "sqlite":
        return migrated_sqlite(tmp_path / "test.db")
    return migrated_postgres(request.getfixturevalue("postgres_server"), f"test_{uuid.uuid4().hex}")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: SQLite and PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    from tests.postgres import create_database

    return create_database(request.getfixturevalue("postgres_server"), f"test_{uuid.uuid4().hex}")
