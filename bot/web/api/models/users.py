"""Users and their tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.web.api.models.base import Answer, Id, PageAnswer, RequestBody
from bot.web.auth import Role

Token = Annotated[str, Field(min_length=1, max_length=4000)]


class UserView(Answer):
    """A user.

    id: the id of the user here.
    github_id: the id on GitHub; null for a user that was created by the command line and has never signed in.
    login: the login.
    name: the name on GitHub; null if it is unknown.
    avatar_url: the picture on GitHub; null if it is unknown.
    role: what the user may do.
    created_at: when the user was created.
    last_seen: when the user last used a token or a page; null if never.
    """

    id: Id
    github_id: int | None
    login: str
    name: str | None
    avatar_url: str | None
    role: Role
    created_at: datetime
    last_seen: datetime | None


class UserPage(PageAnswer):
    """One page of the users, by login.

    items: the users.
    """

    items: list[UserView]


class ChangeUser(RequestBody):
    """The new role of a user.

    role: the role. It applies to existing tokens, too.
    """

    role: Literal["admin", "maintainer", "viewer"]


class RefreshToken(RequestBody):
    """The refresh token to exchange.

    refresh_token: a refresh token that has not been used.
    """

    refresh_token: Token


class TokenPair(Answer):
    """A new access token and the next refresh token.

    access_token: the token for the header `Authorization: Bearer`.
    token_type: always `Bearer`.
    expires_in: the lifetime of the access token, in seconds.
    refresh_token: the token to get the next pair with.
    """

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str


class RevokeToken(RequestBody):
    """The token to revoke.

    token: an access token or a refresh token. Without it, the token of the request is revoked.
    """

    token: Token | None = None
