"""Send webhooks as GitHub does."""

import hashlib
import hmac
import json
import uuid
from typing import Any

from aiohttp import ClientSession

from bot.settings import Settings


def signature(secret: str, body: bytes) -> str:
    """The value of the header X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(secret: str, event: str, body: bytes, delivery: str | None = None) -> dict[str, str]:
    """The headers of a delivery."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-Hub-Signature-256": signature(secret, body),
    }


async def post_webhook(settings: Settings, event: str, payload: Any) -> int:
    """Send a correctly signed delivery; returns the status of the response."""
    body = json.dumps(payload).encode()
    async with ClientSession() as session:
        url = f"{settings.public_url}/webhook"
        async with session.post(url, data=body, headers=headers(settings.webhook_secrets[0], event, body)) as answer:
            return answer.status
