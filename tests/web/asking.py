"""Asking the REST API as somebody."""

import json
from dataclasses import dataclass
from typing import Any

from bot.web.auth import Role
from tests.tokens import token_for
from tests.web.conftest import Web
from tests.web.filled import Filled


@dataclass
class Answer:
    """A status, a content type and a document; headers as aiohttp has them."""

    status: int
    kind: str
    body: Any
    headers: Any


@dataclass
class Api:
    """The API, and what is stored."""

    web: Web
    rows: Filled

    async def __call__(
        self, path: str, token: str | None = "", method: str = "GET", body: Any = None, role: Role = Role.VIEWER
    ) -> Answer:
        """Ask; token None sends none, "" one of alice with this role. body: sent as JSON."""
        if token == "":
            token = await token_for(self.web.settings, self.web.db, role=role)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        url = f"/api/v1{path}"
        async with self.web.client.request(method, url, headers=headers, json=body) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Request-Id"]
            content = await answer.text()
            return Answer(answer.status, answer.content_type, json.loads(content) if content else None, answer.headers)


def assert_problem(answer: Answer, status: int) -> None:
    """RFC 9457."""
    assert (answer.status, answer.kind) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= set(answer.body)
    assert answer.body["status"] == status
    assert answer.body["type"].startswith("https://")
    assert answer.body["detail"].endswith(".")
