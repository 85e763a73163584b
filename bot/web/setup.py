"""`/setup`: creating the GitHub App of an instance that has none yet, and what it says once there is one.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import asyncio
import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp_jinja2
import jinja2
import orjson
from aiohttp import ClientSession, web
from cryptography.fernet import Fernet, InvalidToken
from markupsafe import Markup

from bot.app_file import NAME, write_app
from bot.github.client import open_session
from bot.github.manifest import MadeApp, SetupRefused, convert, is_organization, manifest, registration_url
from bot.settings import Addresses

log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
# In the page itself, because the application goes away when it has done its work.
_STYLE = (_HERE / "static" / "gitinsight.css").read_text()
_COOKIE = "gitinsight_setup"
_SECONDS = 3600
_GITHUB = web.AppKey("setup_session", ClientSession)


class Setup:
    """One setting-up: who knows the key may do it, once. done: when the credentials are written."""

    def __init__(self, at: Addresses, folder: Path, key: str) -> None:
        self.done = asyncio.Event()
        self._at, self._folder, self._key = at, folder, key
        self._pending = Fernet(Fernet.generate_key())
        self._one_at_a_time = asyncio.Lock()

    def application(self) -> web.Application:
        """The application that serves it, and nothing else."""
        app = web.Application(client_max_size=1024)
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True)
        app.on_response_prepare.append(self._headers)
        app.cleanup_ctx.append(_github)
        app.router.add_get("/setup", self.begin)
        app.router.add_get("/setup/callback", self.callback)
        app.router.add_route("*", "/{rest:.*}", _not_yet)
        return app

    async def begin(self, request: web.Request) -> web.Response:
        """The page with the manifest, for an account or an organization."""
        if not hmac.compare_digest(request.query.get("key", "").encode(), self._key.encode()):
            return _said(request, 403, "This needs the key of the link that `gitinsight up` printed in its terminal.")
        if self.done.is_set():
            return _said(request, 409, "The GitHub App is there already; nothing was changed.")
        organization = request.query.get("organization", "").strip()
        if organization and not is_organization(organization):
            return _said(request, 400, "An organization's name has at most 39 letters, digits and hyphens.")
        state = secrets.token_urlsafe(32)
        values = {
            "action": registration_url(self._at.github_url, organization, state),
            "manifest": orjson.dumps(manifest(self._at.public_url)).decode(),
            "organization": organization,
            "key": self._key,
            "webhook": f"{self._at.public_url}/webhook",
            "loopback": _is_loopback(self._at.public_url),
        }
        answer = _page(request, values)
        answer.set_cookie(
            _COOKIE,
            self._pending.encrypt(state.encode()).decode(),
            max_age=_SECONDS,
            httponly=True,
            secure=self._at.public_url.startswith("https://"),
            samesite="Lax",  # the way back from GitHub is a navigation from another site
            path="/setup",
        )
        return answer

    async def callback(self, request: web.Request) -> web.Response:
        """Back from GitHub: the code becomes credentials, and they a file."""
        if not self._begun_here(request):
            return _said(request, 400, "This was not begun here, or took longer than an hour. Open the link again.")
        async with self._one_at_a_time:
            if self.done.is_set():
                return _said(request, 409, "The GitHub App is there already; nothing was changed.")
            try:
                code = request.query.get("code", "")
                made = await convert(request.app[_GITHUB], self._at.github_api_url, self._at.github_url, code)
                write_app(self._folder, made.credentials)
            except SetupRefused as refused:
                return self._failed(request, 502, str(refused))
            except OSError as problem:
                return self._failed(request, 500, f"{NAME} cannot be written in DATA_DIR ({problem.strerror}).")
            log.info("GitHub App %d was created", made.credentials.app_id)
            self.done.set()
            return self._finished(request, made)

    def _finished(self, request: web.Request, made: MadeApp) -> web.Response:
        answer = _page(request, {"made": made, "file": str(self._folder / NAME), "home": f"{self._at.public_url}/"})
        answer.del_cookie(_COOKIE, path="/setup")
        return answer

    def _failed(self, request: web.Request, status: int, sentence: str) -> web.Response:
        log.warning("the GitHub App could not be set up: %s", sentence)
        apps = f"{self._at.github_url}/settings/apps"
        way_out = "If GitHub lists the new App, delete it there; then open the link from the terminal again."
        return _said(request, status, f"{sentence} Nothing was written. {way_out}", apps=apps)

    def _begun_here(self, request: web.Request) -> bool:
        try:
            state = self._pending.decrypt(request.cookies.get(_COOKIE, "").encode(), ttl=_SECONDS)
        except InvalidToken:
            return False
        return hmac.compare_digest(state, request.query.get("state", "").encode())

    async def _headers(self, request: web.Request, answer: web.StreamResponse) -> None:
        style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        github = urlsplit(self._at.github_url)
        answer.headers.update(
            {
                "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{style}'; "
                f"form-action 'self' {github.scheme}://{github.netloc}; base-uri 'none'; frame-ancestors 'none'",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-store",
            }
        )


def add_configured(app: web.Application, github_url: str) -> None:
    """Add what `/setup` says where there is an App: that nothing is left to do here, and where GitHub lists it."""

    async def say(request: web.Request) -> web.Response:
        return aiohttp_jinja2.render_template("configured.html", request, {"apps": f"{github_url}/settings/apps"})

    app.router.add_get("/setup", say)
    app.router.add_get("/setup/callback", say)


async def _github(app: web.Application) -> AsyncIterator[None]:
    async with open_session() as opened:
        app[_GITHUB] = opened
        yield


async def _not_yet(request: web.Request) -> web.Response:
    return _said(
        request, 503, "GitInsight has no GitHub App yet: open the link to /setup that it printed at its start."
    )


def _said(request: web.Request, status: int, sentence: str, **more: str) -> web.Response:
    return _page(request, {"sentence": sentence, **more}, status)


def _page(request: web.Request, values: dict[str, object], status: int = 200) -> web.Response:
    style = Markup(_STYLE)  # noqa: S704 - our own file
    return aiohttp_jinja2.render_template("setup.html", request, {"style": style, **values}, status=status)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
