"""Users and the tokens that were issued to them.

Returns rows (`User`, `TokenRow`): they have no relationships, so nothing of them is loaded later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, func, select, update

from bot.db import audit
from bot.db.access_tables import TokenRow, User
from bot.db.audit import Actor
from bot.db.engine import Database, now, rows_changed
from bot.db.page import Page

ROLES = ("admin", "maintainer", "viewer")  # from most to least permissions
ACCESS, REFRESH = "access", "refresh"
_LIVE_TOKEN = select(TokenRow, User).join(User, User.id == TokenRow.user_id).where(TokenRow.id == bindparam("token_id"))
_SEEN_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token that was just issued: the values of its claims."""

    id: UUID
    user: User
    role: str
    kind: str
    created_at: datetime
    expires_at: datetime


async def get_or_create_user(db: Database, name: str, role: str) -> User:
    """Return the user of this login for the command line; create one if there is none.

    The user's role is raised to this role if it is lower. Each token has a role of its own. A user that the command
    line created is preferred to a user of GitHub, because a login there can pass to another person.
    """
    async with db.writing() as session:
        query = select(User).where(User.login == name).order_by(User.github_id.is_not(None), User.created_at).limit(1)
        user = await session.scalar(query)
        if user is None:
            user = User(id=uuid4(), login=name, role=role, created_at=now())
            session.add(user)
        elif ROLES.index(role) < ROLES.index(user.role):
            user.role = role
        return user


async def issue_token(db: Database, user: User, kind: str, role: str, lifetime: timedelta, by: Actor) -> IssuedToken:
    """Store a new token of a user."""
    moment = now()
    issued = IssuedToken(uuid4(), user, role, kind, moment, moment + lifetime)
    async with db.writing() as session:
        session.add(_row(issued))
        changes = {"kind": kind, "role": role, "expires_at": issued.expires_at.isoformat()}
        audit.record(session, by, "token.create", (issued.id, user.login), changes)
    return issued


async def get_live_token(db: Database, token_id: UUID, kind: str) -> tuple[TokenRow, User] | None:
    """The token of this id and its user; None if it is unknown, of another kind, revoked or expired."""
    found = await db.read(lambda session: session.execute(_LIVE_TOKEN, {"token_id": token_id}).one_or_none())
    if found is None or found[0].kind != kind or found[0].revoked_at is not None or found[0].expires_at <= now():
        return None
    return found[0], found[1]


async def record_seen(db: Database, user: User) -> None:
    """Update a user's `last_seen`, at most every ten minutes."""
    moment = now()
    if user.last_seen is None or user.last_seen < moment - _SEEN_EVERY:
        async with db.writing() as session:
            await session.execute(update(User).where(User.id == user.id).values(last_seen=moment))


async def exchange(
    db: Database, token_id: UUID, lifetimes: tuple[timedelta, timedelta], by: Actor
) -> list[IssuedToken]:
    """Exchange a refresh token for a new access token and a new refresh token; empty if it is not valid.

    lifetimes: of the access and of the refresh token.
    Of two simultaneous calls with the same token, only one succeeds.
    """
    moment = now()
    async with db.writing() as session:
        done = await session.execute(
            update(TokenRow)
            .where(
                TokenRow.id == token_id,
                TokenRow.kind == REFRESH,
                TokenRow.revoked_at.is_(None),
                TokenRow.expires_at > moment,
            )
            .values(revoked_at=moment)
        )
        if not rows_changed(done):
            return []
        old = await session.get_one(TokenRow, token_id)
        user = await session.get_one(User, old.user_id)
        issued = [
            IssuedToken(uuid4(), user, old.role, kind, moment, moment + lifetime)
            for kind, lifetime in zip((ACCESS, REFRESH), lifetimes, strict=True)
        ]
        session.add_all([_row(token) for token in issued])
        audit.record(session, by, "token.refresh", (token_id, user.login))
        return issued


async def revoke(db: Database, token_id: UUID, by: Actor, *, of: UUID | None = None) -> bool:
    """Revoke a token; False if there is no valid token of this id, or (`of`) none of this user."""
    async with db.writing() as session:
        row = await session.get(TokenRow, token_id)
        if row is None or row.revoked_at is not None or row.expires_at <= now() or of not in (None, row.user_id):
            return False
        row.revoked_at = now()
        user = await session.get_one(User, row.user_id)
        audit.record(session, by, "token.revoke", (token_id, user.login))
        return True


async def list_tokens(db: Database, limit: int = 1000) -> list[tuple[TokenRow, User]]:
    """All tokens, valid or not, newest first."""
    query = select(TokenRow, User).join(User, User.id == TokenRow.user_id).order_by(TokenRow.created_at.desc())
    async with db.reading() as session:
        return [(row[0], row[1]) for row in await session.execute(query.limit(limit))]


async def live_tokens(db: Database, user_id: UUID, limit: int = 200) -> list[TokenRow]:
    """A user's valid tokens, newest first."""
    query = select(TokenRow).where(
        TokenRow.user_id == user_id, TokenRow.revoked_at.is_(None), TokenRow.expires_at > now()
    )
    async with db.reading() as session:
        return list(await session.scalars(query.order_by(TokenRow.created_at.desc()).limit(limit)))


async def expire_tokens(db: Database, *, older_than: timedelta = timedelta(days=30)) -> None:
    """Delete tokens that expired at least this long ago."""
    async with db.writing() as session:
        await session.execute(delete(TokenRow).where(TokenRow.expires_at < now() - older_than))


async def list_users(db: Database, *, limit: int, offset: int) -> Page[User]:
    """Users by login."""
    query = select(User).order_by(User.login, User.id).limit(limit).offset(offset)
    async with db.reading() as session:
        total = await session.scalar(select(func.count()).select_from(User)) or 0
        return Page(list(await session.scalars(query)), total)


async def get_user(db: Database, user_id: UUID) -> User | None:
    """One user, or None."""
    async with db.reading() as session:
        return await session.get(User, user_id)


async def signed_in_user(db: Database, login: str) -> User | None:
    """Return the person who signed in with GitHub by this login; of several the one seen last. Case does not count."""
    query = select(User).where(func.lower(User.login) == login.lower(), User.github_id.is_not(None))
    async with db.reading() as session:
        found: User | None = await session.scalar(query.order_by(User.last_seen.desc()).limit(1))
        return found


async def change_role(db: Database, user_id: UUID, role: str, by: Actor) -> User | None:
    """Change a user's role; None if there is no such user."""
    async with db.writing() as session:
        user = await session.get(User, user_id)
        if user is not None:
            audit.record(session, by, "user.role", (user.id, user.login), {"before": user.role, "after": role})
            user.role = role
        return user


async def remove_user(db: Database, user_id: UUID, by: Actor) -> bool:
    """Delete a user and their tokens; False if there is no such user."""
    async with db.writing() as session:
        user = await session.get(User, user_id)
        if user is None:
            return False
        audit.record(session, by, "user.delete", (user.id, user.login))
        await session.execute(delete(TokenRow).where(TokenRow.user_id == user_id))
        await session.execute(delete(User).where(User.id == user_id))
        return True


def _row(issued: IssuedToken) -> TokenRow:
    return TokenRow(
        id=issued.id,
        user_id=issued.user.id,
        kind=issued.kind,
        role=issued.role,
        created_at=issued.created_at,
        expires_at=issued.expires_at,
    )
