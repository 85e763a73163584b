"""Webhook payloads that GitHub's users have published, see NOTICE."""

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).with_name("webhook-examples.json.xz")


@cache
def _packed() -> bytes:
    return lzma.decompress(EXAMPLES.read_bytes())


def examples() -> list[tuple[str, dict[str, Any]]]:
    """All of them as (event, payload); a fresh copy at each call."""
    return [(event, payload) for event, payload in json.loads(_packed())]


def examples_of(event: str, action: str | None = None) -> list[dict[str, Any]]:
    """The payloads of one event, and one action of it."""
    return [
        payload for name, payload in examples() if name == event and (action is None or payload.get("action") == action)
    ]
