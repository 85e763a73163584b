"""Encrypt secrets of the database again with the current SECRET_KEY, so that the previous one can be removed."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from bot.db.access_tables import UserGrant
from bot.db.engine import Database
from bot.db.notification_tables import WebhookEndpoint
from bot.db.sealed import Sealer, Unreadable

_SEALED: tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ...] = (
    WebhookEndpoint.secret,
    UserGrant.access,
    UserGrant.refresh,
)


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many secrets were encrypted again, and how many no configured key decrypts."""

    done: int
    unreadable: int


async def reseal(db: Database, sealer: Sealer) -> Resealed:
    """Encrypt again what another than the first key encrypted. A secret that is replaced meanwhile stays as it is."""
    done = unreadable = 0
    for column in _SEALED:
        async with db.reading() as session:
            stored = list(await session.scalars(select(column).where(column.is_not(None))))
        for old in stored:
            try:
                new = sealer.resealed(str(old))
            except Unreadable:
                unreadable += 1
                continue
            if new is not None:
                async with db.writing() as session:
                    await session.execute(update(column.class_).where(column == old).values({column.key: new}))
                done += 1
    return Resealed(done, unreadable)
