"""The tables of users, tokens, GitHub grants and the audit log. A change here needs a migration, as in `tables.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables import Table


class User(Table):
    """The owner of tokens.

    github_id: None for a user that the command line created.
    """

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
    """An issued token, without the token itself. A token without a row, or with a revoked one, is not accepted.

    id: the token's `jti`.
    kind: `access` or `refresh`.
    role: the upper limit of its permissions; the user's own role may be lower.
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
    """The GitHub tokens of a user who signed in, and the repositories that GitHub lets them see and change.

    access, refresh: GitHub's tokens, sealed.
    expires_at: of the access token; None if it never expires.
    seen, writable: the repositories that the user can see and change, by GitHub's id.
    looked_at: when GitHub was queried for them; None if it must be queried again.
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
    """An entry of the audit log, written in the transaction of the change.

    actor_id: no foreign key, because the entry must outlive its user.
    changes: the requested values, without secrets.
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
