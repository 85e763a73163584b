"""Signing in with GitHub, the web flow of an App: authorize, exchange the code, refresh.

Sources: docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/
generating-a-user-access-token-for-a-github-app and …/refreshing-user-access-tokens.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aiohttp import web

from bot.local.answers import Refusal, answer, read_object
from bot.local.config import LocalConfig, Person
from bot.local.keys import CONFIG, SIGN_INS
from bot.local.page_frame import page

_CODE_SECONDS = 600
_TOKEN_SECONDS = 28_800
_REFRESH_SECONDS = 15_897_600
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a code or token stands for. challenge: of PKCE, where the App sent one."""

    login: str
    expires_at: float
    redirect_uri: str = ""
    challenge: str = ""


@dataclass
class SignIns:
    """Codes and tokens that are out, by their digests; a restart forgets them, and people sign in again."""

    codes: dict[str, _Grant] = field(default_factory=dict)
    tokens: dict[str, _Grant] = field(default_factory=dict)
    refreshes: dict[str, _Grant] = field(default_factory=dict)

    def revoke(self, login: str) -> None:
        """End everything that a person has granted."""
        for kept in (self.codes, self.tokens, self.refreshes):
            for digest in [digest for digest, grant in kept.items() if grant.login == login]:
                del kept[digest]


async def authorize(request: web.Request) -> web.StreamResponse:
    """GET /login/oauth/authorize: choose who you are; with `as`, go back to the App with a code."""
    config, query = request.app[CONFIG], request.query
    if query.get("client_id") != config.client_id:
        raise web.HTTPNotFound
    redirect_uri = query.get("redirect_uri", config.callback_url)
    if redirect_uri != config.callback_url:
        raise web.HTTPBadRequest(text="The redirect_uri is not associated with this application.")
    if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
        raise web.HTTPBadRequest(text="code_challenge_method must be S256.")
    chosen = person(config, query.get("as", ""))
    if chosen is None:
        return page(request, "sign_in.html", tab="", people=config.people, query=dict(query), link=_link)
    code = secrets.token_hex(10)
    challenge = query.get("code_challenge", "")
    grant = _Grant(chosen.login, time.time() + _CODE_SECONDS, redirect_uri, challenge)
    _keep(request.app[SIGN_INS].codes, code, grant)
    state = {"state": query["state"]} if "state" in query else {}
    raise web.HTTPFound(f"{redirect_uri}?{urlencode({'code': code} | state)}")


async def exchange(request: web.Request) -> web.Response:
    """POST /login/oauth/access_token: a code or a refresh token for a user token. Refusals are answered with 200."""
    given = await _fields(request)
    config, ins = request.app[CONFIG], request.app[SIGN_INS]
    secret = given.get("client_secret", "").encode()
    if given.get("client_id") != config.client_id or not hmac.compare_digest(secret, config.client_secret.encode()):
        return _refused("incorrect_client_credentials")
    if given.get("grant_type") == "refresh_token":
        grant = _take(ins.refreshes, given.get("refresh_token", ""))
        return _granted(ins, grant.login) if grant else _refused("bad_refresh_token")
    grant = _take(ins.codes, given.get("code", ""))
    if grant is None:
        return _refused("bad_verification_code")
    if given.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
        return _refused("redirect_uri_mismatch")
    if grant.challenge and _challenge(given.get("code_verifier", "")) != grant.challenge:
        return _refused("bad_verification_code")
    return _granted(ins, grant.login)


def require_user(request: web.Request) -> Person:
    """Whose token it is. Raises Refusal for everything but a live user token."""
    _, _, token = request.headers.get("Authorization", "").partition(" ")
    grant = request.app[SIGN_INS].tokens.get(_digest(token.strip()))
    found = person(request.app[CONFIG], grant.login) if grant and grant.expires_at > time.time() else None
    if found is None:
        raise Refusal(401, "Bad credentials")
    return found


def person(config: LocalConfig, login: str) -> Person | None:
    """Somebody who may sign in."""
    return next((one for one in config.people if one.login == login), None)


def _link(query: dict[str, str], login: str) -> str:
    return f"/login/oauth/authorize?{urlencode(query | {'as': login})}"


async def _fields(request: web.Request) -> dict[str, str]:
    given = await read_object(request) if request.content_type == "application/json" else await request.post()
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _granted(ins: SignIns, login: str) -> web.Response:
    token, refresh = f"ghu_{secrets.token_hex(18)}", f"ghr_{secrets.token_hex(38)}"
    _keep(ins.tokens, token, _Grant(login, time.time() + _TOKEN_SECONDS))
    _keep(ins.refreshes, refresh, _Grant(login, time.time() + _REFRESH_SECONDS))
    return answer(
        {
            "access_token": token,
            "expires_in": _TOKEN_SECONDS,
            "refresh_token": refresh,
            "refresh_token_expires_in": _REFRESH_SECONDS,
            "scope": "",
            "token_type": "bearer",
        }
    )


def _refused(error: str) -> web.Response:
    return answer({"error": error, "error_description": error.replace("_", " ").capitalize()})


def _keep(kept: dict[str, _Grant], secret: str, grant: _Grant) -> None:
    while len(kept) >= _MOST:
        del kept[next(iter(kept))]
    kept[_digest(secret)] = grant


def _take(kept: dict[str, _Grant], secret: str) -> _Grant | None:
    """Each serves once."""
    grant = kept.pop(_digest(secret), None)
    return grant if grant and grant.expires_at > time.time() else None


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
