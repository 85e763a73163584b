"""The outbox: written with what it tells or not at all, within its size, for those who listen."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import delete, func, inspect, select, update

from bot.db import analyses, endpoints, outbox, repositories
from bot.db.analyses import Claimed
from bot.db.audit import COMMAND_LINE
from bot.db.endpoints import get_endpoint, list_messages, replay, send_test
from bot.db.engine import Database, now
from bot.db.items import save_items
from bot.db.notification_tables import MailItem, Outbox, WebhookEndpoint, WebhookMessage
from bot.db.sealed import Sealer, Unreadable
from bot.db.subscriptions import get_subscription, list_subscriptions, subscribe, unsubscribe
from bot.db.tables import Analysis, InsightRow, Repository
from bot.domain.analyses import AnalysisStatus
from bot.domain.notifications import Frequency
from bot.domain.published import Conclusion
from tests.db.test_items import pull
from tests.endpoints import set_endpoint
from tests.web.filled import Filled, fill

SEALER = Sealer(["a key of the tests"])
URL = "https://example.org/hook"


@dataclass
class Rows:
    """A database with an analysis of a public repository that a worker holds."""

    db: Database
    filled: Filled

    @property
    def repository(self) -> UUID:
        return self.filled.public

    async def claimed(self) -> Claimed:
        async with self.db.writing() as session:
            await session.execute(
                update(Analysis).where(Analysis.id == self.filled.analysis).values(status="queued", lease_until=None)
            )
        claimed = await analyses.claim(self.db, self.filled.analysis)
        assert claimed is not None
        return claimed

    async def told(self) -> list[Outbox]:
        async with self.db.reading() as session:
            return list(await session.scalars(select(Outbox).order_by(Outbox.created_at)))

    async def count(self, table: type[Outbox | WebhookMessage | MailItem]) -> int:
        async with self.db.reading() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
async def rows(database_url: str) -> AsyncIterator[Rows]:
    db = Database(database_url)
    yield Rows(db, await fill(db))
    await db.close()


async def test_an_analysis_with_remarks_is_told_with_them_worst_first_and_without_code(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    (row,) = await rows.told()
    assert row.kind == "analysis.completed"
    assert row.repository_id == rows.repository
    assert row.payload["repository"] == {"id": str(rows.repository), "full_name": "octo/public"}
    assert (row.payload["pull_request"], row.payload["head_sha"]) == (7, "a" * 40)
    assert row.payload["conclusion"] == "neutral"
    assert row.payload["counts"]["remarks"] == 5
    assert row.payload["counts"]["by_severity"] == {"info": 0, "low": 4, "medium": 0, "high": 1, "critical": 0}
    first = row.payload["remarks"][0]
    assert set(first) == {"id", "type", "severity", "title", "path", "line"}
    assert (first["severity"], first["line"]) == ("high", 3)
    assert row.payload["remarks_left_out"] == 0


async def test_the_title_of_the_pull_request_is_told_where_it_is_synced(rows: Rows) -> None:
    async with rows.db.writing() as session:
        await save_items(session, rows.repository, [pull(7, title="Fix\u202e it")], now())
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    (row,) = await rows.told()
    assert row.payload["pull_request_title"] == "Fix it"


async def test_a_failure_is_told_with_its_reason(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    error = "No\0\x07 access\nat all. " + "x" * 5_000
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.FAILED, Conclusion.NEUTRAL, error)
    (row,) = await rows.told()
    assert row.kind == "analysis.failed"
    assert row.payload["error"].startswith("No access at all. xxx")
    assert len(row.payload["error"]) == 500


async def test_nothing_is_told_when_nobody_listens_or_there_is_nothing_to_say(rows: Rows) -> None:
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    subscription = await subscribe(rows.db, "alice@example.net", rows.repository, by=COMMAND_LINE)
    await unsubscribe(rows.db, subscription)
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.SUPERSEDED, None)
    async with rows.db.writing() as session:
        await session.execute(update(InsightRow).values(standing="note"))
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.SUCCESS)
    assert await rows.told() == []


async def test_who_no_longer_holds_the_analysis_tells_nothing(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    stale = await rows.claimed()
    await rows.claimed()
    await analyses.finish(rows.db, stale, AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    assert await rows.told() == []


async def test_what_was_ended_is_told_once(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    stale = await rows.claimed()
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    await analyses.finish(rows.db, stale, AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    assert len(await rows.told()) == 1


async def test_the_row_goes_when_its_transaction_does(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.repository, URL)

    class Broken(Exception):
        pass

    async def ends_and_breaks() -> None:
        async with rows.db.writing() as session:
            await session.execute(update(Analysis).values(status="failed", error="x"))
            await outbox.write_outbox_item(session, rows.filled.analysis)
            await session.flush()
            assert await session.scalar(select(func.count()).select_from(Outbox)) == 1
            raise Broken

    with pytest.raises(Broken):
        await ends_and_breaks()
    assert await rows.told() == []
    async with rows.db.reading() as session:
        row = await session.get_one(Analysis, rows.filled.analysis)
        assert row.status == "completed"  # as it was before


async def test_a_payload_is_small_and_says_what_it_leaves_out(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    async with rows.db.writing() as session:
        model = await session.get_one(InsightRow, rows.filled.insights[0])
        columns = [one.key for one in inspect(InsightRow).column_attrs if one.key not in {"id", "title"}]
        session.add_all(
            InsightRow(id=uuid4(), title="é" * 5_000, **{key: getattr(model, key) for key in columns})
            for _ in range(200)
        )
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    (row,) = await rows.told()
    size = len(orjson.dumps(row.payload))
    assert outbox.MAX_PAYLOAD - 2_000 < size <= outbox.MAX_PAYLOAD
    kept = len(row.payload["remarks"])
    assert row.payload["counts"]["remarks"] == 205 == kept + row.payload["remarks_left_out"]
    assert kept > 10
    assert row.payload["remarks"][0]["severity"] == "high"


async def test_a_message_for_each_who_listens_and_only_once(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    await subscribe(rows.db, "of.this@example.net", rows.repository, by=COMMAND_LINE)
    await subscribe(rows.db, "of.all@example.net", None, Frequency.EACH, by=COMMAND_LINE)
    await subscribe(rows.db, "of.other@example.net", rows.filled.private, by=COMMAND_LINE)
    await subscribe(rows.db, "not.this@example.net", None, by=COMMAND_LINE)
    await subscribe(rows.db, "not.this@example.net", rows.repository, Frequency.OFF, by=COMMAND_LINE)
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    assert await outbox.awaits_fan_out(rows.db)
    fanned = await asyncio.gather(*(outbox.fan_out(rows.db, now(), mail=True) for _ in range(3)))
    assert sorted(fanned) == [0, 0, 1]
    assert not await outbox.awaits_fan_out(rows.db)
    assert await rows.count(WebhookMessage) == 1
    assert await rows.count(MailItem) == 2


async def test_without_a_mail_server_no_mail_waits(rows: Rows) -> None:
    await subscribe(rows.db, "alice@example.net", rows.repository, by=COMMAND_LINE)
    await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    assert await outbox.fan_out(rows.db, now(), mail=False) == 1
    assert await rows.count(MailItem) == 0


async def test_an_endpoints_secret_is_shown_once_and_lies_sealed(rows: Rows) -> None:
    secret = await set_endpoint(rows.db, SEALER, rows.repository, URL)
    assert secret is not None and secret.startswith("whsec_")
    assert await set_endpoint(rows.db, SEALER, rows.repository, URL) is None
    async with rows.db.reading() as session:
        (row,) = await session.scalars(select(WebhookEndpoint))
    assert secret.removeprefix("whsec_") not in row.secret
    assert SEALER.unseal(row.secret) == secret
    assert Sealer(["a new key", "a key of the tests"]).unseal(row.secret) == secret
    with pytest.raises(Unreadable):
        Sealer(["a new key"]).unseal(row.secret)
    other = await set_endpoint(rows.db, SEALER, rows.repository, URL + "/2")
    newest = await endpoints.replace_secret(rows.db, SEALER, rows.repository, COMMAND_LINE)
    assert len({secret, other, newest}) == 3
    view = await get_endpoint(rows.db, rows.repository)
    assert view is not None and (view.url, view.enabled) == (URL + "/2", True)
    assert await get_endpoint(rows.db, rows.filled.private) is None
    assert await endpoints.replace_secret(rows.db, SEALER, rows.filled.private, COMMAND_LINE) is None


async def test_an_endpoint_that_is_set_twice_at_once_is_one(rows: Rows) -> None:
    settings = {"webhook_url": URL}
    made = await asyncio.gather(
        *(
            repositories.change(rows.db, SEALER, rows.repository, notification_settings=settings, by=COMMAND_LINE)
            for _ in range(4)
        )
    )
    assert sum(one is not None and one.webhook_secret is not None for one in made) == 1
    view = await get_endpoint(rows.db, rows.repository)
    assert view is not None and view.url == URL


async def test_a_test_is_of_one_endpoint_and_nobody_elses_messages_are_seen_or_sent_again(rows: Rows) -> None:
    assert await send_test(rows.db, rows.repository) is None
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    await set_endpoint(rows.db, SEALER, rows.filled.private, URL)
    message = await send_test(rows.db, rows.repository)
    assert message is not None
    page = await list_messages(rows.db, rows.repository, limit=10, offset=0)
    assert [(one.id, one.kind, one.status, one.attempts) for one in page.items] == [
        (message, "test.ping", "waiting", ())
    ]
    assert page.total == 1
    assert (await list_messages(rows.db, rows.filled.private, limit=10, offset=0)).total == 0
    assert not await replay(rows.db, rows.filled.private, message)
    assert not await replay(rows.db, rows.repository, uuid4())
    assert await replay(rows.db, rows.repository, message)
    settings = {"webhook_url": None}
    await repositories.change(rows.db, SEALER, rows.repository, notification_settings=settings, by=COMMAND_LINE)
    assert (await list_messages(rows.db, rows.repository, limit=10, offset=0)).total == 0


async def test_subscribing_again_changes_how_often(rows: Rows) -> None:
    first = await subscribe(rows.db, "alice@example.net", rows.repository, by=COMMAND_LINE)
    assert await subscribe(rows.db, "alice@example.net", rows.repository, Frequency.EACH, by=COMMAND_LINE) == first
    everything = await subscribe(rows.db, "alice@example.net", None, by=COMMAND_LINE)
    assert await subscribe(rows.db, "alice@example.net", None, Frequency.OFF, by=COMMAND_LINE) == everything
    [found] = await list_subscriptions(rows.db, rows.repository)
    assert (found.id, found.address, found.frequency) == (first, "alice@example.net", "each")
    other = await get_subscription(rows.db, everything)
    assert other is not None and (other.repository_id, other.frequency) == (None, "off")
    with pytest.raises(ValueError, match="mail address"):
        await subscribe(rows.db, "alice@example.net\nBcc: all@example.org", rows.repository, by=COMMAND_LINE)
    assert not await unsubscribe(rows.db, uuid4())


async def test_what_was_told_expires_and_goes_with_its_repository(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.repository, URL)
    await subscribe(rows.db, "alice@example.net", rows.repository, by=COMMAND_LINE)
    for _ in range(2):
        await analyses.finish(rows.db, await rows.claimed(), AnalysisStatus.COMPLETED, Conclusion.NEUTRAL)
    await outbox.fan_out(rows.db, now(), mail=True)
    first, _ = await rows.told()
    async with rows.db.writing() as session:
        await session.execute(update(Outbox).where(Outbox.id == first.id).values(created_at=now() - timedelta(days=9)))
    await outbox.expire(rows.db, older_than=timedelta(days=8))
    assert (await rows.count(Outbox), await rows.count(WebhookMessage), await rows.count(MailItem)) == (1, 1, 1)
    async with rows.db.writing() as session:
        await session.execute(delete(Repository).where(Repository.id == rows.repository))
    assert (await rows.count(Outbox), await rows.count(WebhookMessage), await rows.count(MailItem)) == (0, 0, 0)
    assert await list_subscriptions(rows.db, rows.repository) == []
