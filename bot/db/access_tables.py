"""The tables of who may do what, and who did what. Changes here need a migration, as in `tables.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables import Table


class User(Table):
    """Whom a token speaks for. github_id: None for a user that only the command line made."""

    __tablename__ = "users"
    __table_args__ = (Index(None, "github_id", unique=True), Index(None, "login"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    github_id: Mapped[int | None]
    login: Mapped[str] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(String(255))
    avatar_url: Mapped[str | None] = mapped_column(String(1000))
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime | None]


class TokenRow(Table):
    """A token that was given out, without the token itself: one that is not here, or revoked, opens nothing.

    id: the token's `jti`. kind: `access` or `refresh`. role: the most that it may do; its user's role may be less.
    """

    __tablename__ = "tokens"
    __table_args__ = (Index(None, "user_id", "created_at"), Index(None, "expires_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UserGrant(Table):
    """What somebody granted by signing in with GitHub, and what GitHub said that they may see.

    access, refresh: sealed. expires_at: of the access token, None for never. seen, writable: repositories by GitHub's
    id, as of looked_at; None when that has to be asked again.
    """

    __tablename__ = "user_grants"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    access: Mapped[str] = mapped_column(Text)
    refresh: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None]
    seen: Mapped[list[Any]] = mapped_column(default=list)
    writable: Mapped[list[Any]] = mapped_column(default=list)
    looked_at: Mapped[datetime | None]


class AuditRow(Table):
    """Who changed what, when, in which request; written in the transaction of the change.

    actor_id is no foreign key: the entry outlives its user. changes: what was asked for, without secrets.
    """

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "at", "id"), Index(None, "subject_id", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(400))
    request_id: Mapped[str] = mapped_column(String(100))
    changes: Mapped[dict[str, Any]]
