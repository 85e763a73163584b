"""Requests to the REST API as a user."""

import json
from dataclasses import dataclass
from typing import Any

from bot.web.auth import Role
from tests.tokens import token_for
from tests.web.conftest import Web
from tests.web.filled import Filled


@dataclass
class Answer:
    """A response: status, content type, JSON document and headers."""

    status: int
    kind: str
    body: Any
    headers: Any


@dataclass
class Api:
    """A client of the API, and the ids of the stored rows."""

    web: Web
    rows: Filled

    async def __call__(
        self, path: str, token: str | None = "", method: str = "GET", body: Any = None, role: Role = Role.VIEWER
    ) -> Answer:
        """Send a request.

        token: the bearer token; None for none, "" for a token of alice with this role.
        body: sent as JSON.
        """
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
    """Check that the response is a problem document with this status (RFC 9457)."""
    assert (answer.status, answer.kind) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= set(answer.body)
    assert answer.body["status"] == status
    assert answer.body["type"].startswith("https://")
    assert answer.body["detail"].endswith(".")
