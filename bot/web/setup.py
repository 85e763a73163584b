"""`/setup` of an instance without a GitHub App: an application of its own, which GitHub's manifest flow goes through.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import asyncio
import hmac
import logging
import secrets
import time
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp_jinja2
import jinja2
import orjson
from aiohttp import ClientSession, web

from bot.app_file import NAME, write_app
from bot.errors import RetryLater
from bot.github.client import open_session
from bot.github.manifest import MadeApp, SetupRefused, convert, is_organization, manifest, registration_url
from bot.settings import Addresses
from bot.web.health import healthz
from bot.web.policy import posting_to, security_headers

log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_COOKIE = "gitinsight_setup"
_SECONDS = 3600
_THERE = "The GitHub App is there already; nothing was changed."
_GITHUB = web.AppKey("setup_session", ClientSession)


class Setup:
    """One setting-up: who knows the key may do it, once. done: when the credentials are written."""

    def __init__(self, at: Addresses, folder: Path, key: str) -> None:
        self.done = asyncio.Event()
        self._at, self._folder, self._key = at, folder, key
        self._begun: dict[str, float] = {}  # states that are out, and until when they serve (monotonic seconds)
        self._made: MadeApp | None = None  # what GitHub tells once only, until it is written
        self._one_at_a_time = asyncio.Lock()

    def application(self) -> web.Application:
        """The application that serves it, and nothing else."""
        app = web.Application(client_max_size=1024)
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True)
        app.on_response_prepare.append(security_headers)
        app.on_response_prepare.append(_caching)
        app.cleanup_ctx.append(_github)
        app.router.add_static("/static", _HERE / "static")
        app.router.add_get("/healthz", healthz)  # alive: nobody should start it anew while somebody is at GitHub
        app.router.add_get("/setup", self.begin)
        app.router.add_get("/setup/callback", self.callback, allow_head=False)
        app.router.add_route("*", "/{rest:.*}", _not_yet)
        return app

    async def begin(self, request: web.Request) -> web.Response:
        """The page with the manifest, for an account or an organization."""
        if not hmac.compare_digest(request.query.get("key", "").encode(), self._key.encode()):
            return _said(request, 403, "This needs the key of the link that `gitinsight up` printed in its terminal.")
        if self.done.is_set():
            return _said(request, 409, _THERE)
        if self._made is not None:
            return self._written(request, self._made)
        organization = request.query.get("organization", "").strip()
        if organization and not is_organization(organization):
            return _said(request, 400, "An organization's name has at most 39 letters, digits and hyphens.")
        return self._offered(request, organization)

    async def callback(self, request: web.Request) -> web.Response:
        """Back from GitHub: the code becomes credentials, and they a file. What failed for now can be tried again."""
        async with self._one_at_a_time:
            if self.done.is_set():
                return _said(request, 409, _THERE)
            if (state := self._state_of(request)) is None:
                return self._failed(request, 400, "This was not begun in this browser, or took longer than an hour.")
            try:
                self._made = self._made or await self._converted(request)
            except RetryLater as away:
                log.warning("the GitHub App could not be set up: %s", away)
                return _said(request, 503, f"{away}. The code from GitHub serves for an hour: reload this page soon.")
            except SetupRefused as refused:
                self._begun.pop(state, None)
                log.warning("the GitHub App could not be set up: %s", refused)
                return self._failed(request, 502, str(refused))
            return self._written(request, self._made)

    async def _converted(self, request: web.Request) -> MadeApp:
        code = request.query.get("code", "")
        return await convert(request.app[_GITHUB], self._at.github_api_url, self._at.github_url, code)

    def _offered(self, request: web.Request, organization: str) -> web.Response:
        state, app = self._begin_state(), manifest(self._at.public_url)
        values = {
            "action": registration_url(self._at.github_url, organization, state),
            "manifest": orjson.dumps(app).decode(),
            "permissions": app["default_permissions"],
            "organization": organization,
            "key": self._key,
            "webhook": f"{self._at.public_url}/webhook",
            "loopback": _is_loopback(self._at.public_url),
        }
        answer = aiohttp_jinja2.render_template("setup.html", request, values)
        answer.headers["Content-Security-Policy"] = posting_to(self._at.github_url)
        answer.set_cookie(
            _COOKIE,
            state,
            max_age=_SECONDS,
            httponly=True,
            secure=self._at.public_url.startswith("https://"),
            samesite="Lax",  # the way back from GitHub is a navigation from another site
            path="/setup",
        )
        return answer

    def _written(self, request: web.Request, made: MadeApp) -> web.Response:
        try:
            path = write_app(self._folder, made.credentials)
        except OSError as problem:
            why = f"{NAME} cannot be written in DATA_DIR ({problem.strerror})."
            log.warning("the GitHub App %d was created, but %s", made.credentials.app_id, why)
            remedy = "Its credentials are kept in memory: mend that, then reload this page."
            return _said(request, 500, f"The GitHub App was created, but {why} {remedy}")
        log.info("the GitHub App %d was created", made.credentials.app_id)
        self._begun.clear()
        self.done.set()
        values = {"install": made.install_url, "file": str(path), "home": f"{self._at.public_url}/"}
        answer = aiohttp_jinja2.render_template("setup_done.html", request, values)
        answer.del_cookie(_COOKIE, path="/setup")
        return answer

    def _failed(self, request: web.Request, status: int, sentence: str) -> web.Response:
        remedy = "If GitHub lists the new App, delete it there; then open the link from the terminal again."
        apps = f"{self._at.github_url}/settings/apps"
        return _said(request, status, f"{sentence} Nothing was written. {remedy}", apps=apps)

    def _begin_state(self) -> str:
        now, state = time.monotonic(), secrets.token_urlsafe(32)
        self._begun = {one: until for one, until in self._begun.items() if until > now} | {state: now + _SECONDS}
        return state

    def _state_of(self, request: web.Request) -> str | None:
        """The state of the request, if it is this browser's and still serves."""
        state, kept = request.query.get("state", ""), request.cookies.get(_COOKIE, "")
        if not hmac.compare_digest(state.encode(), kept.encode()):
            return None
        return state if self._begun.get(state, 0.0) > time.monotonic() else None


async def _github(app: web.Application) -> AsyncIterator[None]:
    async with open_session() as opened:
        app[_GITHUB] = opened
        yield


async def _caching(request: web.Request, answer: web.StreamResponse) -> None:
    # This application ends as soon as it has sent its last page, whose style the browser must have by then.
    kept = "private, max-age=3600" if request.path.startswith("/static/") else "no-store"
    answer.headers["Cache-Control"] = kept


async def _not_yet(request: web.Request) -> web.Response:
    return _said(
        request, 503, "GitInsight has no GitHub App yet: open the link to /setup that it printed at its start."
    )


def _said(request: web.Request, status: int, sentence: str, **more: str) -> web.Response:
    return aiohttp_jinja2.render_template("setup_said.html", request, {"sentence": sentence, **more}, status=status)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
