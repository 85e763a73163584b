"""What all pages share: the visitor, the security policy, messages after a form, and error pages."""

from collections.abc import Awaitable, Callable, Mapping

import aiohttp_jinja2
from aiohttp import web

from bot.web import session, sign_in
from bot.web.api.cache import CACHE
from bot.web.auth import Identity, identity_of
from bot.web.health import DATABASE
from bot.web.pages.inputs import TYPED
from bot.web.policy import SCRIPTED

_VISITOR: web.RequestKey[Identity | None] = web.RequestKey("visitor", Identity | None)  # type: ignore[arg-type]
Handler = Callable[[web.Request], Awaitable[Mapping[str, object]]]
Shown = Callable[[web.Request], Awaitable[web.StreamResponse]]
_NOT_FOUND = "This page does not exist, or you may not see it."
# The message that a page shows after a form was sent, by the query parameter `message` of the redirect.
_MESSAGES = {
    "saved": "Saved.",
    "revoked": "The token was revoked.",
    "role": "The role was changed. It applies to existing tokens, too.",
    "deleted": "Deleted.",
    "sent": "The message will be sent now. The delivery log shows its attempts.",
    "replayed": "The delivery will be dispatched again now.",
    "cancelled": "The analysis was cancelled.",
    "dismissed": "Dismissed. It stays away until its evidence changes.",
    "restored": "The dismissal was undone.",
    "queue-away": "Saved. The queue does not answer at the moment. The analysis starts when it answers again.",
}


def page(template: str, *, scripts: bool = False) -> Callable[[Handler], Shown]:
    """Make a page of a handler that returns the values of a template. An HTTP error becomes an error page.

    scripts: whether the page has scripts of ours.
    """

    def decorate(handler: Handler) -> Shown:
        async def show(request: web.Request) -> web.StreamResponse:
            try:
                return render(template, request, await handler(request), scripts=scripts)
            except web.HTTPException as refused:
                if refused.status < 400:
                    raise
                return _refusal(request, refused)

        return show

    return decorate


def action(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Shown:
    """Make a handler of a form. An HTTP error becomes an error page."""

    async def act(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as refused:
            if refused.status < 400:
                raise
            return _refusal(request, refused)
        finally:
            request.app[CACHE].clear()  # the change is visible in the API at once

    return act


def form(template: str, values: Handler) -> Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Shown]:
    """As `action`. A form with a mistake (422) is shown again, with what was typed and what is wrong.

    template, values: of the page of the form. `values` checks the access again.
    """

    def decorate(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Shown:
        async def act(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPUnprocessableEntity as wrong:
                again = {**await values(request), "typed": request.get(TYPED, {}), "problem": wrong.text}
                return render(template, request, again, status=wrong.status)

        return action(act)

    return decorate


def render(
    template: str, request: web.Request, values: Mapping[str, object], *, status: int = 200, scripts: bool = False
) -> web.Response:
    """Render a page. Shared caches must not store it."""
    can_return = request.method in ("GET", "HEAD")
    link = (sign_in.sign_in_path(request) if can_return else "/auth/login") if sign_in.OAUTH in request.app else None
    who, key = request.get(_VISITOR), request.query.get("message", "")
    expired = key == sign_in.EXPIRED and who is None and link is not None
    frame: dict[str, object] = {
        "visitor": who,
        "sign_in": link,
        "message": _MESSAGES.get(key),
        "expired": expired,
        "typed": {},
        "problem": "",
    }
    answer = aiohttp_jinja2.render_template(template, request, {**frame, **values}, status=status)
    answer.headers["Cache-Control"] = "private, no-cache"
    if scripts:
        answer.headers["Content-Security-Policy"] = SCRIPTED
    return answer


def redirect(path: str, message: str = "") -> web.HTTPSeeOther:
    """The exception to raise after a form was handled: a reload of the next page does not send the form again.

    message: a key of `_MESSAGES`.
    """
    return web.HTTPSeeOther(f"{path}?message={message}" if message else path)


async def visitor(request: web.Request) -> Identity | None:
    """The visitor, by session cookie or by API token. Raises HTTPForbidden for a form of another site."""
    db = request.app[DATABASE]
    by_token = "Authorization" in request.headers
    identity = await (identity_of(request, db) if by_token else session.visitor(request, db))
    request[_VISITOR] = identity
    return identity


def _refusal(request: web.Request, refused: web.HTTPException) -> web.Response:
    """The error page. It is the same for unknown, deleted and forbidden resources."""
    sentence = _NOT_FOUND if refused.status == 404 else refused.text or refused.reason
    values = {"status": refused.status, "sentence": sentence, "form": request.method == "POST"}
    return render("error.html", request, values, status=refused.status)
