"""The OpenAPI 3.1 document, made from the table of calls and their models. https://spec.openapis.org/oas/v3.1.0"""

import re
from collections.abc import Iterable, Sequence
from inspect import getdoc
from typing import Any, Literal, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot import __version__
from bot.web.api.calls import Call
from bot.web.api.models.base import ProblemDocument
from bot.web.api.problems import TITLES

Document = dict[str, Any]
Mode = Literal["validation", "serialization"]
Used = tuple[type[object], Mode]
_REF = "#/components/schemas/{model}"
_ANY = (429, 500)
_WITH_BODY = (400, 408, 413, 415, 422)
_SECURITY = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
_ABOUT = """History for admins: repositories, analyses and insights.

`gitinsight token create --user NAME --role viewer` prints a token. Errors are `application/problem+json` (RFC 9457).
What you may not see answers the same 404 as what is not there."""
_RATE_HEADERS = {
    "RateLimit": "How many requests are left, and for how long.",
    "RateLimit-Policy": "How many requests are allowed.",
    "X-Request-Id": "The id of this request in the operator's log; yours, if you sent one.",
}


def document(calls: Sequence[Call], url: str) -> Document:
    """The whole document. url: where the API is reached."""
    schemas = _schemas(calls)
    paths: Document = {}
    parameters = {one.query.__name__ for one in calls if one.query is not None}
    for one in calls:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GitInsight",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {name: one for name, one in schemas[1].items() if name not in parameters},
            "securitySchemes": _SECURITY,
        },
    }


def _schemas(calls: Iterable[Call]) -> tuple[dict[Used, Document], Document]:
    """The schema of each model where it is used, and the definitions that they refer to."""
    models: dict[Used, None] = {(ProblemDocument, "serialization"): None}
    for one in calls:
        for model in (one.query, one.body):
            if model is not None:
                models[model, "validation"] = None
        if one.answer is not None:
            models[one.answer, "serialization"] = None
    wanted = [(cast(type[BaseModel], model), mode) for model, mode in models]
    found, definitions = models_json_schema(wanted, ref_template=_REF)
    for one in definitions["$defs"].values():
        _describe_fields(one)
    return {(cast(type[object], model), mode): shape for (model, mode), shape in found.items()}, definitions["$defs"]


def _describe_fields(schema: Document) -> None:
    """Give the lines `field: meaning` of a class's docstring to its fields; what stands before them stays."""
    properties: Document = schema.get("properties", {})
    about: list[str] = []
    field = None
    for line in schema.get("description", "").split("\n"):
        name, colon, meaning = line.partition(": ")
        if colon and name in properties and (about[-1:] == [""] or field):
            field = properties[name]
            field["description"] = f"{meaning[:1].upper()}{meaning[1:]}"
        elif field and line:
            field["description"] += f" {line.strip()}"
        else:
            about.append(line)
    if field:
        schema["description"] = "\n".join(about).strip()


def _operation(one: Call, schemas: tuple[dict[Used, Document], Document]) -> Document:
    by_model, definitions = schemas
    summary, _, more = one.about.partition("\n\n")
    operation: Document = {
        "operationId": one.name,
        "summary": summary.replace("\n", " ").strip(),
        "tags": [one.path.split("/")[1]],
        "parameters": [*_path_parameters(one.path), *_query_parameters(one, by_model, definitions)],
        "responses": _responses(one, by_model),
    }
    if more:
        operation["description"] = more.strip()
    if one.open:
        operation["security"] = []
    if one.body is not None:
        content = {"application/json": {"schema": by_model[one.body, "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _path_parameters(path: str) -> list[Document]:
    kinds: Document = {"number": {"type": "integer", "minimum": 1, "maximum": 10**15 - 1}}
    return [
        {"name": name, "in": "path", "required": True, "schema": kinds.get(name, {"type": "string", "format": "uuid"})}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(one: Call, by_model: dict[Used, Document], definitions: Document) -> list[Document]:
    if one.query is None:
        return []
    shape = definitions[by_model[one.query, "validation"]["$ref"].rpartition("/")[2]]
    return [_query_parameter(name, schema) for name, schema in shape["properties"].items()]


def _query_parameter(name: str, schema: Document) -> Document:
    """A parameter that may be left out is no null: a query has none."""
    about = schema.get("description")
    schema = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    if "anyOf" in schema:
        schema |= next(one for one in schema.pop("anyOf") if one.get("type") != "null")
    if schema.get("default", "") is None:
        del schema["default"]
    return {"name": name, "in": "query", "schema": schema, **({"description": about} if about else {})}


def _responses(one: Call, by_model: dict[Used, Document]) -> Document:
    success: Document = {"description": "Done.", "headers": _headers()}
    if one.answer is not None:
        success["description"] = (getdoc(one.answer) or "").partition("\n\n")[0]
        success["content"] = {"application/json": {"schema": by_model[one.answer, "serialization"]}}
    problems = set(one.problems) | set(_ANY)
    if not one.open:
        problems.add(401)
    if one.query is not None:
        problems.add(422)
    if one.body is not None:
        problems |= set(_WITH_BODY)
    content = {"application/problem+json": {"schema": by_model[ProblemDocument, "serialization"]}}
    return {str(one.status): success} | {
        str(status): {"description": TITLES[status], "headers": _headers(), "content": content}
        for status in sorted(problems)
    }


def _headers() -> Document:
    return {name: {"description": about, "schema": {"type": "string"}} for name, about in _RATE_HEADERS.items()}
