"""Every request and response of the stand-in held against GitHub's own REST description.

The description is the slice that `slice_openapi.py` cuts. OpenAPI 3.0's `nullable` becomes JSON Schema's null type;
request bodies are closed, so that a misspelt field fails; rules that GitHub states in words only are added.
"""

import gzip
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from aiohttp import web

from bot.local.responses import FaultResponse

SLICE = Path(__file__).with_name("github-openapi.json.gz")
API_ROOT = "/api/v3"
KILOBYTES_64 = 64 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def to_json_schema(node: Any, *, closed: bool = False) -> Any:
    """OpenAPI 3.0 as JSON Schema 2020-12; closed: objects that name their properties have no others."""
    if isinstance(node, list):
        return [to_json_schema(item, closed=closed) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: to_json_schema(value, closed=closed) for key, value in node.items() if key != "nullable"}
    if closed and isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") is True else made


@dataclass
class Operation:
    """One operation of the description, compiled."""

    method: str
    pattern: re.Pattern[str]
    parameters: list[tuple[str, str, bool, Any]]
    body: Any | None
    body_required: bool
    responses: dict[str, Any | None]


@dataclass
class Contract:
    """The operations, and the components that they refer to."""

    operations: list[Operation] = field(default_factory=list)

    def find(self, method: str, path: str) -> Operation | None:
        """The operation for a request; the path with the fewest variables wins."""
        found = [one for one in self.operations if one.method == method and one.pattern.fullmatch(path)]
        return min(found, key=lambda one: one.pattern.groups, default=None)


@cache
def contract() -> Contract:
    """The slice, compiled once."""
    description = json.loads(gzip.decompress(SLICE.read_bytes()))
    components = to_json_schema(description["components"])

    def compiled(schema: Any, *, closed: bool = False) -> Any:
        whole = to_json_schema(schema, closed=closed)
        return jsonschema_rs.validator_for(
            {"allOf": [whole], "components": components}, validate_formats=True, pattern_options=None
        )

    made = Contract()
    for path, methods in description["paths"].items():
        pattern = re.compile(re.sub(r"\\{(\w+)\\}", _variable, re.escape(path)))
        for method, operation in methods.items():
            given = [_followed(one, description) for one in operation.get("parameters", [])]
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            made.operations.append(
                Operation(
                    method.upper(),
                    pattern,
                    [(one["in"], one["name"], one.get("required", False), compiled(one["schema"])) for one in given],
                    compiled(content["schema"], closed=True) if content else None,
                    operation.get("requestBody", {}).get("required", False),
                    {
                        status: _response(_followed(response, description), compiled)
                        for status, response in operation["responses"].items()
                    },
                )
            )
    return made


def _variable(match: re.Match[str]) -> str:
    inner = ".+" if match[1] == "ref" else "[^/]+"
    return f"(?P<{match[1]}>{inner})"


