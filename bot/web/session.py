"""The visitor of a page: signed in by cookies that scripts and other sites cannot use.

The access token lives a quarter of an hour; `/auth/renew` makes a new one from the refresh token, which only `/auth/`
is sent. https://www.rfc-editor.org/rfc/rfc9700 · https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html
"""

from datetime import timedelta
from urllib.parse import quote, urlsplit

from aiohttp import web

from bot.db import access
from bot.db.access import ACCESS, REFRESH, Granted
from bot.db.access_tables import User
from bot.db.audit import Actor
from bot.db.engine import Database
from bot.web.auth import KEYS, Identity, identified, sign, token_id

SESSION_COOKIE = "gitinsight_session"
REFRESH_COOKIE = "gitinsight_refresh"
# Says only that there may be a refresh token, so that a page whose access token is over knows to ask.
HINT_COOKIE = "gitinsight_signed_in"
SECURE = web.AppKey("secure_cookies", bool)
_ACCESS = timedelta(minutes=15)
_REFRESH = timedelta(days=30)
_SAFE = {"GET", "HEAD"}


async def visitor(request: web.Request, db: Database) -> Identity | None:
    """Who looks at a page, None for somebody who is not signed in. Redirects where a new access token is to be had.

    Raises HTTPForbidden for a form that another site sent.
    """
    if request.method not in _SAFE and not _same_origin(request):
        raise web.HTTPForbidden(text="Only this site's own pages may send that.")
    who = await identified(request, db, request.cookies.get(SESSION_COOKIE))
    if who is None and HINT_COOKIE in request.cookies and request.method in _SAFE:
        raise web.HTTPFound(f"/auth/renew?next={quote(request.rel_url.raw_path_qs, safe='/')}")
    return who


async def open_session(db: Database, request: web.Request, answer: web.StreamResponse, user: User, by: Actor) -> None:
    """Give a user the cookies of a new session."""
    made = [
        await access.grant(db, user, kind, user.role, lifetime, by)
        for kind, lifetime in ((ACCESS, _ACCESS), (REFRESH, _REFRESH))
    ]
    _set(request, answer, made[0], made[1])


async def renew_session(db: Database, request: web.Request, answer: web.StreamResponse, by: Actor) -> bool:
    """New cookies for the refresh token of the request; without a live one they are taken away."""
    keys = request.app[KEYS]
    known = token_id(keys, request.cookies.get(REFRESH_COOKIE, ""), REFRESH)
    made = await access.exchange(db, known, (_ACCESS, _REFRESH), by) if known else []
    if not made:
        close_session(answer)
        return False
    _set(request, answer, made[0], made[1])
    return True


def close_session(answer: web.StreamResponse) -> None:
    """Take the cookies away."""
    for name, path in ((SESSION_COOKIE, "/"), (REFRESH_COOKIE, "/auth/"), (HINT_COOKIE, "/")):
        answer.del_cookie(name, path=path)


def local_path(text: str | None) -> str:
    """A path of this site out of a stranger's `next`; the front page for everything else."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or any(ord(char) < 33 for char in text):
        return "/"
    return text


def _set(request: web.Request, answer: web.StreamResponse, short: Granted, long: Granted) -> None:
    keys, secure, seconds = request.app[KEYS], request.app[SECURE], int(_REFRESH.total_seconds())
    lasting = {"max_age": seconds, "secure": secure, "samesite": "Lax"}
    answer.set_cookie(SESSION_COOKIE, sign(keys, short), httponly=True, path="/", **lasting)  # type: ignore[arg-type]
    answer.set_cookie(REFRESH_COOKIE, sign(keys, long), httponly=True, path="/auth/", **lasting)  # type: ignore[arg-type]
    answer.set_cookie(HINT_COOKIE, "1", path="/", **lasting)  # type: ignore[arg-type]


def _same_origin(request: web.Request) -> bool:
    """https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html"""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == request.host
