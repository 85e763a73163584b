"""SECRET_KEY is replaced: what the old key sealed is sealed again, so that the old key can be removed."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from bot.db.access_tables import User, UserGrant
from bot.db.engine import Database, now
from bot.db.resealing import Resealed, reseal
from bot.db.sealed import Sealer, Unreadable

OLD, NEW, LOST = "old" * 12, "new" * 12, "lost" * 12


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


async def signed_in(db: Database, number: int, access: str, refresh: str | None) -> UUID:
    async with db.writing() as session:
        user = User(id=uuid4(), github_id=number, login=f"user{number}", role="viewer", created_at=now())
        session.add(user)
        await session.flush()
        session.add(UserGrant(user_id=user.id, access=access, refresh=refresh))
    return user.id


async def test_the_old_key_can_be_removed(db: Database) -> None:
    old, both, new = Sealer([OLD]), Sealer([NEW, OLD]), Sealer([NEW])
    first = await signed_in(db, 1, old.seal("access 1"), old.seal("refresh 1"))
    second = await signed_in(db, 2, new.seal("access 2"), None)
    third = await signed_in(db, 3, Sealer([LOST]).seal("access 3"), None)
    assert await reseal(db, both) == Resealed(done=2, unreadable=1)
    assert await reseal(db, both) == Resealed(done=0, unreadable=1)
    async with db.reading() as session:
        one, two, three = [await session.get_one(UserGrant, user) for user in (first, second, third)]
    assert one.refresh is not None
    assert [new.unseal(text) for text in (one.access, one.refresh, two.access)] == ["access 1", "refresh 1", "access 2"]
    with pytest.raises(Unreadable):
        new.unseal(three.access)
