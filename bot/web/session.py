"""Sessions of the pages: cookies that scripts cannot read and other sites cannot use.

The access token is valid for 15 minutes. `/auth/renew` makes a new one from the refresh token, whose cookie is sent to
`/auth/` only. https://www.rfc-editor.org/rfc/rfc9700 · https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html
"""

from datetime import timedelta
from urllib.parse import quote, urlsplit

from aiohttp import web

from bot.db import access
from bot.db.access import ACCESS, REFRESH, IssuedToken
from bot.db.access_tables import User
from bot.db.audit import Actor
from bot.db.engine import Database
from bot.web.auth import KEYS, Identity, identified, sign, token_id

SESSION_COOKIE = "gitinsight_session"
REFRESH_COOKIE = "gitinsight_refresh"
# Says that there may be a refresh token: a page whose access token has expired then redirects to `/auth/renew`.
HINT_COOKIE = "gitinsight_signed_in"
SECURE = web.AppKey("secure_cookies", bool)
_ACCESS = timedelta(minutes=15)
_REFRESH = timedelta(days=30)
_SAFE = {"GET", "HEAD"}


async def visitor(request: web.Request, db: Database) -> Identity | None:
    """The identity of a page's visitor; None for a visitor who is not signed in.

    Raises a redirect to `/auth/renew` when the access token has expired and there may be a refresh token. A form is
    sent there and back by the browser (status 307), so that what a person typed is not lost.
    Raises HTTPForbidden for a form that another site sent.
    """
    if request.method not in _SAFE and not same_origin(request):
        raise web.HTTPForbidden(text="This form must be sent from a page of this site.")
    identity = await identified(request, db, request.cookies.get(SESSION_COOKIE))
    if identity is None and HINT_COOKIE in request.cookies:
        again = f"/auth/renew?next={quote(request.rel_url.raw_path_qs, safe='/')}"
        raise web.HTTPFound(again) if request.method in _SAFE else web.HTTPTemporaryRedirect(again)
    return identity


async def open_session(db: Database, request: web.Request, answer: web.StreamResponse, user: User, by: Actor) -> None:
    """Set the cookies of a new session for a user."""
    tokens = [
        await access.issue_token(db, user, kind, user.role, lifetime, by)
        for kind, lifetime in ((ACCESS, _ACCESS), (REFRESH, _REFRESH))
    ]
    _set(request, answer, tokens[0], tokens[1])


async def renew_session(db: Database, request: web.Request, answer: web.StreamResponse, by: Actor) -> bool:
    """Exchange the refresh token of the request for new cookies. Without a valid one, delete the cookies."""
    keys = request.app[KEYS]
    identifier = token_id(keys, request.cookies.get(REFRESH_COOKIE, ""), REFRESH)
    tokens = await access.exchange(db, identifier, (_ACCESS, _REFRESH), by) if identifier else []
    if not tokens:
        close_session(answer)
        return False
    _set(request, answer, tokens[0], tokens[1])
    return True


def close_session(answer: web.StreamResponse) -> None:
    """Delete the cookies of the session."""
    for name, path in ((SESSION_COOKIE, "/"), (REFRESH_COOKIE, "/auth/"), (HINT_COOKIE, "/")):
        answer.del_cookie(name, path=path)


def local_path(text: str | None) -> str:
    """The path of this site in an untrusted `next` parameter; `/` for everything else."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or any(ord(char) < 33 for char in text):
        return "/"
    return text


def _set(request: web.Request, answer: web.StreamResponse, short: IssuedToken, long: IssuedToken) -> None:
    keys, secure, seconds = request.app[KEYS], request.app[SECURE], int(_REFRESH.total_seconds())
    lasting = {"max_age": seconds, "secure": secure, "samesite": "Lax"}
    answer.set_cookie(SESSION_COOKIE, sign(keys, short), httponly=True, path="/", **lasting)  # type: ignore[arg-type]
    answer.set_cookie(REFRESH_COOKIE, sign(keys, long), httponly=True, path="/auth/", **lasting)  # type: ignore[arg-type]
    answer.set_cookie(HINT_COOKIE, "1", path="/", **lasting)  # type: ignore[arg-type]


def same_origin(request: web.Request) -> bool:
    """Whether a page of this site sent the form. https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html"""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == request.host
