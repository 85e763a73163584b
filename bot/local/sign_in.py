"""Sign-in with GitHub (the web flow of an App): authorize, exchange the code, refresh the token.

Sources: docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/
generating-a-user-access-token-for-a-github-app and …/refreshing-user-access-tokens.
"""

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import urlencode

from aiohttp import web

from bot.local.config import LocalConfig, Person
from bot.local.grants import Grant, SignIns
from bot.local.keys import CONFIG, SIGN_INS
from bot.local.page_frame import page
from bot.local.responses import ApiError, json_response, read_object

_CODE_SECONDS = 600
_TOKEN_SECONDS = 28_800
_REFRESH_SECONDS = 15_897_600


async def authorize(request: web.Request) -> web.StreamResponse:
    """GET /login/oauth/authorize: show the choice of people, or with `as` redirect to the App with a code."""
    config, query = request.app[CONFIG], request.query
    if query.get("client_id") != config.client_id:
        raise web.HTTPNotFound
    redirect_uri = query.get("redirect_uri", config.callback_url)
    if redirect_uri != config.callback_url:
        raise web.HTTPBadRequest(text="The redirect_uri is not associated with this application.")
    if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
        raise web.HTTPBadRequest(text="code_challenge_method must be S256.")
    chosen = find_person(config, query.get("as", ""))
    if chosen is None:
        return page(request, "sign_in.html", tab="", people=config.people, query=dict(query), link=_link)
    code = secrets.token_hex(10)
    challenge = query.get("code_challenge", "")
    grant = Grant(chosen.login, time.time() + _CODE_SECONDS, redirect_uri, challenge)
    request.app[SIGN_INS].codes.add(code, grant)
    state = {"state": query["state"]} if "state" in query else {}
    raise web.HTTPFound(f"{redirect_uri}?{urlencode({'code': code} | state)}")


async def exchange(request: web.Request) -> web.Response:
    """POST /login/oauth/access_token: return a user token for a code or a refresh token.

    An error has the status 200, as on GitHub.
    """
    fields = await _fields(request)
    config, sign_ins = request.app[CONFIG], request.app[SIGN_INS]
    secret = fields.get("client_secret", "").encode()
    if fields.get("client_id") != config.client_id or not hmac.compare_digest(secret, config.client_secret.encode()):
        return _error("incorrect_client_credentials")
    if fields.get("grant_type") == "refresh_token":
        grant = sign_ins.refreshes.redeem(fields.get("refresh_token", ""))
        return _issue_tokens(sign_ins, grant.login) if grant else _error("bad_refresh_token")
    grant = sign_ins.codes.redeem(fields.get("code", ""))
    if grant is None:
        return _error("bad_verification_code")
    if fields.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
        return _error("redirect_uri_mismatch")
    if grant.challenge and _challenge(fields.get("code_verifier", "")) != grant.challenge:
        return _error("bad_verification_code")
    return _issue_tokens(sign_ins, grant.login)


def require_user(request: web.Request) -> Person:
    """Return the owner of the user token. Raises ApiError without a valid user token."""
    _, _, token = request.headers.get("Authorization", "").partition(" ")
    grant = request.app[SIGN_INS].tokens.get(token.strip())
    person = find_person(request.app[CONFIG], grant.login) if grant else None
    if person is None:
        raise ApiError(401, "Bad credentials")
    return person


def find_person(config: LocalConfig, login: str) -> Person | None:
    """Return the person with that login, or None."""
    return next((person for person in config.people if person.login == login), None)


def _link(query: dict[str, str], login: str) -> str:
    return f"/login/oauth/authorize?{urlencode(query | {'as': login})}"


async def _fields(request: web.Request) -> dict[str, str]:
    fields = await read_object(request) if request.content_type == "application/json" else await request.post()
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def _issue_tokens(sign_ins: SignIns, login: str) -> web.Response:
    token, refresh = f"ghu_{secrets.token_hex(18)}", f"ghr_{secrets.token_hex(38)}"
    sign_ins.tokens.add(token, Grant(login, time.time() + _TOKEN_SECONDS))
    sign_ins.refreshes.add(refresh, Grant(login, time.time() + _REFRESH_SECONDS))
    return json_response(
        {
            "access_token": token,
            "expires_in": _TOKEN_SECONDS,
            "refresh_token": refresh,
            "refresh_token_expires_in": _REFRESH_SECONDS,
            "scope": "",
            "token_type": "bearer",
        }
    )


def _error(name: str) -> web.Response:
    return json_response({"error": name, "error_description": name.replace("_", " ").capitalize()})


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
