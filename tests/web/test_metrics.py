"""`/metrics`: numbers of the database and of Redis, without a name of a tenant, for whom has the token."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis
from sqlalchemy import update

from bot.db.deliveries import StoredDelivery, store
from bot.db.engine import now
from bot.db.tables import Analysis, Installation
from bot.domain.analyses import AnalysisStatus
from bot.domain.deliveries import DeliveryStatus
from bot.github.budget import read_budget
from bot.queue import connection
from bot.web import metrics
from bot.web.application import create_app
from tests.servers import Valkey
from tests.stack import eventually
from tests.web.conftest import SECRET, Web
from tests.web.filled import fill
from tests.web.posting import headers

Read = Callable[[], Awaitable[dict[str, float]]]


@pytest.fixture
def read(web: Web, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads `/metrics` anew: values by name and labels."""
    monkeypatch.setattr(metrics, "_KEPT_SECONDS", 0.0)

    async def values() -> dict[str, float]:
        async with web.client.get("/metrics") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/plain"
            text = await answer.text()
        assert "octo" not in text
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found[" ".join([sample.name, *sorted(sample.labels.values())])] = sample.value
        return found

    return values


async def test_deliveries_are_counted_by_outcome(web: Web, read: Read) -> None:
    assert "gitinsight_deliveries_total ignored" not in await read()
    for event, payload in (
        ("star", {"action": "created"}),  # no handler: ignored when it is received
        ("push", {"ref": "refs/heads/main"}),  # no installation: ignored when it is dispatched
        ("installation", {"action": "deleted", "installation": {"id": 77, "account": {"login": "octo"}}}),
        ("push", {"installation": {"id": 1}}),  # not as GitHub describes it
    ):
        body = json.dumps(payload).encode()
        async with web.client.post("/webhook", data=body, headers=headers(SECRET, event, body)) as answer:
            assert answer.status == 202

    async def counted() -> dict[str, float] | None:
        found = await read()
        outcomes = {name.split()[1]: value for name, value in found.items() if "deliveries_total" in name}
        return found if outcomes == {"ignored": 2, "done": 1, "failed": 1} else None

    found = await eventually(counted, "four deliveries", 10)
    assert found["gitinsight_dead_letters"] == 1
    assert found["gitinsight_oldest_waiting_delivery_seconds"] == 0


async def test_what_waits_has_an_age(web: Web, read: Read) -> None:
    filled = await fill(web.db)
    await store(
        web.db,
        [StoredDelivery(str(uuid4()), "push", b"{", DeliveryStatus.RECEIVED, now() - timedelta(seconds=30), 1)],
    )
    asked = {"status": AnalysisStatus.QUEUED, "created_at": now() - timedelta(minutes=5), "lease_until": None}
    async with web.db.writing() as session:
        await session.execute(update(Analysis).where(Analysis.id == filled.analysis).values(**asked))
        delayed = asked | {"lease_until": now() + timedelta(minutes=5), "created_at": now() - timedelta(days=1)}
        await session.execute(update(Analysis).where(Analysis.id == filled.private_analysis).values(**delayed))
    found = await read()
    assert 300 <= found["gitinsight_oldest_waiting_analysis_seconds"] < 360
    assert found["gitinsight_analyses_unfinished queued"] == found["gitinsight_analyses_unfinished delayed"] == 1
    async with web.db.writing() as session:
        await session.execute(update(Installation).values(suspended=True))
    found = await read()
    assert found["gitinsight_oldest_waiting_analysis_seconds"] == 0  # nobody is late


async def test_workers_disk_and_a_queue_that_is_away(web: Web, read: Read, valkey: Valkey) -> None:
    redis = Redis.from_url(valkey.url)
    await redis.sadd("rq:workers:gitinsight", "rq:worker:a", "rq:worker:dead")
    await redis.set("rq:worker:a", "alive")
    found = await read()
    assert (found["gitinsight_workers gitinsight"], found["gitinsight_workers gitinsight-notifications"]) == (1, 0)
    assert found["gitinsight_disk_free_bytes"] > 1_000_000
    assert (
        found["gitinsight_up database"] == found["gitinsight_up queue"] == found["gitinsight_github_key_accepted"] == 1
    )
    await redis.set("gitinsight:app-key-refused", "GitHub refuses the App's key.")
    assert (await read())["gitinsight_github_key_accepted"] == 0
    await redis.aclose()
    valkey.stop()
    try:
        found = await read()
    finally:
        valkey.start()
    assert (found["gitinsight_up queue"], found["gitinsight_up database"]) == (0, 1)
    assert "gitinsight_workers gitinsight" not in found


async def test_the_budget_is_the_lowest_until_it_is_reset(web: Web, read: Read, valkey: Valkey) -> None:
    assert (await read())["gitinsight_github_budget_left_ratio"] == 1
    redis = Redis.from_url(valkey.url)
    later = now().timestamp() + 600
    await redis.zadd("gitinsight:github-left", {"1": 0.05, "2": 0.9, "3": 0.0})
    await redis.zadd("gitinsight:github-reset", {"1": later, "2": later, "3": now().timestamp() - 1})
    found = await read()
    assert found["gitinsight_github_budget_left_ratio"] == pytest.approx(0.05)
    assert found["gitinsight_github_budget_low_installations"] == 1
    assert (await read_budget(redis)).low == 1
    assert await redis.zcard("gitinsight:github-left") == 2
    await redis.aclose()


async def test_scrapes_within_seconds_read_nothing(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = 0
    observe = metrics.observe

    async def counting(app: object) -> object:
        nonlocal reads
        reads += 1
        return await observe(web.client.app)

    monkeypatch.setattr(metrics, "observe", counting)
    texts = await asyncio.gather(*(_text(web) for _ in range(20)))
    assert reads == 1
    assert all("gitinsight_up" in text for text in texts)


async def _text(web: Web) -> str:
    async with web.client.get("/metrics") as answer:
        return await answer.text()


async def test_with_a_token_only_who_has_it_gets_an_answer(web: Web) -> None:
    token = "a token of the tests, long enough to be one"
    redis = connection.connect(web.settings.redis_url)
    app = create_app(replace(web.settings, metrics_token=token), web.db, redis)
    async with TestClient(TestServer(app)) as client:
        for given in ("", "Bearer ", "Bearer wrong", "Bearer é", "Basic x", token):
            async with client.get("/metrics", headers={"Authorization": given}) as answer:
                assert answer.status == 401
                assert "gitinsight" not in await answer.text()
        async with client.get("/metrics", headers={"Authorization": f"Bearer {token}"}) as answer:
            assert answer.status == 200
    await redis.aclose()
