"""The job that sends notifications, with real receivers, a real mail server, both databases and a controlled clock."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db import analyses
from bot.db.audit import COMMAND_LINE
from bot.db.endpoints import MessageView, get_endpoint, list_messages, replay, send_test
from bot.db.engine import Database, now
from bot.db.notification_tables import MailItem, Outbox, WebhookEndpoint, WebhookMessage
from bot.db.sealed import Sealer
from bot.db.subscriptions import get_subscription, subscribe, unsubscribe
from bot.db.tables import Analysis
from bot.db.webhook_messages import AttemptResult, claim_message, record_attempt
from bot.domain.analyses import AnalysisStatus
from bot.domain.notifications import Frequency
from bot.domain.published import Conclusion
from bot.jobs.send_notifications import Sending, is_due, send_due
from bot.mail import MailServer, mail_server
from tests.endpoints import set_endpoint
from tests.notify.test_smtp import Postbox, running_smtp
from tests.receiver import Receiver, running_receiver
from tests.servers import free_port
from tests.web.filled import Filled, fill

KEY = "a key of the tests, long enough to be one"
# Receivers accept only current signatures, so that most tests use the real time. Tests of schedules use this one.
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Post:
    """The job with a receiver.

    moment: the time of its clock.
    """

    db: Database
    filled: Filled
    receiver: Receiver
    secret: str
    moment: datetime = field(default_factory=now)
    mail: MailServer | None = None
    keys: tuple[str, ...] = (KEY,)

    async def deliver(self) -> None:
        await send_due(
            Sending(
                db=self.db,
                secret_keys=self.keys,
                public_url="https://insight.example.org",
                mail=self.mail,
                mail_from="gitinsight@example.org",
                allowed=(ip_network("127.0.0.0/8"),),
                clock=lambda: self.moment,
            )
        )

    async def due(self) -> bool:
        return await is_due(self.db, self.moment, mail=self.mail is not None)

    async def end_analysis(self, status: AnalysisStatus = AnalysisStatus.COMPLETED, error: str | None = None) -> None:
        """End an analysis of the public repository at the current time of the clock."""
        async with self.db.writing() as session:
            await session.execute(
                update(Analysis).where(Analysis.id == self.filled.analysis).values(status="queued", lease_until=None)
            )
        claimed = await analyses.claim(self.db, self.filled.analysis)
        assert claimed is not None
        await analyses.finish(self.db, claimed, status, Conclusion.NEUTRAL, error)
        async with self.db.writing() as session:
            await session.execute(update(Outbox).where(Outbox.fanned_out_at.is_(None)).values(created_at=self.moment))

    async def message(self) -> MessageView:
        (found,) = (await list_messages(self.db, self.filled.public, limit=10, offset=0)).items
        return found


@pytest.fixture
async def post(database_url: str) -> AsyncIterator[Post]:
    db = Database(database_url)
    filled = await fill(db)
    async with running_receiver() as receiver:
        secret = await set_endpoint(db, Sealer([KEY]), filled.public, receiver.url)
        assert secret is not None
        yield Post(db, filled, receiver, secret)
    await db.close()


async def test_a_message_is_delivered_once_and_can_be_verified(post: Post) -> None:
    await post.end_analysis()
    assert await post.due()
    await post.deliver()
    assert not await post.due()
    await post.deliver()
    (received,) = post.receiver.verified(post.secret)
    assert received["type"] == "analysis.completed"
    assert datetime.fromisoformat(received["timestamp"]) == post.moment
    data = received["data"]
    assert (
        data["url"] == f"https://insight.example.org/repositories/{post.filled.public}/analyses/{post.filled.analysis}"
    )
    assert len(data["remarks"]) == 5
    (headers,) = post.receiver.sent
    assert headers["Content-Type"] == "application/json"
    message = await post.message()
    assert (message.status, message.webhook_id, message.next_attempt_at) == ("delivered", headers["webhook-id"], None)
    (attempt,) = message.attempts
    assert (attempt.status_code, attempt.error, attempt.answer) == (204, None, "")


async def test_failed_messages_are_retried_on_schedule_with_the_same_id_and_body(post: Post) -> None:
    post.receiver.answers = [500, 302, 429, 200]
    await post.end_analysis(AnalysisStatus.FAILED, "No access.")
    began = post.moment
    await post.deliver()
    for least, status in ((5, 302), (305, 429), (2105, 200)):
        assert not await post.due()
        post.moment = began + timedelta(seconds=least - 1)
        assert not await post.due()
        post.moment = began + timedelta(seconds=least * 1.11)
        assert await post.due()
        await post.deliver()
        assert (await post.message()).attempts[-1].status_code == status
    message = await post.message()
    assert message.status == "delivered"
    assert [attempt.attempt for attempt in message.attempts] == [1, 2, 3, 4]
    assert message.attempts[1].error == "answered 302"
    assert message.attempts[0].answer == "said 500"
    assert len(set(post.receiver.bodies)) == 1
    assert len({headers["webhook-id"] for headers in post.receiver.sent}) == 1
    assert len({headers["webhook-signature"] for headers in post.receiver.sent}) == 4


async def test_after_the_last_retry_the_message_has_failed_and_can_be_replayed(post: Post) -> None:
    post.receiver.answers = [500]
    await post.end_analysis()
    for _ in range(20):
        await post.deliver()
        message = await post.message()
        if message.next_attempt_at is None:
            break
        post.moment = message.next_attempt_at
    assert message.status == "failed"
    assert len(message.attempts) == 10
    assert not await post.due()
    endpoint = await get_endpoint(post.db, post.filled.public)
    assert endpoint is not None and endpoint.enabled  # the schedule ends before the five days of failures
    post.receiver.answers = [500, 204]
    assert await replay(post.db, post.filled.public, message.id)
    post.moment = now()
    await post.deliver()
    post.moment += timedelta(seconds=6)
    await post.deliver()
    message = await post.message()
    assert (message.status, len(message.attempts)) == ("delivered", 12)
    assert len({headers["webhook-id"] for headers in post.receiver.sent}) == 1


async def test_five_days_of_failures_disable_the_endpoint(post: Post) -> None:
    post.receiver.answers = [503]
    for day in range(6):
        await post.end_analysis()
        await post.deliver()
        endpoint = await get_endpoint(post.db, post.filled.public)
        assert endpoint is not None
        assert endpoint.enabled is (day < 5), day
        post.moment += timedelta(days=1)
    assert endpoint is not None and endpoint.disabled_reason is not None
    assert endpoint.disabled_reason.endswith("UTC failed; the last error: answered 503.")
    received = len(post.receiver.bodies)
    post.moment += timedelta(days=30)
    await post.end_analysis()
    assert not await post.due()
    await post.deliver()
    assert len(post.receiver.bodies) == received


async def test_a_success_resets_the_five_days(post: Post) -> None:
    post.receiver.answers = [503, 503, 503, 204, 503]
    for _ in range(8):
        await send_test(post.db, post.filled.public)
        async with post.db.writing() as session:
            await session.execute(
                update(WebhookMessage).where(WebhookMessage.attempt == 0).values(next_attempt_at=post.moment)
            )
            await session.execute(
                update(WebhookMessage).where(WebhookMessage.attempt > 0).values(status="failed", next_attempt_at=None)
            )
        await post.deliver()
        post.moment += timedelta(days=1)
    endpoint = await get_endpoint(post.db, post.filled.public)
    assert endpoint is not None and endpoint.enabled
    assert len(post.receiver.bodies) == 8


async def test_410_disables_the_endpoint_until_it_is_set_again(post: Post) -> None:
    post.receiver.answers = [410]
    await post.end_analysis()
    await post.deliver()
    endpoint = await get_endpoint(post.db, post.filled.public)
    assert endpoint is not None
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "The receiver answered 410 Gone.")
    message = await post.message()
    assert (message.status, message.next_attempt_at) == ("failed", None)
    assert await send_test(post.db, post.filled.public) is None
    assert await set_endpoint(post.db, Sealer([KEY]), post.filled.public, post.receiver.url) is None
    post.receiver.answers = [204]
    assert await replay(post.db, post.filled.public, message.id)
    post.moment = now()
    await post.deliver()
    assert (await post.message()).status == "delivered"


async def test_retry_after_is_respected(post: Post) -> None:
    post.receiver.answers, post.receiver.headers = [429], {"Retry-After": "3600"}
    await post.end_analysis()
    await post.deliver()
    following = (await post.message()).next_attempt_at
    assert following is not None
    assert following >= post.moment + timedelta(hours=1)


async def test_concurrent_workers_send_once_and_the_message_of_a_dead_worker_is_retried(post: Post) -> None:
    message = await send_test(post.db, post.filled.public)
    assert message is not None
    post.moment = now()
    await asyncio.gather(*(post.deliver() for _ in range(4)))
    assert len(post.receiver.bodies) == 1
    assert await replay(post.db, post.filled.public, message)
    post.moment = now()
    dead = await claim_message(post.db, message, post.moment)  # its worker dies
    assert dead is not None
    await post.deliver()
    assert len(post.receiver.bodies) == 1
    post.moment += timedelta(seconds=61)
    await post.deliver()
    assert len(post.receiver.bodies) == 2
    late = AttemptResult(
        at=post.moment, delivered=False, status_code=500, error="x", answer="", seconds=1.0, next_attempt_at=None
    )
    assert not await record_attempt(post.db, dead, late)
    assert (await post.message()).status == "delivered"


async def test_errors_of_unreachable_and_private_receivers_are_stored(post: Post) -> None:
    await set_endpoint(post.db, Sealer([KEY]), post.filled.public, f"http://127.0.0.1:{free_port()}/x")
    await set_endpoint(post.db, Sealer([KEY]), post.filled.private, "https://10.0.0.1/x")
    await send_test(post.db, post.filled.public)
    await send_test(post.db, post.filled.private)
    post.moment = now()
    await post.deliver()
    (unreachable,) = (await post.message()).attempts
    assert unreachable.status_code is None
    assert unreachable.error is not None and unreachable.error.startswith("ClientConnectorError")
    (private,) = (await list_messages(post.db, post.filled.private, limit=1, offset=0)).items
    assert private.attempts[0].error == "10.0.0.1 is not a public address"


async def test_an_old_key_still_decrypts_secrets_and_a_missing_one_is_an_error(post: Post) -> None:
    await send_test(post.db, post.filled.public)
    post.moment, post.keys = now(), ("another key, long enough to be one too",)
    await post.deliver()
    (attempt,) = (await post.message()).attempts
    assert attempt.error is not None and "replace the endpoint's secret" in attempt.error
    post.moment, post.keys = post.moment + timedelta(seconds=6), (*post.keys, KEY)
    await post.deliver()
    assert [one["type"] for one in post.receiver.verified(post.secret)] == ["test.ping"]


async def test_an_endpoint_with_many_messages_does_not_block_others(post: Post) -> None:
    await set_endpoint(post.db, Sealer([KEY]), post.filled.private, post.receiver.url)
    for _ in range(12):
        await send_test(post.db, post.filled.public)
    await send_test(post.db, post.filled.private)
    post.moment = now()
    await post.deliver()
    (other,) = (await list_messages(post.db, post.filled.private, limit=1, offset=0)).items
    assert other.status == "delivered"
    assert len(post.receiver.bodies) == 5
    while await post.due():
        await post.deliver()
    assert len(post.receiver.bodies) == 13


def subjects(postbox: Postbox) -> list[str]:
    found = []
    for mail in postbox.mails:
        assert isinstance(mail.content, bytes)
        line = next(line for line in mail.content.split(b"\r\n") if line.startswith(b"Subject: "))
        found.append(f"{mail.rcpt_tos[0]} {line.decode().removeprefix('Subject: [GitInsight] ')}")
    return found


async def test_daily_digests_are_sent_once_a_day_and_single_ones_immediately(post: Post) -> None:
    await subscribe(post.db, "daily@example.net", post.filled.public, by=COMMAND_LINE)
    await subscribe(post.db, "each@example.net", post.filled.public, Frequency.EACH, by=COMMAND_LINE)
    postbox = Postbox()
    with running_smtp(postbox) as post.mail:
        post.moment = MIDNIGHT
        for hour in (1, 3):
            post.moment = MIDNIGHT + timedelta(hours=hour)
            await post.end_analysis()
            await post.deliver()
        assert subjects(postbox) == ["each@example.net octo/public: 1 analysis"] * 2
        assert not await post.due()
        post.moment = MIDNIGHT + timedelta(hours=6)
        assert await post.due()
        await post.deliver()
        assert subjects(postbox)[2:] == ["daily@example.net octo/public: 2 analyses"]
        post.moment = MIDNIGHT + timedelta(hours=6, minutes=1)
        await post.end_analysis(AnalysisStatus.FAILED, "x")
        for hour in (7, 12, 23, 29):
            post.moment = MIDNIGHT + timedelta(hours=hour)
            await post.deliver()
        assert subjects(postbox)[3:] == ["each@example.net octo/public: 1 analysis"]
        post.moment = MIDNIGHT + timedelta(hours=30)
        await post.deliver()
        assert subjects(postbox)[4:] == ["daily@example.net octo/public: 1 analysis"]
        assert not await post.due()


async def test_late_notifications_are_in_the_next_digest(post: Post) -> None:
    await subscribe(post.db, "daily@example.net", post.filled.public, by=COMMAND_LINE)
    postbox = Postbox()
    with running_smtp(postbox) as post.mail:
        post.moment = MIDNIGHT + timedelta(hours=5)
        await post.end_analysis()
        post.moment = MIDNIGHT + timedelta(hours=6)
        await post.deliver()
        post.moment = MIDNIGHT + timedelta(hours=5, minutes=59)
        await post.end_analysis()  # it ended before six, but is fanned out after the digest was sent
        post.moment = MIDNIGHT + timedelta(hours=6, minutes=1)
        await post.deliver()
        assert len(postbox.mails) == 1
        post.moment = MIDNIGHT + timedelta(hours=30)
        await post.deliver()
    assert subjects(postbox) == ["daily@example.net octo/public: 1 analysis"] * 2


async def test_mails_are_sent_later_if_the_mail_server_is_down(post: Post) -> None:
    subscription = await subscribe(post.db, "alice@example.net", post.filled.public, Frequency.EACH, by=COMMAND_LINE)
    port = free_port()
    post.mail = mail_server(f"smtp://127.0.0.1:{port}")
    await post.end_analysis()
    await post.deliver()
    assert not await post.due()
    postbox = Postbox()
    with running_smtp(postbox) as post.mail:
        post.moment += timedelta(minutes=11)
        assert await post.due()
        await post.deliver()
        await post.deliver()
    assert subjects(postbox) == ["alice@example.net octo/public: 1 analysis"]
    view = await get_subscription(post.db, subscription)
    assert view is not None and view.frequency is Frequency.EACH


async def test_an_address_that_is_rejected_three_times_gets_no_more_mails(post: Post) -> None:
    subscription = await subscribe(post.db, "gone@example.net", post.filled.public, Frequency.EACH, by=COMMAND_LINE)
    await post.end_analysis()
    with running_smtp(Postbox("550 no such mailbox")) as post.mail:
        for _ in range(3):
            assert (await post.due()) is True
            await post.deliver()
            post.moment += timedelta(hours=7)
    view = await get_subscription(post.db, subscription)
    assert view is not None
    assert view.frequency is Frequency.OFF
    assert view.off_reason == "the mail server refuses the address: 550 no such mailbox"
    assert not await post.due()


async def test_after_unsubscribing_waiting_notifications_are_not_sent(post: Post) -> None:
    subscription = await subscribe(post.db, "alice@example.net", post.filled.public, by=COMMAND_LINE)
    postbox = Postbox()
    with running_smtp(postbox) as post.mail:
        post.moment = MIDNIGHT
        await post.end_analysis()
        await post.deliver()
        assert await unsubscribe(post.db, subscription)
        post.moment += timedelta(days=2)
        await post.deliver()
    assert postbox.mails == []
    async with post.db.reading() as session:
        assert list(await session.scalars(select(MailItem))) == []


async def test_concurrent_workers_send_a_digest_once(post: Post) -> None:
    await subscribe(post.db, "alice@example.net", post.filled.public, Frequency.EACH, by=COMMAND_LINE)
    await post.end_analysis()
    postbox = Postbox()
    with running_smtp(postbox) as post.mail:
        await asyncio.gather(*(post.deliver() for _ in range(4)))
    assert len(postbox.mails) == 1


async def test_a_response_of_the_old_url_does_not_disable_the_new_one(post: Post) -> None:
    message = await send_test(post.db, post.filled.public)
    assert message is not None
    claimed = await claim_message(post.db, message, now())
    assert claimed is not None
    await set_endpoint(post.db, Sealer([KEY]), post.filled.public, post.receiver.url + "?new")
    values: dict[str, Any] = {"status_code": 410, "error": "answered 410", "answer": "", "seconds": 0.1}
    gone = AttemptResult(at=now(), delivered=False, next_attempt_at=None, disable="Gone.", **values)
    assert await record_attempt(post.db, claimed, gone)
    async with post.db.reading() as session:
        (endpoint,) = await session.scalars(
            select(WebhookEndpoint).where(WebhookEndpoint.repository_id == post.filled.public)
        )
    assert endpoint.enabled
