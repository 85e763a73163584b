"""Builds the body of a webhook: the type, the time of the event, and the data with a link to the analysis."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.domain.notifications import NotificationKind


def webhook_body(kind: NotificationKind, at: datetime, payload: Mapping[str, Any], public_url: str) -> bytes:
    """Return the body as JSON. It is the same at every attempt. at: the time of the event."""
    data = dict(payload)
    if (url := details_url(payload, public_url)) is not None:
        data["url"] = url
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return orjson.dumps({"type": kind, "timestamp": moment, "data": data})


def details_url(payload: Mapping[str, Any], public_url: str) -> str | None:
    """Return the URL of the payload's analysis, or None if it has none."""
    if "analysis_id" not in payload:
        return None
    return f"{public_url}/repositories/{payload['repository']['id']}/analyses/{payload['analysis_id']}"
