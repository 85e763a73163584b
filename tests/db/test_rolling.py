"""A rolling restart: code of the version before goes on with the schema of this one."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, Select, TextClause, Uuid, text

from bot.db.engine import Database
from bot.db.schema import NEWEST, OldSchema, check, config_for, migrate

T = TypeVar("T")
LATER = "9999"


def run_sync(url: str, function: Callable[[Connection], T]) -> T:
    async def run() -> T:
        db = Database(url)
        try:
            async with db.engine.begin() as connection:
                return await connection.run_sync(function)
        finally:
            await db.close()

    return asyncio.run(run())


def recent_migrations() -> list[tuple[str, str]]:
    """(the revision before, the revision) of all migrations since 0012, the first that had to hold this."""
    scripts = ScriptDirectory.from_config(config_for("sqlite:///unused")).walk_revisions()
    return [(str(one.down_revision), one.revision) for one in scripts if one.revision >= "0012"]


@pytest.mark.parametrize(("before", "after"), recent_migrations())
def test_the_version_before_reads_and_writes_the_new_schema(before: str, after: str, empty_database_url: str) -> None:
    migrate(empty_database_url, before)
    known = run_sync(empty_database_url, reflected)
    run_sync(empty_database_url, lambda connection: fill(connection, known))
    migrate(empty_database_url, after)
    # With the columns that the version before knows, and no others.
    run_sync(empty_database_url, lambda connection: fill(connection, known))
    for table in known.sorted_tables:
        assert run_sync(empty_database_url, partial(count, table.select())) == 2


def count(query: Select[Any] | TextClause, connection: Connection) -> int:
    return len(connection.execute(query).all())


def reflected(connection: Connection) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection)
    metadata.remove(metadata.tables["alembic_version"])
    return metadata


def fill(connection: Connection, known: MetaData) -> None:
    """Insert a row into every table, with a value in every column."""
    rows: dict[str, dict[str, Any]] = {}
    for table in known.sorted_tables:
        row = {column.name: a_value(column.type) for column in table.columns}
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint):
                for element in constraint.elements:
                    referred = rows.get(element.column.table.name)
                    row[element.parent.name] = referred[element.column.name] if referred else None
        rows[table.name] = row
        connection.execute(table.insert(), row)


def numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_NUMBERS = numbers()


def a_value(kind: Any) -> Any:
    """A value of a type, another each time."""
    if isinstance(kind, Uuid):
        return uuid4()
    try:
        expected = kind.python_type
    except NotImplementedError:
        expected = str
    number = next(_NUMBERS)
    match expected.__name__:
        case "bool":
            return True
        case "int":
            return number
        case "float":
            return float(number)
        case "datetime":
            return datetime.now(UTC)
        case "bytes":
            return b"x"
        case "dict" | "list":
            return {}
        case _:
            length = getattr(kind, "length", None) or 40
            return uuid4().hex[:length] if length > 3 else str(number % 10)


def test_parts_that_migrate_at_the_same_time_wait_for_each_other(empty_database_url: str) -> None:
    program = "import sys; from bot.db.schema import migrate; sys.stdin.readline(); migrate(sys.argv[1])"
    parts = [
        subprocess.Popen(
            [sys.executable, "-c", program, empty_database_url], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for part in parts:
        assert part.stdin is not None
        part.stdin.write(b"\n")
        part.stdin.flush()
    problems = [part.communicate(timeout=60)[1].decode() for part in parts]
    assert [part.returncode for part in parts] == [0, 0, 0], problems
    assert run_sync(empty_database_url, partial(count, text("SELECT version_num FROM alembic_version"))) == 1


async def test_a_part_of_the_version_before_starts_on_a_newer_schema(empty_database_url: str) -> None:
    await asyncio.to_thread(migrate, empty_database_url)
    db = Database(empty_database_url)
    try:
        for revision, fits in ((NEWEST, True), (LATER, True), ("0001", False)):
            async with db.engine.begin() as connection:
                await connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
            if fits:
                await check(db)
            else:
                with pytest.raises(OldSchema, match="gitinsight migrate"):
                    await check(db)
    finally:
        await db.close()
