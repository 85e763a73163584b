"""Users and their tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.web.api.models.base import Answer, Asking, Id, PageAnswer
from bot.web.auth import Role

Token = Annotated[str, Field(min_length=1, max_length=4000)]


class UserView(Answer):
    """A user. github_id: null for one that only the command line made."""

    id: Id
    github_id: int | None
    login: str
    name: str | None
    avatar_url: str | None
    role: Role
    created_at: datetime
    last_seen: datetime | None


class UserPage(PageAnswer):
    """Users by login."""

    items: list[UserView]


class ChangeUser(Asking):
    """The role that holds from now on, also for the tokens that are out."""

    role: Literal["admin", "maintainer", "viewer"]


class RefreshToken(Asking):
    """A refresh token; it opens one door once."""

    refresh_token: Token


class TokenPair(Answer):
    """A short-lived token for `Authorization: Bearer`, and the next refresh token. expires_in: seconds."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str


class RevokeToken(Asking):
    """The token to end; without it the one that asks."""

    token: Token | None = None
