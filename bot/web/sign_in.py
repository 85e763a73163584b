"""Signing in with GitHub by the web flow with state and PKCE; signing out.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp_jinja2
from aiohttp import ClientSession, web
from cryptography.fernet import Fernet, InvalidToken
from yarl import URL

from bot.db import access, grants
from bot.db.access import REFRESH
from bot.db.access_tables import User
from bot.db.audit import Actor
from bot.db.grants import SignIn
from bot.db.sealed import Sealer
from bot.errors import RetryLater
from bot.github.client import open_session as open_github
from bot.github.users import OAuth, SignInRefused, authorize_url, exchange, fetch_accessible_repositories, fetch_user
from bot.settings import Settings
from bot.web import session
from bot.web.api.cache import CACHE
from bot.web.auth import KEYS, SCOPE, token_id
from bot.web.github_access import GitHubAccess, sealed
from bot.web.health import DATABASE

log = logging.getLogger(__name__)
OAUTH = web.AppKey("oauth", OAuth)
_SEALER = web.AppKey("sealer", Sealer)
_GITHUB = web.AppKey("sign_in_session", ClientSession)
_PENDING = web.AppKey("pending_sign_ins", Fernet)
_COOKIE = "gitinsight_sign_in"
_SECONDS = 600
EXPIRED = "expired"  # the `message` of a page after a session that could not be renewed
_EXPIRED_FORM = (
    "Your sign-in has expired, and the form was not saved. Sign in again. Then go back in your browser, which keeps "
    "what you typed, and send the form again."
)


def setup(app: web.Application, settings: Settings) -> None:
    """Add the routes. Without GITHUB_CLIENT_ID, the sign-in page says that sign-in is not configured."""
    app[session.SECURE] = settings.public_url.startswith("https://")
    if settings.client_id and settings.client_secret:
        keys = [key for key in (settings.secret_key, settings.secret_key_previous) if key]
        app[OAUTH] = OAuth(
            settings.client_id,
            settings.client_secret,
            settings.github_url,
            settings.github_api_url,
            f"{settings.public_url}/auth/callback",
        )
        app[_SEALER] = Sealer(keys)
        digest = hashlib.sha256(b"gitinsight pending sign-ins\0" + settings.secret_key.encode()).digest()
        app[_PENDING] = Fernet(base64.urlsafe_b64encode(digest))
        app[SCOPE] = GitHubAccess(app[DATABASE], app[OAUTH], app[_SEALER], lambda: app[_GITHUB]).scope
        app.cleanup_ctx.append(_github)
    for path, handler in (("login", login), ("callback", callback), ("renew", renew)):
        app.router.add_get(f"/auth/{path}", handler)
    app.router.add_post("/auth/renew", renew)
    app.router.add_post("/auth/logout", logout)


async def _github(app: web.Application) -> AsyncIterator[None]:
    async with open_github() as opened:
        app[_GITHUB] = opened
        yield


async def login(request: web.Request) -> web.StreamResponse:
    """Redirect to GitHub. An encrypted cookie keeps the state, the PKCE verifier and `next` for ten minutes."""
    oauth = request.app.get(OAUTH)
    if oauth is None:
        sentence = "Sign-in is not configured: GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET are not set."
        return _message_page(request, 503, sentence)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    pending = {"state": state, "verifier": verifier, "next": session.local_path(request.query.get("next"))}
    answer = web.Response(status=302, headers={"Location": authorize_url(oauth, state, challenge)})
    answer.set_cookie(
        _COOKIE,
        request.app[_PENDING].encrypt(json.dumps(pending).encode()).decode(),
        max_age=_SECONDS,
        httponly=True,
        secure=request.app[session.SECURE],
        samesite="Lax",
        path="/auth/",
    )
    return answer


async def callback(request: web.Request) -> web.StreamResponse:
    """Handle the redirect from GitHub: exchange the code for the user's tokens and open a session."""
    pending = _pending(request)
    state = request.query.get("state", "")
    if pending is None or not hmac.compare_digest(pending["state"].encode(), state.encode()):
        sentence = "This sign-in was not started in this browser, or it took too long. Please sign in again."
        return _message_page(request, 400, sentence)
    if "error" in request.query or "code" not in request.query:
        return _message_page(request, 403, "You did not authorize GitInsight on GitHub. You are not signed in.")
    try:
        user = await _signed_in(request, request.query["code"][:200], pending["verifier"])
    except SignInRefused as refused:
        log.info("a sign-in was refused: %s", refused)
        return _message_page(request, 403, "GitHub no longer accepts this sign-in. Please sign in again.")
    except RetryLater as problem:
        log.warning("a sign-in failed: %s", problem)
        return _message_page(request, 503, "GitHub cannot be reached at the moment. Please try again in a minute.")
    answer = web.Response(status=302, headers={"Location": pending["next"]})
    answer.del_cookie(_COOKIE, path="/auth/")
    by = Actor(user.id, user.login, request.headers.get("X-Request-Id", "")[:100])
    await session.open_session(request.app[DATABASE], request, answer, user, by)
    return answer


