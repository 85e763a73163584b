"""A webhook receiver on this machine. The test sets its responses."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook


@dataclass
class Receiver:
    """The received webhooks, and the responses to them.

    answers: the status of each response; the last one is used for all further requests.
    headers: the headers of all responses.
    bodies: the received bodies.
    sent: the received headers.
    """

    url: str
    answers: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """Return all payloads, verified with the library of Standard Webhooks. Raises WebhookVerificationError."""
        return [Webhook(secret).verify(body, headers) for body, headers in zip(self.bodies, self.sent, strict=True)]


@asynccontextmanager
async def running_receiver() -> AsyncIterator[Receiver]:
    """A receiver for the duration of the block."""
    listening = socket.create_server(("127.0.0.1", 0))
    receiver = Receiver(f"http://127.0.0.1:{listening.getsockname()[1]}/hook")

    async def answer(request: web.Request) -> web.Response:
        receiver.bodies.append(await request.read())
        receiver.sent.append(dict(request.headers))
        status = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
        return web.Response(status=status, headers=receiver.headers, text=None if status == 204 else f"said {status}")

    app = web.Application()
    app.router.add_post("/hook", answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    try:
        yield receiver
    finally:
        await runner.cleanup()
