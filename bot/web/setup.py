"""`/setup` of an instance without a GitHub App: a separate application, which runs GitHub's manifest flow.

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

from bot import __version__
from bot.app_file import NAME, write_app
from bot.errors import RetryLater
from bot.github.client import open_session
from bot.github.manifest import MadeApp, SetupRefused, convert, is_organization, manifest, registration_url
from bot.settings import Addresses
from bot.web.health import healthz
from bot.web.pages import docs
from bot.web.policy import posting_to, security_headers

log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_COOKIE = "gitinsight_setup"
_SECONDS = 3600
_ALREADY_CREATED = "The GitHub App exists already. Nothing was changed."
_GITHUB = web.AppKey("setup_session", ClientSession)


class Setup:
    """One run of the setup. It needs the key, and ends when the App is created.

    done: set when the credentials have been written.
    """

    def __init__(self, at: Addresses, folder: Path, key: str) -> None:
        self.done = asyncio.Event()
        self._at, self._folder, self._key = at, folder, key
        self._states: dict[
            str, float
        ] = {}  # states that GitHub may send back, and when they expire (monotonic seconds)
        self._created: MadeApp | None = None  # GitHub sends the credentials only once: kept here until they are written
        self._lock = asyncio.Lock()

    def application(self) -> web.Application:
        """The application that serves the setup, and nothing else."""
        app = web.Application(client_max_size=1024)
        environment = aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True)
        environment.globals["version"] = __version__
        app.on_response_prepare.append(security_headers)
        app.on_response_prepare.append(_caching)
        app.cleanup_ctx.append(_github)
        app.router.add_static("/static", _HERE / "static")
        app.router.add_get(
            "/healthz", healthz
        )  # a supervisor must not restart the process while a person is on GitHub's page
        docs.setup(app)  # who sets up an instance needs them
        app.router.add_get("/setup", self.begin)
        app.router.add_get("/setup/callback", self.callback, allow_head=False)
        app.router.add_route("*", "/{rest:.*}", _no_app_yet)
        return app

    async def begin(self, request: web.Request) -> web.Response:
        """The page with the manifest, for an account or an organization."""
        if not hmac.compare_digest(request.query.get("key", "").encode(), self._key.encode()):
            return _message_page(request, 403, "Open the link that `gitinsight up` printed in its terminal.")
        if self.done.is_set():
            return _message_page(request, 409, _ALREADY_CREATED)
        if self._created is not None:
            return self._write(request, self._created)
        organization = request.query.get("organization", "").strip()
        if organization and not is_organization(organization):
            sentence = "The name of an organization has at most 39 letters, digits and hyphens."
            return _message_page(request, 400, sentence)
        return self._form(request, organization)

    async def callback(self, request: web.Request) -> web.Response:
        """Handle the redirect from GitHub: exchange the code for credentials and write them to a file.

        After a temporary failure, a reload of the page tries again.
        """
        async with self._lock:
            if self.done.is_set():
                return _message_page(request, 409, _ALREADY_CREATED)
            if (state := self._state_of(request)) is None:
                sentence = "The setup was not started in this browser, or it was started more than an hour ago."
                return self._failed(request, 400, sentence)
            try:
                self._created = self._created or await self._convert(request)
            except RetryLater as problem:
                log.warning("the GitHub App could not be set up: %s", problem)
                sentence = f"{problem}. The code from GitHub is valid for an hour: reload this page within that time."
                return _message_page(request, 503, sentence)
            except SetupRefused as refused:
                self._states.pop(state, None)
                log.warning("the GitHub App could not be set up: %s", refused)
                return self._failed(request, 502, str(refused))
            return self._write(request, self._created)

    async def _convert(self, request: web.Request) -> MadeApp:
        code = request.query.get("code", "")
        return await convert(request.app[_GITHUB], self._at.github_api_url, self._at.github_url, code)

    def _form(self, request: web.Request, organization: str) -> web.Response:
        state, app = self._new_state(), manifest(self._at.public_url)
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
            samesite="Lax",  # GitHub's redirect is a navigation from another site
            path="/setup",
        )
        return answer

    def _write(self, request: web.Request, created: MadeApp) -> web.Response:
        try:
            path = write_app(self._folder, created.credentials)
        except OSError as problem:
            why = f"{NAME} could not be written to DATA_DIR ({problem.strerror})."
            log.warning("the GitHub App %d was created, but %s", created.credentials.app_id, why)
            remedy = "Its credentials are kept in memory: correct the problem, then reload this page."
            return _message_page(request, 500, f"The GitHub App was created, but {why} {remedy}")
        log.info("the GitHub App %d was created", created.credentials.app_id)
        self._states.clear()
        self.done.set()
        values = {"install": created.install_url, "file": str(path), "home": f"{self._at.public_url}/"}
        answer = aiohttp_jinja2.render_template("setup_done.html", request, values)
        answer.del_cookie(_COOKIE, path="/setup")
        return answer

    def _failed(self, request: web.Request, status: int, sentence: str) -> web.Response:
        remedy = "If GitHub lists the new App, delete it there. Then open the link from the terminal again."
        apps = f"{self._at.github_url}/settings/apps"
        return _message_page(request, status, f"{sentence} Nothing was written. {remedy}", apps=apps)

    def _new_state(self) -> str:
        now, state = time.monotonic(), secrets.token_urlsafe(32)
        valid = {known: expires for known, expires in self._states.items() if expires > now}
        self._states = valid | {state: now + _SECONDS}
        return state

    def _state_of(self, request: web.Request) -> str | None:
        """The state of the request; None if it is not the one of this browser, or has expired."""
        state, in_cookie = request.query.get("state", ""), request.cookies.get(_COOKIE, "")
        if not hmac.compare_digest(state.encode(), in_cookie.encode()):
            return None
        return state if self._states.get(state, 0.0) > time.monotonic() else None


async def _github(app: web.Application) -> AsyncIterator[None]:
    async with open_session() as opened:
        app[_GITHUB] = opened
        yield


async def _caching(request: web.Request, answer: web.StreamResponse) -> None:
    # This application ends when it has sent its last page. The browser must have the style of that page in its cache.
    cache = "private, max-age=3600" if request.path.startswith("/static/") else "no-store"
    answer.headers["Cache-Control"] = cache


async def _no_app_yet(request: web.Request) -> web.Response:
    sentence = "GitInsight has no GitHub App yet: open the link to /setup that it printed when it started."
    return _message_page(request, 503, sentence)


def _message_page(request: web.Request, status: int, sentence: str, **more: str) -> web.Response:
    return aiohttp_jinja2.render_template("setup_message.html", request, {"sentence": sentence, **more}, status=status)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
