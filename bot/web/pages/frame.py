"""What all pages share: the template with its visitor, the policy, and a page in the place of an error."""

from collections.abc import Awaitable, Callable, Mapping

import aiohttp_jinja2
from aiohttp import web

from bot.web import session, sign_in
from bot.web.api.cache import MEMORY
from bot.web.auth import Identity, identity_of
from bot.web.health import DATABASE
from bot.web.policy import SCRIPTED

_VISITOR: web.RequestKey[Identity | None] = web.RequestKey("visitor", Identity | None)  # type: ignore[arg-type]
Handler = Callable[[web.Request], Awaitable[Mapping[str, object]]]
Shown = Callable[[web.Request], Awaitable[web.StreamResponse]]
_NOT_FOUND = "There is nothing here, or you may not see it."
# What a page says after a form was sent, by the word that the redirect carries.
_SAID = {
    "saved": "Saved.",
    "revoked": "The token no longer opens anything.",
    "role": "The role was changed; it holds for the tokens that are out, too.",
    "deleted": "Deleted.",
    "sent": "It is sent now; the log tells how it went.",
    "replayed": "The delivery is dispatched again now.",
    "cancelled": "The analysis was cancelled.",
    "queue-away": "Saved. The queue does not answer just now; the work begins when it is back.",
}


def page(template: str, *, scripts: bool = False) -> Callable[[Handler], Shown]:
    """A page of a template, from what the handler returns and what every page says of its visitor.

    scripts: the page has a module of ours. A refusal becomes a page, too.
    """

    def made(handler: Handler) -> Shown:
        async def show(request: web.Request) -> web.StreamResponse:
            try:
                return render(template, request, await handler(request), scripts=scripts)
            except web.HTTPException as refused:
                if refused.status < 400:
                    raise
                return _refusal(request, refused)

        return show

    return made


def action(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Shown:
    """What a form is sent to; a refusal becomes a page."""

    async def act(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as refused:
            if refused.status < 400:
                raise
            return _refusal(request, refused)
        finally:
            request.app[MEMORY].clear()  # the API sees at once what a page changed

    return act


def render(
    template: str, request: web.Request, values: Mapping[str, object], *, status: int = 200, scripts: bool = False
) -> web.Response:
    """A page; kept by no cache that others share."""
    back = request.method in ("GET", "HEAD")
    link = (sign_in.sign_in_path(request) if back else "/auth/login") if sign_in.OAUTH in request.app else None
    frame = {"visitor": request.get(_VISITOR), "sign_in": link, "said": _SAID.get(request.query.get("said", ""))}
    answer = aiohttp_jinja2.render_template(template, request, {**frame, **values}, status=status)
    answer.headers["Cache-Control"] = "private, no-cache"
    if scripts:
        answer.headers["Content-Security-Policy"] = SCRIPTED
    return answer


def done(place: str, said: str = "") -> web.HTTPSeeOther:
    """To raise when a form was acted upon: the browser goes on to a page, which a reload does not send again."""
    return web.HTTPSeeOther(f"{place}?said={said}" if said else place)


async def visitor(request: web.Request) -> Identity | None:
    """Who looks, by cookie, or by the API's token. Raises HTTPForbidden for a form of another site."""
    db = request.app[DATABASE]
    who = await (identity_of(request, db) if "Authorization" in request.headers else session.visitor(request, db))
    request[_VISITOR] = who
    return who


def _refusal(request: web.Request, refused: web.HTTPException) -> web.Response:
    """The same page for unknown, deleted and forbidden."""
    sentence = _NOT_FOUND if refused.status == 404 else refused.text or refused.reason
    return render("error.html", request, {"status": refused.status, "sentence": sentence}, status=refused.status)
