"""Webhook endpoints, the delivery log, and mail subscriptions."""

from typing import Any

from bot.web.api.models import notifications as models
from bot.web.api.models.examples.names import CREATED, LATER, MESSAGE, page
from bot.web.api.models.examples.repositories import HOOK

_ADDRESS = {"address": "ann@example.org", "frequency": "daily"}
_MESSAGE = {
    "id": MESSAGE,
    "webhook_id": "msg_3b1f0c9e7a5d4f6282c4e6a8b0d2f4c6",
    "kind": "analysis.completed",
    "status": "delivered",
    "created_at": CREATED,
    "next_attempt_at": None,
    "attempts": [
        {
            "attempt": 1,
            "at": LATER,
            "status_code": 204,
            "error": None,
            "seconds": 0.21,
            "answer": "",
            "next_attempt_at": None,
        }
    ],
}
EXAMPLES: dict[type[object], Any] = {
    models.Endpoint: {"url": HOOK, "enabled": True, "disabled_reason": None, "created_at": CREATED},
    models.Secret: {"secret": "whsec_QW4gZXhhbXBsZSwgbm90IGEgc2VjcmV0IG9mIGFueW9uZS4="},
    models.Sent: {"message_id": MESSAGE},
    models.MessagePage: page(_MESSAGE),
    models.Subscribe: _ADDRESS,
    models.Subscription: {"id": "6f4e2d1c-0b9a-4877-a665-544332211009", **_ADDRESS},
}
