"""Authentication: the App by its JSON Web Token, an installation by its token. Authorization: the token's permissions.

Sources: docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app.
"""

import base64
import hashlib
import json
import secrets
import time
from typing import Any

import jwt
from aiohttp import BasicAuth, web

from bot.local.config import LocalConfig
from bot.local.keys import CONFIG, HUB, STATE
from bot.local.records import Token
from bot.local.responses import ApiError, not_found

_LEEWAY = 60
_MAX_LIFETIME = 600
_LEVELS = {"read": 1, "write": 2, "admin": 3}
_FORBIDDEN = "Resource not accessible by integration"


def _bearer(request: web.Request) -> str:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if not credential:
        raise ApiError(401, "Requires authentication")
    if scheme.lower() not in {"bearer", "token"}:
        raise ApiError(401, "Bad credentials")
    return credential.strip()


def require_app(request: web.Request) -> None:
    """Require the App's own JWT, which is valid for at most ten minutes. Raises ApiError."""
    config = request.app[CONFIG]
    claims = _decoded(_bearer(request), config)
    if str(claims.get("iss")) != str(config.app_id):
        raise ApiError(404, "Integration not found")
    issued, expires, moment = claims.get("iat"), claims.get("exp"), time.time()
    if not isinstance(expires, int | float):
        raise ApiError(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
    if not isinstance(issued, int | float) or issued > moment + _LEEWAY:
        raise ApiError(401, "'Issued at' claim ('iat') must be an Integer representing the time of the assertion")
    if expires <= moment:
        raise ApiError(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
    if expires > max(issued, moment) + _MAX_LIFETIME:
        raise ApiError(401, "'Expiration time' claim ('exp') is too far in the future")


def _decoded(credential: str, config: LocalConfig) -> dict[str, Any]:
    # `require_app` checks these claims itself, with GitHub's messages.
    unchecked = ("exp", "iat", "nbf", "iss", "aud", "sub", "jti")
    try:
        return jwt.decode(
            credential,
            config.public_key_pem,
            algorithms=["RS256"],
            options={f"verify_{claim}": False for claim in unchecked},  # type: ignore[arg-type]
        )
    except jwt.PyJWTError:
        raise ApiError(401, "A JSON web token could not be decoded") from None


def issue_token(
    config: LocalConfig, permissions: dict[str, str], repository_ids: list[int] | None
) -> tuple[str, Token]:
    """Create an installation token in GitHub's stateless form (about 500 characters), and the record of it."""
    parts = (
        json.dumps({"alg": "RS256", "typ": "JWT"}).encode(),
        json.dumps({"jti": secrets.token_hex(16), "iat": int(time.time())}).encode(),
        secrets.token_bytes(256),
    )
    encoded = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    text = f"ghs_{config.app_id}_{encoded}"
    expires = time.time() + config.token_seconds
    return text, Token(digest=_digest(text), expires_at=expires, permissions=permissions, repository_ids=repository_ids)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _valid_token(request: web.Request, credential: str) -> Token:
    token = request.app[STATE].tokens.get(_digest(credential))
    if token is None or token.expires_at <= time.time():
        raise ApiError(401, "Bad credentials")
    return token


def require_installation(request: web.Request, **permissions: str) -> Token:
    """Require a valid installation token with these permissions, such as `checks="write"`. Raises ApiError.

    A repository in the path must be the served one, and the token must include it.
    """
    token = _valid_token(request, _bearer(request))
    _check_repository(request, token)
    for name, level in permissions.items():
        if not may(token, name, level):
            raise ApiError(403, _FORBIDDEN)
    return token


def require_any(request: web.Request, **alternatives: str) -> Token:
    """Require a valid installation token with at least one of these permissions. Raises ApiError."""
    token = require_installation(request)
    if not any(may(token, name, level) for name, level in alternatives.items()):
        raise ApiError(403, _FORBIDDEN)
    return token


def may(token: Token, name: str, level: str) -> bool:
    """Return whether the token has the permission at that level or above."""
    return _LEVELS.get(token.permissions.get(name, ""), 0) >= _LEVELS[level]


def _check_repository(request: web.Request, token: Token) -> None:
    identity = request.app[HUB].identity
    match = request.match_info
    if "owner" in match and f"{match['owner']}/{match['repo']}".lower() != identity.full_name.lower():
        raise not_found()
    if "repository_id" in match and int(match["repository_id"]) != identity.repository_id:
        raise not_found()
    named = "owner" in match or "repository_id" in match
    if named and token.repository_ids is not None and identity.repository_id not in token.repository_ids:
        raise not_found()


def git_token(request: web.Request) -> Token | None:
    """Return the valid installation token in git's Basic authorization, or None."""
    try:
        credentials = BasicAuth.decode(request.headers.get("Authorization", ""))
        token = _valid_token(request, credentials.password)
        _check_repository(request, token)
    except (ValueError, ApiError):
        return None
    return token if credentials.login == "x-access-token" else None
