"""Posts webhooks: signs each one, records the attempt, keeps the order. It never retries, as on GitHub.

Sources: docs.github.com/webhooks/webhook-events-and-payloads ("Delivery headers"),
docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries.
"""

import asyncio
import hashlib
import hmac
import logging
import time
import uuid
from contextlib import suppress
from urllib.parse import urlsplit

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.local.config import HOOK_ID, LocalConfig
from bot.local.records import Delivery, now
from bot.local.representations import Json
from bot.local.state import State

_log = logging.getLogger(__name__)
_TIMEOUT = 10
_UNREACHABLE = 502
_TIMED_OUT = 504
_MAX_RESPONSE = 10_000


class Webhooks:
    """The queue of outgoing deliveries."""

    def __init__(self, config: LocalConfig, state: State, *, startup_timeout: float = 60.0) -> None:
        """Load the deliveries that have not been attempted.

        startup_timeout: how many seconds the first delivery waits for the receiver to listen.
        """
        self.url = config.webhook_url
        self._config = config
        self._state = state
        self._startup_timeout = startup_timeout
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        for delivery in state.deliveries:
            if not delivery.status_code:
                self._queue.put_nowait(delivery)

    def send(self, event: str, payload: Json) -> Delivery:
        """Enqueue a webhook."""
        delivery = Delivery(
            id=self._state.new_id(),
            guid=str(uuid.uuid4()),
            event=event,
            action=payload.get("action"),
            payload=msgspec.json.encode(payload).decode(),
        )
        return self._enqueue(delivery)

    def redeliver(self, old: Delivery) -> Delivery:
        """Enqueue a delivery again: the same guid and payload, a new id."""
        return self._enqueue(
            Delivery(
                id=self._state.new_id(),
                guid=old.guid,
                event=old.event,
                action=old.action,
                payload=old.payload,
                redelivery=True,
            )
        )

    def _enqueue(self, delivery: Delivery) -> Delivery:
        self._state.deliveries.save(delivery)
        self._queue.put_nowait(delivery)
        return delivery

    async def settled(self) -> None:
        """Wait until every enqueued delivery has been attempted."""
        await self._queue.join()

    async def run(self) -> None:
        """Send the enqueued deliveries until cancelled."""
        await self._wait_for_receiver()
        async with ClientSession(timeout=ClientTimeout(total=_TIMEOUT)) as session:
            while True:
                delivery = await self._queue.get()
                try:
                    await self._deliver(session, delivery)
                finally:
                    self._queue.task_done()

    async def _wait_for_receiver(self) -> None:
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        deadline = time.monotonic() + self._startup_timeout
        while time.monotonic() < deadline:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(parts.hostname, port)
                writer.close()
                return
            await asyncio.sleep(0.1)
        _log.warning("no server listens at %s after %d s; sending webhooks anyway", self.url, self._startup_timeout)

    async def _deliver(self, session: ClientSession, delivery: Delivery) -> None:
        body = delivery.payload.encode()
        delivery.request_headers = self._headers(delivery, body)
        delivery.delivered_at = now()
        start = time.monotonic()
        try:
            async with session.post(
                self.url, data=body, headers=delivery.request_headers, allow_redirects=False
            ) as response:
                text = await response.content.read(_MAX_RESPONSE)
                delivery.status_code = response.status
                delivery.response_headers = dict(response.headers)
                delivery.response_body = text.decode("utf-8", "replace")
            ok = 200 <= delivery.status_code < 300
            delivery.status = "OK" if ok else f"Invalid HTTP Response: {delivery.status_code}"
        except TimeoutError:
            delivery.status, delivery.status_code = "timed out", _TIMED_OUT
        except (ClientError, OSError):
            delivery.status, delivery.status_code = "failed to connect to host", _UNREACHABLE
        delivery.duration = time.monotonic() - start
        if delivery.status != "OK":
            _log.warning("webhook %s %s was not delivered: %s", delivery.event, delivery.guid, delivery.status)
        self._state.deliveries.save(delivery)
        self._state.delete_old_deliveries()

    def _headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        digest = hmac.new(self._config.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/0000000",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": str(HOOK_ID),
            "X-GitHub-Hook-Installation-Target-ID": str(self._config.app_id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
