"""People who signed in with GitHub: their users, their GitHub tokens, and their github access.

Returns rows (`User`, `UserGrant`): they have no relationships, so nothing of them is loaded later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import audit
from bot.db.access_tables import TokenRow, User, UserGrant
from bot.db.audit import Actor
from bot.db.engine import Database, now


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A person as GitHub describes them.

    role: maintainer if they can write to any repository, else viewer.
    """

    github_id: int
    login: str
    name: str | None
    avatar_url: str
    role: str


@dataclass(frozen=True, slots=True)
class SealedTokens:
    """A user's tokens at GitHub, sealed.

    expires_at: of the access token; None if it never expires.
    """

    access: str
    refresh: str | None
    expires_at: datetime | None


async def sign_in(
    db: Database,
    person: SignIn,
    tokens: SealedTokens,
    github_access: tuple[Iterable[int], Iterable[int]],
    request_id: str,
) -> User:
    """Update the user of a person, or create it at the first sign-in. The role of an admin does not change."""
    async with db.writing() as session:
        user = await session.scalar(select(User).where(User.github_id == person.github_id))
        if user is None:
            user = User(id=uuid4(), github_id=person.github_id, role=person.role, created_at=now())
            session.add(user)
        user.login, user.name, user.avatar_url = person.login, person.name, person.avatar_url
        user.role = user.role if user.role == "admin" else person.role
        user.last_seen = now()
        await session.flush()
        await session.execute(delete(UserGrant).where(UserGrant.user_id == user.id))
        seen, writable = (sorted(ids) for ids in github_access)
        session.add(
            UserGrant(
                user_id=user.id,
                access=tokens.access,
                refresh=tokens.refresh,
                expires_at=tokens.expires_at,
                seen=seen,
                writable=writable,
                looked_at=now(),
            )
        )
        audit.record(session, Actor(user.id, user.login, request_id), "user.sign-in", (user.id, user.login))
        return user


async def grant_of(db: Database, user_id: UUID) -> UserGrant | None:
    """A user's grant; None if there is none."""
    async with db.reading() as session:
        return await session.get(UserGrant, user_id)


async def save_tokens(db: Database, user_id: UUID, tokens: SealedTokens) -> None:
    """Store refreshed GitHub tokens."""
    values = {"access": tokens.access, "refresh": tokens.refresh, "expires_at": tokens.expires_at}
    async with db.writing() as session:
        await session.execute(update(UserGrant).where(UserGrant.user_id == user_id).values(**values))


async def save_accessible(db: Database, user_id: UUID, seen: Iterable[int], writable: Iterable[int]) -> None:
    """Store what GitHub lets a user see and change; it also determines the role of users who are not admins."""
    written = sorted(writable)
    values = {"seen": sorted(seen), "writable": written, "looked_at": now()}
    async with db.writing() as session:
        await session.execute(update(UserGrant).where(UserGrant.user_id == user_id).values(**values))
        role = "maintainer" if written else "viewer"
        await session.execute(update(User).where(User.id == user_id, User.role != "admin").values(role=role))


async def delete_grant(db: Database, user_id: UUID) -> None:
    """Delete a user's grant, because GitHub no longer accepts its tokens."""
    async with db.writing() as session:
        await session.execute(delete(UserGrant).where(UserGrant.user_id == user_id))


async def expire_github_access(session: AsyncSession) -> None:
    """Mark the github access of all users as outdated, so that GitHub is queried again."""
    await session.execute(update(UserGrant).where(UserGrant.looked_at.is_not(None)).values(looked_at=None))


async def revoke_authorization(session: AsyncSession, github_id: int) -> None:
    """Delete the grant of a person (by GitHub's id) and revoke their tokens."""
    user_id = await session.scalar(select(User.id).where(User.github_id == github_id))
    if user_id is not None:
        await session.execute(delete(UserGrant).where(UserGrant.user_id == user_id))
        await session.execute(
            update(TokenRow).where(TokenRow.user_id == user_id, TokenRow.revoked_at.is_(None)).values(revoked_at=now())
        )
