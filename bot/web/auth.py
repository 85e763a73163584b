"""Authentication: tokens, signed with SECRET_KEY and stored in the database, and the permissions of their holders.

https://pyjwt.readthedocs.io/en/stable/usage.html#registered-claim-names · https://www.rfc-editor.org/rfc/rfc8725
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import jwt
from aiohttp import web

from bot.db import access
from bot.db.access import ACCESS, REFRESH, IssuedToken
from bot.db.access_tables import User
from bot.db.engine import Database

ALGORITHM = "HS256"
AUDIENCE = "gitinsight-api"
_AUDIENCES = {ACCESS: AUDIENCE, REFRESH: "gitinsight-refresh"}
ISSUER = "gitinsight"
_REQUIRED = ["exp", "iat", "sub", "aud", "iss", "jti"]


class Role(StrEnum):
    """What a user or a token may do. The roles are ordered from the most permissions to the least."""

    ADMIN = "admin"
    MAINTAINER = "maintainer"
    VIEWER = "viewer"

    def covers(self, other: "Role") -> bool:
        """Whether this role has all permissions of the other one."""
        order = list(Role)
        return order.index(self) <= order.index(other)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of token signatures.

    current: signs and verifies.
    previous: verifies only; set during a key rotation.
    """

    current: str
    previous: str | None = None

    def by_id(self, kid: object) -> str | None:
        """Return the key with this `kid`, or None."""
        return next((key for key in (self.current, self.previous) if key and key_id(key) == kid), None)


def key_id(key: str) -> str:
    """The `kid` of a key. It reveals nothing about the key."""
    return hashlib.sha256(b"gitinsight key id\0" + key.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Identity:
    """The user of a valid token, with the permissions of the token.

    repositories: GitHub's ids of the repositories that the user may see; None for all of this instance.
    writable: GitHub's ids of the repositories that the user may change as a maintainer; None for all visible ones.
    """

    user_id: UUID
    token_id: UUID
    name: str
    role: Role
    repositories: frozenset[int] | None = None
    writable: frozenset[int] | None = None

    def may_see(self, github_id: int) -> bool:
        """Whether the user may see the repository with this id on GitHub."""
        return self.repositories is None or github_id in self.repositories

    def may_change(self, github_id: int) -> bool:
        """Whether the user may change the settings of the repository, start an analysis of it, and delete it."""
        writable = self.writable is None or github_id in self.writable
        return self.role is Role.ADMIN or (self.role is Role.MAINTAINER and writable)


# (visible, writable): GitHub's ids of repositories; None for all of this instance.
Scope = tuple[frozenset[int] | None, frozenset[int] | None]
KEYS = web.AppKey("keys", Keys)
# Returns what a user may see and change on GitHub. It is `no_access` where sign-in is not configured.
SCOPE: web.AppKey[Callable[[User], Awaitable[Scope]]] = web.AppKey("scope")


async def no_access(user: User) -> Scope:
    """The scope of a user of GitHub where sign-in is not configured."""
    return frozenset(), frozenset()


def sign(keys: Keys, granted: IssuedToken) -> str:
    """Make the signed token of a grant."""
    claims = {
        "jti": str(granted.id),
        "sub": granted.user.login,
        "iss": ISSUER,
        "aud": _AUDIENCES[granted.kind],
        "iat": granted.created_at,
        "exp": granted.expires_at,
        "role": granted.role,
    }
    return jwt.encode(claims, keys.current, algorithm=ALGORITHM, headers={"kid": key_id(keys.current)})


def token_id(keys: Keys, token: str, kind: str = ACCESS) -> UUID | None:
    """The id of a token that we signed and that has not expired; None for everything else."""
    try:
        key = keys.by_id(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            return None
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=_AUDIENCES[kind],
            issuer=ISSUER,
            options={"require": _REQUIRED},
        )
        return UUID(str(claims["jti"]))
    except (jwt.InvalidTokenError, ValueError):
        return None


def bearer(request: web.Request) -> str | None:
    """The token of the Authorization header, None without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


async def identity_of(request: web.Request, db: Database) -> Identity | None:
    """The identity of the request's bearer token; None if it is missing or not valid."""
    return await identified(request, db, bearer(request))


async def identified(request: web.Request, db: Database, token: str | None) -> Identity | None:
    """The identity of an access token; None if it is missing, expired, revoked or not ours."""
    identifier = token_id(request.app[KEYS], token) if token else None
    holder = await access.get_live_token(db, identifier, ACCESS) if identifier else None
    if holder is None:
        return None
    row, user = holder
    await access.record_seen(db, user)
    role = max(Role(row.role), Role(user.role), key=list(Role).index)
    repositories, writable = await _scope(request, user, role)
    return Identity(user.id, row.id, user.login, role, repositories, writable)


async def _scope(request: web.Request, user: User, role: Role) -> Scope:
    """All of the instance for admins and for users created by the command line; for others, what GitHub permits."""
    if role is Role.ADMIN or user.github_id is None:
        return None, None
    return await request.app[SCOPE](user)
