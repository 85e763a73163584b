"""Tokens of the REST API: signed with SECRET_KEY, with an audience, an issuer and an end.

https://pyjwt.readthedocs.io/en/stable/usage.html#registered-claim-names
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import jwt
from aiohttp import web

ALGORITHM = "HS256"
AUDIENCE = "gitinsight-api"
ISSUER = "gitinsight"


class Role(StrEnum):
    """What the holder of a token may do."""

    ADMIN = "admin"
    MAINTAINER = "maintainer"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token speaks for."""

    name: str
    role: Role


SECRET_KEY = web.AppKey("secret_key", str)


def issue_token(secret_key: str, name: str, role: Role, lifetime: timedelta) -> str:
    """A signed token that ends after `lifetime`."""
    issued = datetime.now(UTC)
    claims = {"sub": name, "role": role.value, "iss": ISSUER, "aud": AUDIENCE, "iat": issued, "exp": issued + lifetime}
    return jwt.encode(claims, secret_key, algorithm=ALGORITHM)


def identity_of(request: web.Request) -> Identity | None:
    """Who asks, by the bearer token; None without one or with a wrong one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        claims = jwt.decode(
            token,
            request.app[SECRET_KEY],
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "iat", "sub", "aud", "iss"]},
        )
        return Identity(str(claims["sub"]), Role(claims["role"]))
    except (jwt.InvalidTokenError, KeyError, ValueError):
        return None
