"""`/metrics`: what an operator alerts on, in the format of Prometheus. `docs/operate.md` has the table.

Web, scheduler and workers are several processes on several machines. So the numbers come from the database and from
Redis, and every web process answers the same; only the answers to webhooks are counted by each web process alone. The
labels are names of our own, never those of repositories or accounts.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.db.engine import Database, now
from bot.db.operation import Waiting, find_waiting_work
from bot.github.app_key import key_problem
from bot.github.budget import Budget, read_budget
from bot.queue.counters import ANALYSES, BUCKETS, DELIVERIES, ENDLESS, RETRIES, STEP_SECONDS, SUM, Field, read_counters
from bot.queue.workers import QUEUES, count_jobs, count_workers
from bot.storage import free_bytes
from bot.web.health import DATA_DIR, DATABASE, REDIS

# A scrape in this time gets the numbers of the one before, so that nobody makes the database work by asking.
_KEPT_SECONDS = 5.0
_SOURCE_SECONDS = 8.0  # Prometheus waits 10 s for a scrape: scrape_timeout in its configuration
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """What Redis knows. workers, jobs: by queue. key_accepted: whether GitHub accepts the App's key."""

    counters: dict[Field, float]
    workers: dict[str, int]
    jobs: dict[str, int]
    budget: Budget
    key_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The numbers of one scrape. What could not be read is None."""

    at: datetime
    waiting: Waiting | None
    queue: QueueState | None
    free: int | None


@dataclass(slots=True)
class _Scrape:
    """The last answer, and when it was made (monotonic seconds)."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    text: bytes = b""
    made: float = float("-inf")


_SCRAPE = web.AppKey("scrape", _Scrape)
_TOKEN = web.AppKey("metrics_token", str)


def setup(app: web.Application, token: str) -> None:
    """Add the route. token: who asks must have it (METRICS_TOKEN); empty: everybody may ask."""
    app[_TOKEN] = token
    app[_SCRAPE] = _Scrape()
    app.router.add_get("/metrics", metrics)


