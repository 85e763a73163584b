"""Column types: how Python values are stored, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import JSON, DateTime, Enum, LargeBinary, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect

from bot.db import frames

Json = JSON().with_variant(JSONB(), "postgresql")
# An object id of git: 40 digits, or 64 with SHA-256. SQLite checks no lengths, and would copy the table to widen it.
ObjectId = String(40).with_variant(String(64), "postgresql")


def text_of(enum: type[StrEnum], length: int) -> Enum:
    """A text column for the values of an enum.

    The database has no type and no CHECK for them: a newer process can store a new value while an older process still
    runs.
    """
    return Enum(
        enum,
        values_callable=lambda members: [one.value for one in members],
        native_enum=False,
        create_constraint=False,
        length=length,
    )


class Moment(TypeDecorator[datetime]):
    """A time in UTC. SQLite stores no time zone, so it is set when the value is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Compressed(TypeDecorator[bytes]):
    """Bytes, stored as a Zstandard frame."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return value if value is None else frames.compress(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return value if value is None else frames.decompress(value)
