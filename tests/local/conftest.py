"""Small repositories, a webhook receiver, and a client of the stand-in's REST API."""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from tests.standin import WEBHOOK_SECRET, StandIn

_CLEAN = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
}
DEADLINE = 10.0


def run_git(*args: str, cwd: Path | None = None, check: bool = True, when: int = 0) -> str:
    """Run git without the settings of this machine. Returns its output without the last line end."""
    person = {"GIT_AUTHOR_NAME": "Ada Lovelace", "GIT_AUTHOR_EMAIL": "ada@example.org"}
    person |= {"GIT_COMMITTER_NAME": "Ada Lovelace", "GIT_COMMITTER_EMAIL": "ada@example.org"}
    dates = {"GIT_AUTHOR_DATE": f"{when} +0000", "GIT_COMMITTER_DATE": f"{when} +0000"} if when else {}
    done = subprocess.run(
        ["git", *args], cwd=cwd, env=_CLEAN | person | dates, capture_output=True, text=True, check=False, timeout=60
    )
    if check and done.returncode:
        raise AssertionError(f"git {args}: {done.stderr}")
    return done.stdout.rstrip("\n") if not done.returncode else done.stderr


@dataclass
class Repo:
    """A checkout with a branch `main`. Each commit is one minute newer than the previous one."""

    path: Path
    clock: int = 1_700_000_000

    def git(self, *args: str, check: bool = True) -> str:
        """Run git in it."""
        self.clock += 60
        return run_git(*args, cwd=self.path, check=check, when=self.clock)

    def commit(self, message: str, **files: str) -> str:
        """Write files (`a_py` is the file `a.py`) and commit them. Returns the sha."""
        for name, text in files.items():
            (self.path / name.replace("_", ".")).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.sha()

    def sha(self, name: str = "HEAD") -> str:
        """Return the sha of a revision."""
        return self.git("rev-parse", name)

    def branch(self, name: str, start: str = "main") -> None:
        """Create a branch and check it out."""
        self.git("checkout", "--quiet", "-b", name, start)

    def on(self, name: str) -> None:
        """Check out a branch."""
        self.git("checkout", "--quiet", name)

    def merge(self, name: str, message: str) -> str:
        """Merge a branch into the current one with a merge commit. Returns its sha."""
        self.git("merge", "--quiet", "--no-ff", "--message", message, name)
        return self.sha()


@pytest.fixture
def make_repo(tmp_path: Path) -> Callable[[str], Repo]:
    """Create an empty repository in a folder of that name."""

    def make(name: str = "project") -> Repo:
        path = tmp_path / name
        path.mkdir()
        run_git("init", "--quiet", "--initial-branch=main", cwd=path)
        return Repo(path)

    return make


@pytest.fixture
def repo(make_repo: Callable[[str], Repo]) -> Repo:
    """Two squashed pull requests on main, and an open branch `feature`."""
    made = make_repo("project")
    made.commit("Begin", a_py="one\n")
    made.commit("Add two (#7)", a_py="one\ntwo\n")
    made.commit("Add three (#9)", a_py="one\ntwo\nthree\n")
    made.branch("feature")
    made.commit("Add four", a_py="one\ntwo\nthree\nfour\n")
    made.on("main")
    return made


@dataclass
class Received:
    """One received webhook."""

    event: str
    guid: str
    headers: dict[str, str]
    payload: dict[str, Any]

    @property
    def name(self) -> str:
        """`event.action`, or the event alone."""
        return f"{self.event}.{self.payload['action']}" if "action" in self.payload else self.event


@dataclass
class Receiver:
    """Receives webhooks, rejects wrong signatures, responds with `status`."""

    url: str = ""
    status: int = 202
    got: list[Received] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def names(self) -> list[str]:
        """The names of all received webhooks, in order."""
        return [received.name for received in self.got]

    async def receive(self, request: web.Request) -> web.Response:
        """Store one webhook."""
        body = await request.read()
        digest = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers.get("X-Hub-Signature-256", ""), f"sha256={digest}"):
            return web.Response(status=401)
        headers = {name.lower(): value for name, value in request.headers.items()}
        async with self.arrived:
            self.got.append(
                Received(headers["x-github-event"], headers["x-github-delivery"], headers, json.loads(body))
            )
            self.arrived.notify_all()
        return web.Response(status=self.status, text="accepted")

    async def wait_for(self, name: str, count: int = 1) -> Received:
        """Wait for the count-th webhook of that name, and return it."""
        async with asyncio.timeout(DEADLINE), self.arrived:
            await self.arrived.wait_for(lambda: self.names.count(name) >= count)
        return [received for received in self.got if received.name == name][count - 1]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A running webhook receiver."""
    made = Receiver()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/webhook", made.receive)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    yield made
    await runner.cleanup()


@dataclass
class Response:
    """A response of the REST API."""

    status: int
    headers: dict[str, str]
    body: Any


class Rest:
    """A client of the REST API with one credential."""

    def __init__(self, session: ClientSession, url: str, credential: str) -> None:
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {credential}"} if credential else {}

    async def __call__(self, method: str, path: str, json_body: Any = None, **headers: str) -> Response:
        """Send one request. path: a path, or a whole URL."""
        url = path if path.startswith("http") else self._url + path
        async with self._session.request(method, url, json=json_body, headers=self._headers | headers) as response:
            text = await response.text()
            lower = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status, lower, json.loads(text) if text.startswith(("{", "[")) else text)


@asynccontextmanager
async def rest(stand_in: StandIn, credential: str = "") -> AsyncIterator[Rest]:
    """A client for the duration of the block."""
    async with ClientSession() as session:
        yield Rest(session, stand_in.url, credential)


async def token_of(stand_in: StandIn, **body: Any) -> str:
    """Create an installation token."""
    async with rest(stand_in, stand_in.app_jwt()) as app:
        path = f"/app/installations/{stand_in.installation_id}/access_tokens"
        made = await app("POST", path, body or None)
        assert made.status == 201, made.body
        return str(made.body["token"])


@asynccontextmanager
async def installed(stand_in: StandIn, **body: Any) -> AsyncIterator[Rest]:
    """A client with an installation token, whose paths are below the repository's URL."""
    async with rest(stand_in, await token_of(stand_in, **body)) as client:
        client._url = stand_in.repo_url
        yield client
