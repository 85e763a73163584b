"""The page on the API (`/api/v1/docs`): a visitor tries the calls in Swagger UI; without scripts, they are text.

A visitor who is signed in can use the session: the script asks for a token that is valid as long as the session's own.
"""

from datetime import timedelta
from typing import Any

import orjson
from aiohttp import web

from bot.db import access
from bot.db.access import ACCESS
from bot.web import session
from bot.web.api.docs_page import DOCUMENT
from bot.web.api.openapi import Document
from bot.web.auth import KEYS, sign
from bot.web.health import DATABASE
from bot.web.pages import swagger_ui
from bot.web.pages.access import actor
from bot.web.pages.frame import page, visitor

_TOKEN_LIFETIME = timedelta(minutes=15)


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/api/v1/docs", api_docs)
    app.router.add_post("/api/v1/docs/token", session_token)


@page("api.html", scripts=True)
async def api_docs(request: web.Request) -> dict[str, Any]:
    """Every call with its parameters, its body, its responses, examples, and a curl command."""
    await visitor(request)
    document = request.app[DOCUMENT]()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            entry = {"method": method.upper(), "path": path, "curl": _curl(document, method.upper(), path, operation)}
            groups.setdefault(operation["tags"][0], []).append(entry | operation)
    return {
        "document": document,
        "groups": groups,
        "schemas": document["components"]["schemas"],
        "kind": _kind,
        "swagger_ui": swagger_ui,
    }


async def session_token(request: web.Request) -> web.Response:
    """A token for the visitor's session, for the script of the page.

    A bearer token is not accepted here, so that nobody can prolong a token without end. Raises HTTPNotFound without a
    session, and HTTPForbidden for a request of another site.
    """
    db = request.app[DATABASE]
    identity = await session.visitor(request, db)
    user = await access.get_user(db, identity.user_id) if identity is not None else None
    if identity is None or user is None:
        raise web.HTTPNotFound
    issued = await access.issue_token(db, user, ACCESS, identity.role, _TOKEN_LIFETIME, actor(request, identity))
    body = {"token": sign(request.app[KEYS], issued), "expires_in": int(_TOKEN_LIFETIME.total_seconds())}
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers={"Cache-Control": "no-store"})


def _curl(document: Document, method: str, path: str, operation: dict[str, Any]) -> str:
    lines = ["curl" if method == "GET" else f"curl -X {method}"]
    if operation.get("security") != []:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if "requestBody" in operation:
        lines.append("-H 'Content-Type: application/json' -d '{…}'")
    address = path.replace("{", "$").replace("}", "").replace("$job_id", "$JOB_ID").replace("$id", "$ID")
    return " \\\n  ".join([*lines, f'"{document["servers"][0]["url"]}{address.replace("$number", "$NUMBER")}"'])


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words: the name of the schema that it refers to, or its type and limits."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    words = [str(schema.get("type", schema.get("const", "anything")))]
    words += [str(schema["format"])] if "format" in schema else []
    limits = {"minimum": "≥", "maximum": "≤", "maxLength": "length ≤", "maxItems": "items ≤"}
    words += [f"{sign} {schema[name]:,}" for name, sign in limits.items() if name in schema]
    words += [f"default {schema['default']}"] if "default" in schema else []
    return ", ".join(words)