async def _signed_in(request: web.Request, code: str, verifier: str) -> User:
    oauth, github = request.app[OAUTH], request.app[_GITHUB]
    tokens = await exchange(github, oauth, code, verifier)
    person = await fetch_user(github, oauth, tokens.access)
    accessible = await fetch_accessible_repositories(github, oauth, tokens.access)
    return await grants.sign_in(
        request.app[DATABASE],
        SignIn(
            github_id=person.github_id,
            login=person.login,
            name=person.name,
            avatar_url=person.avatar_url,
            role="maintainer" if accessible.writable else "viewer",
        ),
        sealed(request.app[_SEALER], tokens),
        (accessible.seen, accessible.writable),
        request.headers.get("X-Request-Id", "")[:100],
    )


async def renew(request: web.Request) -> web.StreamResponse:
    """Make a new access token from the refresh token and redirect to the page of `next`; a form is sent there again.

    If the refresh token is not valid any more, the page says that the sign-in has expired.
    """
    form = request.method == "POST"
    if form and not session.same_origin(request):
        raise web.HTTPForbidden(text="This form must be sent from a page of this site.")
    path = session.local_path(request.query.get("next"))
    answer: web.Response = web.Response(status=307 if form else 302, headers={"Location": path})
    by = Actor(None, "session", request.headers.get("X-Request-Id", "")[:100])
    if not await session.renew_session(request.app[DATABASE], request, answer, by):
        if form:
            answer = _message_page(request, 403, _EXPIRED_FORM)
            session.close_session(answer)
        else:
            answer.headers["Location"] = str(URL(path, encoded=True).update_query(message=EXPIRED))
    return answer


async def logout(request: web.Request) -> web.StreamResponse:
    """End the session: revoke both tokens and delete the cookies."""
    db, keys = request.app[DATABASE], request.app[KEYS]
    identity = await session.visitor(request, db)
    by = Actor(identity.user_id, identity.name, "") if identity else Actor(None, "session", "")
    if identity is not None:
        await access.revoke(db, identity.token_id, by)
    if refresh := token_id(keys, request.cookies.get(session.REFRESH_COOKIE, ""), REFRESH):
        await access.revoke(db, refresh, by)
    request.app[CACHE].clear()
    answer = web.Response(status=303, headers={"Location": "/"})
    session.close_session(answer)
    return answer


def sign_in_path(request: web.Request) -> str:
    """The path of a page's sign-in link. The visitor comes back to that page."""
    return f"/auth/login?{urlencode({'next': request.rel_url.without_query_params('message').raw_path_qs})}"


def _pending(request: web.Request) -> dict[str, str] | None:
    try:
        sealed_text = request.cookies.get(_COOKIE, "").encode()
        pending = json.loads(request.app[_PENDING].decrypt(sealed_text, ttl=_SECONDS))
    except (KeyError, InvalidToken, ValueError):
        return None
    return {name: str(value) for name, value in pending.items()} if isinstance(pending, dict) else None


def _message_page(request: web.Request, status: int, sentence: str) -> web.Response:
    values = {"sentence": sentence, "again": "/auth/login" if OAUTH in request.app else None}
    return aiohttp_jinja2.render_template("sign_in.html", request, values, status=status)
