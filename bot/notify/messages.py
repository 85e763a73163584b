"""What a webhook's body says: the type, when it happened, and the data with a link to the rest."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson


def webhook_body(kind: str, at: datetime, payload: Mapping[str, Any], public_url: str) -> bytes:
    """The JSON of a message, the same bytes at every attempt. at: when it happened, not when it is sent."""
    data = dict(payload)
    if (url := details_url(payload, public_url)) is not None:
        data["url"] = url
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return orjson.dumps({"type": kind, "timestamp": moment, "data": data})


def details_url(payload: Mapping[str, Any], public_url: str) -> str | None:
    """The page of the analysis that a payload is about; None when it is about none."""
    if "analysis_id" not in payload:
        return None
    return f"{public_url}/repositories/{payload['repository']['id']}/analyses/{payload['analysis_id']}"
