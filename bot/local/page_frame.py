"""The frame of every page: templates, security headers, and the checks of the request.

All text on a page may come from untrusted people. Templates escape it, Markdown is reduced to an allow-list, and the
Content-Security-Policy blocks everything else.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import jinja2
from aiohttp import web

from bot.local import markdown
from bot.local.config import BOT_LOGIN
from bot.local.keys import CONFIG, HUB, STATE
from bot.local.records import CheckRun
from bot.local.responses import Handler

HERE = Path(__file__).parent
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def ago(time: str | None) -> str:
    """Return the age of a time, such as `3 minutes ago`. time: ISO 8601, or None for an empty string."""
    if not time:
        return ""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds()
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {word}{'s' if number > 1 else ''} ago"
    return "just now"


def icon_of(run: CheckRun | None) -> str:
    """Return the name of the icon of a check run: its conclusion, `in_progress`, or `none` without a run."""
    if run is None:
        return "none"
    return run.conclusion or "in_progress"


_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_templates.filters |= {"ago": ago, "quote": lambda text: quote(text, safe="/")}
_templates.globals |= {"icon_of": icon_of, "bot_login": BOT_LOGIN}


def protected_page(handler: Handler) -> Handler:
    """Wrap the handler of a page: check the Host header, the origin of a POST, and the repository in the path."""

    async def wrapped(request: web.Request) -> web.StreamResponse:
        # DNS rebinding: a page of another site could read private code through another name of this address.
        allowed = _LOOPBACK | {urlsplit(request.app[CONFIG].base_url).hostname}
        if urlsplit(f"//{request.host}").hostname not in allowed:
            raise web.HTTPMisdirectedRequest(text="This page is not available under this host name.")
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise web.HTTPForbidden(text="This request must come from a page of this server.")
        match = request.match_info
        full_name = request.app[HUB].identity.full_name.lower()
        if "owner" in match and f"{match['owner']}/{match['repo']}".lower() != full_name:
            raise web.HTTPNotFound
        return await handler(request)

    return wrapped


def page(request: web.Request, template: str, **values: Any) -> web.Response:
    """Render a template. All templates get the same values about the repository, and `values`."""
    hub, config = request.app[HUB], request.app[CONFIG]
    state = request.app[STATE]
    base = f"/{hub.identity.full_name}"
    html = _templates.get_template(template).render(
        identity=hub.identity,
        base=base,
        default_branch=hub.default_branch,
        app_url=config.app_url,
        folder=str(hub.source.folder),
        open_pulls=sum(pull.state == "open" for pull in state.pulls),
        branch_count=len(state.branches),
        markdown=lambda text: markdown.render(text, "", base),
        **values,
    )
    return web.Response(text=html, content_type="text/html", headers=_HEADERS)