async def metrics(request: web.Request) -> web.Response:
    """All metrics. 401 without the token, if one is set."""
    expected = f"Bearer {request.app[_TOKEN]}".encode()
    received = request.headers.get("Authorization", "").encode("utf-8", "replace")
    if request.app[_TOKEN] and not hmac.compare_digest(expected, received):
        headers = {"WWW-Authenticate": "Bearer"}
        return web.Response(status=HTTPStatus.UNAUTHORIZED, text="METRICS_TOKEN is required\n", headers=headers)
    scrape = request.app[_SCRAPE]
    async with scrape.lock:
        if time.monotonic() - scrape.made > _KEPT_SECONDS:
            scrape.text = exposition(await observe(request.app))
            scrape.made = time.monotonic()
    content = scrape.text + generate_latest(REGISTRY)
    return web.Response(body=content, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def observe(app: web.Application) -> Observed:
    """Read all numbers. A source that does not answer in time is left out."""
    waiting, queue, free = await asyncio.gather(
        _or_none(_waiting(app[DATABASE])), _or_none(_queue(app[REDIS])), _or_none(_free(app[DATA_DIR]))
    )
    return Observed(at=now(), waiting=waiting, queue=queue, free=free)


async def _or_none(read: Awaitable[T]) -> T | None:
    try:
        async with asyncio.timeout(_SOURCE_SECONDS):
            return await read
    except (SQLAlchemyError, RedisError, OSError, TimeoutError):
        return None


async def _waiting(db: Database) -> Waiting:
    return await find_waiting_work(db)


async def _free(folder: Path) -> int:
    return await asyncio.to_thread(free_bytes, folder)


async def _queue(redis: Redis) -> QueueState:
    return QueueState(
        counters=await read_counters(redis),
        workers={name: await count_workers(redis, name) for name in QUEUES},
        jobs={name: await count_jobs(redis, name) for name in QUEUES},
        budget=await read_budget(redis),
        key_accepted=await key_problem(redis) is None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Families(Collector):
    """The numbers as families of metrics."""

    observed: Observed

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("gitinsight_up", "1 if this part answers", labels=["part"])
        up.add_metric(["database"], float(self.observed.waiting is not None))
        up.add_metric(["queue"], float(self.observed.queue is not None))
        yield up
        if self.observed.free is not None:
            yield _gauge("disk_free_bytes", "Bytes that are free in DATA_DIR of this machine", self.observed.free)
        if self.observed.waiting is not None:
            yield from _of_database(self.observed.waiting, self.observed.at)
        if self.observed.queue is not None:
            yield from _of_queue(self.observed.queue)
            yield from _of_counters(self.observed.queue.counters)


def exposition(observed: Observed) -> bytes:
    """The numbers as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(observed))
    return generate_latest(registry)


def _gauge(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gitinsight_{name}", description, value=value)


def _of_database(waiting: Waiting, at: datetime) -> Iterator[Metric]:
    def age(moment: datetime | None) -> float:
        return max(0.0, (at - moment).total_seconds()) if moment else 0.0

    for name, description, value in (
        ("oldest_waiting_delivery_seconds", "Age of the oldest delivery to dispatch", age(waiting.oldest_delivery)),
        ("oldest_waiting_analysis_seconds", "Age of the oldest analysis for a worker", age(waiting.oldest_analysis)),
        ("oldest_due_notification_seconds", "Age of the oldest webhook to send", age(waiting.oldest_notification)),
        ("notifications_due", "Webhooks that could be sent now", waiting.notifications),
        ("dead_letters", "Deliveries that failed for good and wait for a replay", waiting.dead_deliveries),
    ):
        yield _gauge(name, description, value)
    analyses = GaugeMetricFamily("gitinsight_analyses_unfinished", "Analyses that have not ended", labels=["state"])
    for state, number in (("queued", waiting.queued), ("delayed", waiting.delayed), ("running", waiting.running)):
        analyses.add_metric([state], number)
    yield analyses


def _of_queue(queue: QueueState) -> Iterator[Metric]:
    for name, description, numbers in (
        ("workers", "Workers that are alive", queue.workers),
        ("queue_jobs", "Jobs that wait for a worker", queue.jobs),
    ):
        family = GaugeMetricFamily(f"gitinsight_{name}", description, labels=["queue"])
        for label, number in numbers.items():
            family.add_metric([label], number)
        yield family
    lowest, low = (
        "Lowest share of GitHub's limit that an installation has left",
        "Installations with less than a tenth left",
    )
    yield _gauge("github_budget_left_ratio", lowest, queue.budget.lowest)
    yield _gauge("github_budget_low_installations", low, queue.budget.low)
    yield _gauge("github_key_accepted", "0 if GitHub refuses the App's private key", float(queue.key_accepted))


_COUNTERS = (
    (DELIVERIES, "deliveries", "Deliveries by outcome of their dispatch", ("outcome",)),
    (ANALYSES, "analyses", "Analyses that ended, by status and conclusion", ("status", "conclusion")),
    (RETRIES, "analysis_retries", "Attempts that were followed by another one, by reason", ("reason",)),
)


def _of_counters(counters: dict[Field, float]) -> Iterator[Metric]:
    for kind, name, description, labels in _COUNTERS:
        family = CounterMetricFamily(f"gitinsight_{name}", description, labels=labels)
        for key, amount in sorted(counters.items()):
            if key[0] == kind and len(key) == len(labels) + 1:
                family.add_metric(key[1:], amount)
        yield family
    yield _step_seconds(counters)


def _step_seconds(counters: dict[Field, float]) -> Metric:
    name, description = "gitinsight_analysis_step_seconds", "Duration of the steps of completed analyses"
    family = HistogramMetricFamily(name, description, labels=["step"])
    bounds = [*(f"{bound:g}" for bound in BUCKETS), ENDLESS]
    for step in sorted({key[1] for key in counters if key[0] == STEP_SECONDS}):
        total, buckets = 0.0, []
        for bound in bounds:
            total += counters.get((STEP_SECONDS, step, bound), 0.0)
            buckets.append((bound, total))
        family.add_metric([step], buckets, counters.get((STEP_SECONDS, step, SUM), 0.0))
    return family
