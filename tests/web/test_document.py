"""The OpenAPI document agrees with the API: it describes the responses to valid and to invalid requests."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from jsonschema_rs import validator_for
from pydantic import BaseModel, TypeAdapter
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok

from bot.db.endpoints import send_test
from bot.db.engine import Database
from bot.db.sealed import Sealer
from bot.db.snapshots import save_snapshots
from bot.queue import connection
from bot.settings import Settings
from bot.web.api import ai
from bot.web.api.models.examples import EXAMPLES
from bot.web.api.models.history import SnapshotView
from bot.web.api.openapi import document
from bot.web.api.routes import BASE, CALLS
from bot.web.application import create_app
from bot.web.auth import Role
from tests.databases import migrated_sqlite
from tests.endpoints import set_endpoint
from tests.servers import Valkey
from tests.snapshots import EVERY_KIND
from tests.standin import key_pair
from tests.tokens import granted, token_for
from tests.web.filled import Filled, fill

DOCUMENT = document(CALLS, "http://127.0.0.1/api/v1")
FOUND = [
    operation.ok()
    for operation in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
    if isinstance(operation, Ok)
]
OPERATIONS = {operation.label: operation for operation in FOUND}
CASES = 12


@dataclass
class Running:
    """The application in a separate thread, because schemathesis sends requests synchronously."""

    url: str
    token: str
    rows: Filled
    other: UUID
    message: UUID


async def _opened(config: Settings) -> tuple[TestServer, Database, Running]:
    db, redis = Database(config.database_url), connection.connect(config.redis_url)
    app = create_app(config, db, redis)
    app[ai.REPLY_TIMEOUT] = 0.05
    app.on_cleanup.append(lambda _: redis.aclose())
    server = TestServer(app)
    await server.start_server()
    rows = await fill(db)
    await save_snapshots(db, rows.public, "a" * 40, EVERY_KIND)
    await set_endpoint(db, Sealer(config.secret_keys), rows.public, "https://example.org/hook")
    message = await send_test(db, rows.public)
    assert message is not None
    other = (await granted(db, "other", Role.VIEWER)).user.id
    token = await token_for(config, db, "root", Role.ADMIN)
    return server, db, Running(str(server.make_url(BASE)), token, rows, other, message)


@pytest.fixture
def running(tmp_path: Path, valkey: Valkey) -> Iterator[Running]:
    """A new application with a new database for each operation, because some operations delete rows."""
    config = Settings(
        webhook_secrets=("s" * 32,),
        secret_key="a key of the tests, long enough to be one",
        app_id=1,
        private_key=key_pair()[0],
        github_api_url="http://127.0.0.1:9",
        database_url=migrated_sqlite(tmp_path / "test.db"),
        redis_url=valkey.url,
        data_dir=tmp_path,
        public_url="http://127.0.0.1",
        api_rate=1_000_000,
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server, db, opened = asyncio.run_coroutine_threadsafe(_opened(config), loop).result()
    yield opened
    asyncio.run_coroutine_threadsafe(server.close(), loop).result()
    asyncio.run_coroutine_threadsafe(db.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def known(path: str, running: Running) -> dict[str, Any]:
    """Path parameters of existing resources."""
    rows = running.rows
    places = {"insights": rows.insights[0], "users": running.other}
    found = {"id": str(places.get(path.split("/")[1], rows.public)), "job_id": str(rows.analysis), "number": 7}
    found["message"] = str(running.message)
    return {name: value for name, value in found.items() if f"{{{name}}}" in path}


@pytest.mark.xdist_group("document")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("label", list(OPERATIONS))
def test_every_response_is_described_by_the_document(label: str, mode: GenerationMode, running: Running) -> None:
    operation = OPERATIONS[label]
    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
    if mode is GenerationMode.NEGATIVE:
        if not (operation.path_parameters or operation.query or operation.body):
            pytest.skip("the operation has no parameters")
        checks.append(negative_data_rejection)
    there = known(operation.path, running)
    real = {"repository_id": str(running.rows.public), "github_url": "https://github.com/octo/public"}
    real["address"] = "ann@example.org"
    statuses: set[int] = set()

    def ask(case: "schemathesis.Case[Any]") -> None:
        if isinstance(case.body, dict) and mode is GenerationMode.POSITIVE:
            case.body |= {name: value for name, value in real.items() if name in case.body}
        answer = case.call(base_url=running.url, headers={"Authorization": f"Bearer {running.token}"})
        assert answer.status_code != 500
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=checks)

    quick = settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    quick(given(operation.as_strategy(mode))(ask))()
    if mode is GenerationMode.POSITIVE:
        # The same with ids of existing rows, which random values would not hit.
        quick(given(operation.as_strategy(mode, path_parameters=there or None))(ask))()
        assert statuses - {401, 404, 422} or label == "POST /auth/token"


def test_every_call_is_in_the_document() -> None:
    described = {(method.upper(), path) for path, calls in DOCUMENT["paths"].items() for method in calls}
    assert described == {(operation.method, operation.path) for operation in CALLS}
    assert all(call.description for call in CALLS)


SNAPSHOTS = ("HotspotsView", "OwnershipView", "CouplingView", "ModelCardView", "BackTestView")


def test_every_field_is_described() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, property_ in schema.get("properties", {}).items():
            assert property_.get("description"), f"{name}.{field}"


def test_the_snapshots_have_the_fields_of_the_stored_facts() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    waiting, seen = list(SNAPSHOTS), set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for field, schema in schemas[name].get("properties", {}).items():
            assert schema.get("description"), f"{name}.{field}"
            assert schema.keys() & {"type", "$ref", "anyOf"}, f"{name}.{field}"
        referred = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(schemas[name])))
        waiting += sorted(referred - seen)
    assert seen >= {
        "HotspotFile",
        "OwnedFile",
        "CoupledPair",
        "ModelScores",
        "JudgedChange",
        "ReplayedRemark",
        "Verdict",
    }
    lines = schemas["OwnedFile"]["properties"]["inactive_share"]["description"]
    assert "0 to 1" in lines and "inactive_after_days" in lines


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, media type) of every body of the document."""
    for path, calls in DOCUMENT["paths"].items():
        for method, operation in calls.items():
            where = f"{method.upper()} {path}"
            bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
            for name, body in bodies.items():
                for kind, content in body.get("content", {}).items():
                    yield f"{where} {name} {kind}", content