def _followed(node: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        _, _, section, name = node["$ref"].split("/")
        node = description["components"][section][name]
    return node


def _response(response: dict[str, Any], compiled: Callable[[Any], Any]) -> Any | None:
    content = response.get("content", {}).get("application/json")
    return compiled(content["schema"]) if content else None


def check_request(method: str, path: str, query: dict[str, str], body: bytes) -> list[str]:
    """What is wrong with a request, as sentences."""
    operation = contract().find(method, path)
    if operation is None:
        return [f"{method} {path} is no operation of the slice"]
    match = operation.pattern.fullmatch(path)
    values = {"path": match.groupdict() if match else {}, "query": query, "header": {}}
    wrong = [f"query {name} is unknown" for name in query if ("query", name) not in _places(operation)]
    for place, name, required, validator in operation.parameters:
        if name not in values[place]:
            wrong += [f"{place} {name} is missing"] if required else []
        elif not any(validator.is_valid(value) for value in _readings(values[place][name])):
            wrong.append(f"{place} {name}: {values[place][name]!r}")
    return [f"{method} {path}: {what}" for what in wrong + _check_body(operation, body)]


def _places(operation: Operation) -> set[tuple[str, str]]:
    return {(place, name) for place, name, _, _ in operation.parameters}


def _readings(text: str) -> list[Any]:
    return [text] + ([int(text)] if re.fullmatch(r"-?\d{1,18}", text) else [])


def _check_body(operation: Operation, body: bytes) -> list[str]:
    if not body:
        return ["a body is required"] if operation.body_required else []
    if operation.body is None:
        return [] if body in {b"{}", b"null"} else ["a body is not expected"]
    try:
        value = json.loads(body)
    except ValueError:
        return ["the body is not JSON"]
    found = operation.body.iter_errors(value)
    wrong = [f"body: {error.message[:300]} at {list(error.instance_path)}" for error in found]
    return wrong + (words_only(value) if isinstance(value, dict) else [])


def words_only(body: dict[str, Any]) -> list[str]:
    """The rules of check runs and comments that GitHub states in words, not in the schema."""
    wrong = []
    if (body.get("status") == "completed" or "completed_at" in body) and not body.get("conclusion"):
        wrong.append("completed without a conclusion")
    if body.get("conclusion") == "stale":
        wrong.append("only GitHub sets the conclusion stale")
    if len(body.get("body") or "") > 65_536:
        wrong.append("a comment of more than 65,536 characters")
    output = body.get("output")
    remarks = output.get("annotations") if isinstance(output, dict) else None
    for remark in remarks or []:
        wrong += _annotation(remark)
    return wrong


def _annotation(remark: dict[str, Any]) -> list[str]:
    start, end = remark.get("start_line", 1), remark.get("end_line", 1)
    wrong = []
    if start < 1 or end < start:
        wrong.append(f"annotation lines {start} to {end}")
    if start != end and ("start_column" in remark or "end_column" in remark):
        wrong.append("annotation columns over several lines")
    if len(remark.get("title") or "") > 255:
        wrong.append("an annotation title of more than 255 characters")
    sizes = {name: len((remark.get(name) or "").encode()) for name in ("message", "raw_details")}
    return wrong + [f"annotation {name} of more than 64 KB" for name, size in sizes.items() if size > KILOBYTES_64]


def check_response(method: str, path: str, status: int, body: bytes) -> list[str]:
    """What is wrong with a response, as sentences. Errors that the description leaves out need a message only."""
    operation = contract().find(method, path)
    if operation is None:
        return []
    where = f"{method} {path} answered {status}"
    if status == 304 and method == "GET":  # the description names it for some of the operations that answer with it
        return [f"{where}: with a body"] if body else []
    if str(status) not in operation.responses:
        return [] if status >= 400 and b'"message"' in body else [f"{where}: not described"]
    validator = operation.responses[str(status)]
    if validator is None:
        return [f"{where}: a body is not described"] if body and status < 300 and body != b"{}" else []
    try:
        value = json.loads(body)
    except ValueError:
        return [f"{where}: not JSON"]
    return [f"{where}: {one.message[:300]} at {list(one.instance_path)}" for one in validator.iter_errors(value)][:5]


def checking(violations: list[str]) -> Any:
    """A middleware that collects what breaks the contract. Paths that are not of the REST API pass unchecked."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.rel_url.raw_path.removeprefix(API_ROOT)
        rest = path == "/app" or path.startswith(
            ("/app/", "/app-manifests/", "/installation", "/rate_limit", "/repos/")
        )
        if rest:
            violations.extend(check_request(request.method, path, dict(request.query), await request.read()))
        response = await handler(request)
        if rest and isinstance(response, web.Response) and not isinstance(response, FaultResponse):
            body = response.body if isinstance(response.body, bytes) else b""
            violations.extend(check_response(request.method, path, response.status, body))
        return response

    return check
