"""Many repositories at one address: a stand-in for GitHub for each, behind a proxy that counts the requests."""

import contextlib
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, web

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.local import HUB, STATE, WATCH, LocalConfig, create_app
from tests.servers import free_port
from tests.standin import APP_ID, WEBHOOK_SECRET, key_pair

_HOP = {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "content-encoding"}
_MAX_BODY = 32 * 1024 * 1024


@dataclass(slots=True)
class Served:
    """The stand-in of one repository. port: where it listens."""

    app: web.Application
    port: int

    async def look(self) -> None:
        """Read the repository now, and send the webhooks of what has changed."""
        await self.app[WATCH].look()

    def concluded(self, sha: str) -> bool:
        """Whether a check run on a commit has ended."""
        return any(run.status == "completed" for run in self.app[STATE].runs_at(sha))


@dataclass(slots=True)
class Fleet:
    """All repositories, in the order of their folders.

    counted: the requests by kind: `rest`, `unchanged` (304, which costs nothing of the limit), `token`, `app`, `git`.
    """

    served: list[Served] = field(default_factory=list)
    by_name: dict[str, Served] = field(default_factory=dict)
    by_id: dict[int, Served] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)

    def of(self, path: str, body: bytes) -> tuple[str, Served]:
        """The kind of a request, and who answers it."""
        words = path.strip("/").split("/")
        match words:
            case ["app", "installations", _, "access_tokens"]:
                ids = json.loads(body or b"{}").get("repository_ids") or [0]
                return "token", self.by_id.get(ids[0], self.served[0])
            case ["repositories", number, *_] if number.isdecimal():
                return "rest", self.by_id.get(int(number), self.served[0])
            case ["repos", owner, name, *_]:
                return "rest", self.by_name.get(f"{owner}/{name}", self.served[0])
            case [owner, name, *_] if name.endswith(".git"):
                return "git", self.by_name.get(f"{owner}/{name.removesuffix('.git')}", self.served[0])
        return "app", self.served[0]


@contextlib.asynccontextmanager
async def serving(folders: list[Path], folder: Path, webhook_url: str, port: int) -> AsyncIterator[Fleet]:
    """Serve the repositories for the duration of the block. Nothing is sent of them before `look`."""
    fleet = Fleet()
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession(auto_decompress=False))
        for number, repository in enumerate(folders):
            one = await _serve(stack, repository, folder / f"github{number}", webhook_url, f"http://127.0.0.1:{port}")
            identity = one.app[HUB].identity
            fleet.served.append(one)
            fleet.by_name[identity.full_name] = fleet.by_id[identity.repository_id] = one

        async def forward(request: web.Request) -> web.Response:
            body = await request.read()
            kind, one = fleet.of(request.path, body)
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
            url = f"http://127.0.0.1:{one.port}{request.raw_path}"
            async with session.request(request.method, url, data=body, headers=headers, allow_redirects=False) as got:
                kept = {name: value for name, value in got.headers.items() if name.lower() not in _HOP}
                if "content-encoding" in got.headers:
                    kept["content-encoding"] = got.headers["content-encoding"]
                fleet.counted["unchanged" if got.status == 304 else kind] += 1
                return web.Response(status=got.status, body=await got.read(), headers=kept)

        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", forward)
        await _listen(stack, app, port)
        yield fleet


async def _serve(stack: contextlib.AsyncExitStack, repository: Path, folder: Path, webhook: str, url: str) -> Served:
    config = LocalConfig(
        repository=repository,
        data_dir=folder,
        webhook_url=webhook,
        webhook_secret=WEBHOOK_SECRET,
        app_id=APP_ID,
        public_key_pem=key_pair()[1],
        base_url=url,
        newest=0,
        poll_seconds=86_400.0,
    )
    one = Served(create_app(config), free_port())
    await _listen(stack, one.app, one.port)
    return one


async def _listen(stack: contextlib.AsyncExitStack, app: web.Application, port: int) -> None:
    runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", port).start()
