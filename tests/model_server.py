"""A generation model's server for the tests: chat completions over HTTP, as good or bad as a test wants them."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


def completion(text: object) -> bytes:
    """What a server answers whose model wrote the text."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


@dataclass
class Model:
    """A server with a model. respond: how it answers. requests: path and JSON body of each request."""

    port: int = 0
    body: bytes = completion("It fixes the parser.")
    respond: Respond | None = None
    requests: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, await request.json() if request.can_read_body else None))
        if self.respond is not None:
            return await self.respond(request)
        return web.Response(body=self.body, content_type="application/json")


@asynccontextmanager
async def running_model() -> AsyncIterator[Model]:
    """Run a server for the duration of the block."""
    server = Model()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()
