"""The OpenAPI document as JSON (`/api/v1/openapi.json`) and as a page (`/api/v1/docs`).

The page is rendered here without a script, so that it has the same strict Content-Security-Policy as all pages.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import aiohttp_jinja2
import orjson
from aiohttp import web

from bot.web.api.openapi import Document

DOCUMENT: web.AppKey[Callable[[], Document]] = web.AppKey("openapi")


def setup(app: web.Application, document: Callable[[], Document]) -> None:
    """Add both routes. The document is made at the first request for it."""
    cached: Callable[[], Document] = cache(document)
    app[DOCUMENT] = cached
    app.router.add_get("/api/v1/openapi.json", as_json)
    app.router.add_get("/api/v1/docs", as_page)


async def as_json(request: web.Request) -> web.Response:
    """The OpenAPI document."""
    return web.Response(body=orjson.dumps(request.app[DOCUMENT]()), content_type="application/json")


@aiohttp_jinja2.template("api.html")
async def as_page(request: web.Request) -> dict[str, Any]:
    """Every call with its parameters, its body, its responses, and a curl command."""
    document = request.app[DOCUMENT]()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            entry = {"method": method.upper(), "path": path, "curl": _curl(document, method.upper(), path, operation)}
            groups.setdefault(operation["tags"][0], []).append(entry | operation)
    return {"document": document, "groups": groups, "schemas": document["components"]["schemas"], "kind": _kind}


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
