"""The frame around every page: templates, headers, and who may look.

Everything shown comes from strangers' repositories: templates escape, Markdown is cleaned, and the
Content-Security-Policy forbids what would slip through.
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


def ago(moment: str | None) -> str:
    """A time as people say it: `3 minutes ago`."""
    if not moment:
        return ""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {word}{'s' if number > 1 else ''} ago"
    return "just now"


def icon_of(run: CheckRun | None) -> str:
    """The name of the icon for a check run: its conclusion, or that it has none yet."""
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
    """Serve a page under the stand-in's own name only, for the served repository, to its own buttons."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        # Another name for this address could be a stranger's page that wants to read private code.
        allowed = _LOOPBACK | {urlsplit(request.app[CONFIG].base_url).hostname}
        if urlsplit(f"//{request.host}").hostname not in allowed:
            raise web.HTTPMisdirectedRequest(text="This page is served under another name.")
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise web.HTTPForbidden(text="Only this page's own buttons may do that.")
        match = request.match_info
        known = request.app[HUB].identity.full_name.lower()
        if "owner" in match and f"{match['owner']}/{match['repo']}".lower() != known:
            raise web.HTTPNotFound
        return await handler(request)

    return guarded


def page(request: web.Request, template: str, **values: Any) -> web.Response:
    """A template with what all of them need."""
    hub, config = request.app[HUB], request.app[CONFIG]
    state = request.app[STATE]
    base = f"/{hub.identity.full_name}"
    html = _templates.get_template(template).render(
        identity=hub.identity,
        base=base,
        default_branch=hub.default_branch,
        app_url=config.app_url,
        folder=str(hub.source.folder),
        open_pulls=sum(one.state == "open" for one in state.pulls),
        branch_count=len(state.branches),
        markdown=lambda text: markdown.render(text, "", base),
        **values,
    )
    return web.Response(text=html, content_type="text/html", headers=_HEADERS)
