"""The webhook: its responses to valid, invalid and hostile deliveries, and the stored rows."""

import asyncio
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.db import deliveries
from bot.dispatch.events import HANDLED
from bot.domain.deliveries import DeliveryStatus
from bot.web.webhook import MAX_BODY, is_signed
from tests.contract.examples import examples
from tests.stack import eventually
from tests.web.conftest import PREVIOUS, SECRET, Web
from tests.web.posting import headers, signature

BODY = b'{"zen": "Keep it logically awesome."}'


async def post(web: Web, body: bytes, changed: dict[str, str | None] | None = None, event: str = "ping") -> int:
    """Send a correctly signed delivery, with some headers changed or, for None, left out; returns the status."""
    sent = headers(SECRET, event, body)
    for name, value in (changed or {}).items():
        if value is None:
            del sent[name]
        else:
            sent[name] = value
    async with web.client.post("/webhook", data=body, headers=sent) as answer:
        return answer.status


def test_the_signature_agrees_with_githubs_documentation() -> None:
    # The test vector of GitHub's documentation, "Validating webhook deliveries".
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_signed(b"Hello, World!", expected, [b"It's a Secret to Everybody"])
    assert not is_signed(b"Hello, World?", expected, [b"It's a Secret to Everybody"])


@given(st.text(), st.binary())
def test_other_signatures_are_refused(given_signature: str, body: bytes) -> None:
    assert not is_signed(body, given_signature, [SECRET.encode()])


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 202),
        ({"X-Hub-Signature-256": None}, 401),
        ({"X-Hub-Signature-256": "sha256=" + "0" * 64}, 401),
        ({"X-Hub-Signature-256": "sha1=abc"}, 401),
        ({"X-Hub-Signature-256": signature("", BODY)}, 401),
        ({"X-Hub-Signature-256": signature(PREVIOUS, BODY)}, 202),
        ({"X-GitHub-Event": None}, 400),
        ({"X-GitHub-Delivery": None}, 400),
        ({"X-GitHub-Delivery": "../../etc"}, 400),
        ({"X-GitHub-Event": "x" * 200}, 400),
        ({"Content-Encoding": "gzip"}, 400),
    ],
)
async def test_headers(web: Web, changed: dict[str, str | None], status: int) -> None:
    assert await post(web, BODY, changed) == status
    assert (len(await deliveries.newest(web.db, 10)) == 1) is (status == 202)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"a":NaN}'])
async def test_bodies_that_are_not_json_objects_are_400(web: Web, body: bytes) -> None:
    assert await post(web, body) == 400


@pytest.mark.parametrize("repository", ["null", "7", "[]", "{}", '{"full_name": 7}', '{"full_name": "a/b\\u0000"}',
                                        '{"full_name": "<b>/c"}', '{"full_name": "a"}'])  # fmt: skip
async def test_what_names_no_repository_is_stored_without_one(web: Web, repository: str) -> None:
    assert await post(web, f'{{"repository": {repository}}}'.encode()) == 202
    assert [one.repository for one in await deliveries.newest(web.db, 10)] == [""]


async def test_bodies_larger_than_the_limit_are_413(web: Web) -> None:
    assert await post(web, b'{"a":"' + b"x" * MAX_BODY + b'"}') == 413
    assert await post(web, b'{"a":"' + b"x" * (MAX_BODY - 100) + b'"}') == 202


async def test_nul_characters_can_be_stored_on_both_databases(web: Web) -> None:
    assert await post(web, b'{"title": "a\\u0000b"}') == 202


async def test_a_repeated_delivery_is_stored_once_and_answered_202(web: Web) -> None:
    sent = headers(SECRET, "ping", BODY)

    async def once() -> int:
        async with web.client.post("/webhook", data=BODY, headers=sent) as answer:
            return answer.status

    assert await asyncio.gather(*(once() for _ in range(20))) == [202] * 20
    assert len(await deliveries.newest(web.db, 100)) == 1


async def test_a_delivery_that_cannot_be_stored_is_503(web: Web) -> None:
    async with web.db.writing() as session:
        await session.execute(text("DROP TABLE deliveries"))
    assert await post(web, BODY) == 503


async def test_every_published_example_is_answered_202_and_dispatched(web: Web) -> None:
    statuses = []
    for event, payload in examples():
        statuses.append(await post(web, orjson.dumps(payload), event=event))
    assert len(statuses) == 329
    assert set(statuses) == {202}

    async def all_dispatched() -> list[deliveries.StoredDelivery] | None:
        stored = await deliveries.newest(web.db, 1000)
        return None if any(delivery.status is DeliveryStatus.RECEIVED for delivery in stored) else stored

    stored = await eventually(all_dispatched, "all deliveries dispatched")
    assert len(stored) == 329
    assert [delivery.id for delivery in stored if delivery.status is DeliveryStatus.FAILED] == []
    assert all(delivery.status is DeliveryStatus.IGNORED for delivery in stored if delivery.event not in HANDLED)
    payloads = [(delivery.repository, json.loads(delivery.payload)) for delivery in stored]
    assert all(named == (payload.get("repository") or {}).get("full_name", "") for named, payload in payloads)
    assert len({named for named, _ in payloads}) > 3
    assert {delivery.event for delivery in stored if delivery.status is DeliveryStatus.DONE} >= {
        "pull_request",
        "push",
    } & {delivery.event for delivery in stored if "installation" in json.loads(delivery.payload)}
