"""Statements that the driver runs with many rows, without SQLAlchemy's work for each parameter.

For each row, SQLAlchemy copies its parameters several times, which takes four times as long as SQLite itself. Here the
statement is compiled once, and each column is converted by the function that SQLAlchemy has for its type.
https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.Connection.exec_driver_sql
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import JSON, ClauseElement
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class DriverStatement:
    """A statement as the driver takes it.

    names: of its parameters, in the order of the driver.
    converts: of each, what makes the driver's value of it; None: nothing is to be done.
    """

    text: str
    names: tuple[str, ...]
    converts: tuple[Convert | None, ...]

    def run(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each row, with one call of the driver."""
        columns = []
        for name, convert in zip(self.names, self.converts, strict=True):
            values = [row[name] for row in rows]
            columns.append(values if convert is None else [convert(value) for value in values])
        session.connection().exec_driver_sql(self.text, list(zip(*columns, strict=True)))


def driver_statement(statement: ClauseElement, dialect: Dialect) -> DriverStatement:
    """Compile a statement. All its parameters come from the rows: constants are `literal_column`.

    A JSON value comes as text, or as None for NULL: who makes the rows can encode what many of them have only once.
    """
    compiled = cast(SQLCompiler, statement.compile(dialect=dialect))
    names = tuple(compiled.positiontup or ())
    types = (compiled.binds[name].type.dialect_impl(dialect) for name in names)
    return DriverStatement(str(compiled), names, tuple(_convert(one, dialect) for one in types))


def _convert(of: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return None if isinstance(of, JSON) else of.bind_processor(dialect)