def test_every_body_has_an_example_that_its_schema_allows() -> None:
    missing, wrong = [], []
    for where, content in _contents():
        if "example" not in content:
            missing.append(where)
            continue
        schema = content["schema"] | {"components": DOCUMENT["components"]}
        wrong += [f"{where}: {error.message}" for error in validator_for(schema).iter_errors(content["example"])]
    assert (missing, wrong) == ([], [])


def test_every_path_parameter_has_an_example() -> None:
    parameters = [
        parameter
        for calls in DOCUMENT["paths"].values()
        for operation in calls.values()
        for parameter in operation["parameters"]
        if parameter["in"] == "path"
    ]
    assert parameters
    assert [one["name"] for one in parameters if one.get("example") is None] == []


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_an_example_is_what_its_model_reads_and_writes(model: type[BaseModel]) -> None:
    """Also values that the schema does not see, such as an unknown enum member or a field that is left out."""
    known = TypeAdapter(model)
    value = known.validate_json(orjson.dumps(EXAMPLES[model]))
    assert model in {one for call in CALLS for one in (call.body, call.answer)}
    if model in {call.answer for call in CALLS}:
        left_out = isinstance(value, SnapshotView)
        assert orjson.loads(known.dump_json(value, exclude_defaults=left_out)) == EXAMPLES[model]


def test_docs_name_every_kind_of_problem() -> None:
    root = Path(__file__).parents[2]
    sources = [path.read_text() for path in (root / "bot/web/api").glob("*.py")]
    kinds = {kind for text in sources for kind in re.findall(r'problem\(\s*\d+,\s*"([a-z-]+)"', text)}
    assert len(kinds) > 15
    table = (root / "docs/api.md").read_text()
    assert sorted(kind for kind in kinds if f"`{kind}`" not in table) == []
