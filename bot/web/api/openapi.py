"""The OpenAPI 3.1 document, made from the table of calls and from their models. https://spec.openapis.org/oas/v3.1.0"""

import re
from collections.abc import Iterable, Sequence
from inspect import getdoc
from typing import Any, Literal, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot import __version__
from bot.web.api.calls import Call
from bot.web.api.models.base import ProblemDocument
from bot.web.api.models.examples import EXAMPLES
from bot.web.api.models.examples.names import IDS, PATH_PARAMETERS
from bot.web.api.problems import TITLES, problem_example

Document = dict[str, Any]
Mode = Literal["validation", "serialization"]
Used = tuple[type[object], Mode]
_REF = "#/components/schemas/{model}"
_ANY = (429, 500)
_WITH_BODY = (400, 408, 413, 415, 422)
_SECURITY = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
_DESCRIPTION = """The API of GitInsight: repositories, analyses, insights and notifications.

`gitinsight token create --user NAME --role viewer` prints a token. Errors are `application/problem+json` (RFC 9457).
A resource that you may not see is answered with the same 404 as one that does not exist."""
_RATE_HEADERS = {
    "RateLimit": "The number of requests that are left, and the seconds until the limit is reset.",
    "RateLimit-Policy": "The number of requests that are allowed, and the seconds that it holds for.",
    "X-Request-Id": "The id of this request in the operator's log: the one that you sent, or a new one.",
}


def document(calls: Sequence[Call], url: str) -> Document:
    """Make the document. url: the address of the API."""
    schemas = _schemas(calls)
    paths: Document = {}
    parameters = {call.query.__name__ for call in calls if call.query is not None}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GitInsight",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in schemas[1].items() if name not in parameters},
            "securitySchemes": _SECURITY,
        },
    }


def _schemas(calls: Iterable[Call]) -> tuple[dict[Used, Document], Document]:
    """The schema of each model in each mode, and the definitions that these schemas refer to."""
    models: dict[Used, None] = {(ProblemDocument, "serialization"): None}
    for call in calls:
        for model in (call.query, call.body):
            if model is not None:
                models[model, "validation"] = None
        if call.answer is not None:
            models[call.answer, "serialization"] = None
    used = [(cast(type[BaseModel], model), mode) for model, mode in models]
    schemas, definitions = models_json_schema(used, ref_template=_REF)
    for definition in definitions["$defs"].values():
        _describe_fields(definition)
    return {(cast(type[object], model), mode): shape for (model, mode), shape in schemas.items()}, definitions["$defs"]


def _describe_fields(schema: Document) -> None:
    """Move the lines `field: meaning` of a class docstring to the descriptions of the fields."""
    properties: Document = schema.get("properties", {})
    description: list[str] = []
    field = None
    for line in schema.get("description", "").split("\n"):
        name, colon, meaning = line.partition(": ")
        if colon and name in properties and (description[-1:] == [""] or field):
            field = properties[name]
            field["description"] = f"{meaning[:1].upper()}{meaning[1:]}"
        elif field and line:
            field["description"] += f" {line.strip()}"
        else:
            description.append(line)
    if field:
        schema["description"] = "\n".join(description).strip()


def _operation(call: Call, schemas: tuple[dict[Used, Document], Document]) -> Document:
    by_model, definitions = schemas
    summary, _, more = call.description.partition("\n\n")
    operation: Document = {
        "operationId": call.name,
        "summary": summary.replace("\n", " ").strip(),
        "tags": [call.path.split("/")[1]],
        "parameters": [*_path_parameters(call.path), *_query_parameters(call, by_model, definitions)],
        "responses": _responses(call, by_model),
    }
    if more:
        operation["description"] = more.strip()
    if call.open:
        operation["security"] = []
    if call.body is not None:
        content = {"application/json": {"schema": by_model[call.body, "validation"]} | _example(call.body)}
        operation["requestBody"] = {"required": not call.body_optional, "content": content}
    return operation


def _path_parameters(path: str) -> list[Document]:
    kinds: Document = {"number": {"type": "integer", "minimum": 1, "maximum": 10**15 - 1}}
    examples = PATH_PARAMETERS | {"id": IDS.get(path.split("/")[1])}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": kinds.get(name, {"type": "string", "format": "uuid"}),
            "example": examples[name],
        }
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(call: Call, by_model: dict[Used, Document], definitions: Document) -> list[Document]:
    if call.query is None:
        return []
    shape = definitions[by_model[call.query, "validation"]["$ref"].rpartition("/")[2]]
    return [_query_parameter(name, schema) for name, schema in shape["properties"].items()]


def _query_parameter(name: str, schema: Document) -> Document:
    """An optional parameter without its null: a query string has no null."""
    description = schema.get("description")
    schema = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    if "anyOf" in schema:
        schema |= next(option for option in schema.pop("anyOf") if option.get("type") != "null")
    if schema.get("default", "") is None:
        del schema["default"]
    return {"name": name, "in": "query", "schema": schema, **({"description": description} if description else {})}


def _responses(call: Call, by_model: dict[Used, Document]) -> Document:
    success: Document = {"description": "Success.", "headers": _headers()}
    if call.answer is not None:
        success["description"] = (getdoc(call.answer) or "").partition("\n\n")[0]
        schema = by_model[call.answer, "serialization"]
        success["content"] = {"application/json": {"schema": schema} | _example(call.answer)}
    problems = set(call.problems) | set(_ANY)
    if not call.open:
        problems.add(401)
    if call.query is not None:
        problems.add(422)
    if call.body is not None:
        problems |= set(_WITH_BODY)
    schema = by_model[ProblemDocument, "serialization"]
    return {str(call.status): success} | {
        str(status): {
            "description": TITLES[status],
            "headers": _headers(),
            "content": {"application/problem+json": {"schema": schema, "example": problem_example(status)}},
        }
        for status in sorted(problems)
    }


def _example(model: type[object]) -> Document:
    return {"example": EXAMPLES[model]} if model in EXAMPLES else {}


def _headers() -> Document:
    return {
        name: {"description": description, "schema": {"type": "string"}} for name, description in _RATE_HEADERS.items()
    }
