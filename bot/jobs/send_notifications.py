"""The job: what the outbox holds becomes signed webhooks and mails, at least once each, never beside an analysis.

Nothing is lost when the queue, a receiver or the mail server is away: rows wait, and the sweep rings again.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import aiohttp

from bot.db import digests, outbox, webhook_messages
from bot.db.digests import ClaimedDigest
from bot.db.engine import Database, now
from bot.db.sealed import Sealer, Unreadable
from bot.db.webhook_messages import Attempted, ClaimedMessage
from bot.jobs.rq_worker import serve_queue
from bot.mail import MailServer
from bot.notify.digest import Digest, Entry, compose
from bot.notify.messages import webhook_body
from bot.notify.outbound import Network, open_session
from bot.notify.post import Answer, post
from bot.notify.schedule import GIVE_UP_ON_ENDPOINT, next_attempt
from bot.notify.signing import signed_headers
from bot.notify.smtp import NotSent, send
from bot.notify.unsubscribe import unsubscribe_token
from bot.queue.enqueue import SEND_NOTIFICATIONS, connect, open_notifications_queue
from bot.settings import Settings

_AT_ONCE = 10
_MOST_MESSAGES, _MOST_OF_ONE_ENDPOINT, _MOST_MAILS = 60, 4, 40
_MAIL_SECONDS = 120.0
_MAIL_AGAIN = timedelta(minutes=10)
_REFUSED_AGAIN = timedelta(hours=6)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What the job works with. clock: the time at which a step begins."""

    db: Database
    secret_keys: Sequence[str]
    public_url: str
    mail: MailServer | None = None
    mail_from: str = ""
    allowed: Sequence[Network] = ()
    clock: Callable[[], datetime] = now


async def is_due(db: Database, at: datetime, *, mail: bool) -> bool:
    """Whether the job would find anything to do."""
    return (
        await outbox.awaits_fan_out(db)
        or bool(await webhook_messages.due_messages(db, at, limit=1, per_endpoint=1))
        or (mail and bool(await digests.due_digests(db, at, limit=1)))
    )


async def deliver(delivering: Sending) -> None:
    """Fan out → send the webhooks and mails that are due, a bounded number of them; the sweep rings for the rest."""
    db, at, mail = delivering.db, delivering.clock(), delivering.mail is not None
    while await outbox.fan_out(db, at, mail=mail):
        pass
    messages = await webhook_messages.due_messages(db, at, limit=_MOST_MESSAGES, per_endpoint=_MOST_OF_ONE_ENDPOINT)
    mails = await digests.due_digests(db, at, limit=_MOST_MAILS) if mail else []
    async with open_session(delivering.allowed, at_once=_AT_ONCE) as session, asyncio.TaskGroup() as tasks:
        tasks.create_task(_send_webhooks(delivering, session, messages))
        tasks.create_task(_send_mails(delivering, mails))


async def _send_webhooks(delivering: Sending, session: aiohttp.ClientSession, messages: Sequence[UUID]) -> None:
    """So many at a time: receivers may take their time."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(message_id: UUID) -> None:
        async with slots:
            try:
                await _send_webhook(delivering, session, message_id)
            except Exception:  # the database's: what was claimed is due again when its lease is over
                log.exception("message %s is put off", message_id)

    await asyncio.gather(*(one(message_id) for message_id in messages))


async def _send_webhook(delivering: Sending, session: aiohttp.ClientSession, message_id: UUID) -> None:
    claimed = await webhook_messages.claim_message(delivering.db, message_id, delivering.clock())
    if claimed is None:
        return
    try:
        secret = Sealer(delivering.secret_keys).unseal(claimed.sealed_secret)
        body = webhook_body(claimed.kind, claimed.created_at, claimed.payload, delivering.public_url)
        headers = signed_headers(secret, claimed.webhook_id, delivering.clock(), body)
        answer = await post(session, claimed.url, headers, body, delivering.allowed)
    except Unreadable as problem:
        answer = Answer(error=f"{problem}; replace the endpoint's secret")
    except Exception as bug:
        log.exception("%s could not be sent", claimed.webhook_id)
        answer = Answer(error=f"GitInsight failed with {type(bug).__name__}")
    done = judged(claimed, answer, delivering.clock(), jitter=random.random())  # noqa: S311 - spreads load, no secret
    await webhook_messages.record_attempt(delivering.db, claimed, done)
    log.info("%s attempt %d: %s", claimed.webhook_id, claimed.attempt, answer.error or answer.status)


def judged(claimed: ClaimedMessage, answer: Answer, at: datetime, *, jitter: float) -> Attempted:
    """What follows from an answer: done, tried again, or the endpoint disabled, and why."""
    again, disable = None, None
    if answer.gone:
        disable = "The receiver answered 410 Gone."
    elif not answer.delivered:
        again = next_attempt(claimed.tries, at, retry_after=answer.retry_after, jitter=jitter)
        if claimed.failing_since is not None and at - claimed.failing_since >= GIVE_UP_ON_ENDPOINT:
            again = None
            disable = (
                f"Every attempt since {claimed.failing_since:%Y-%m-%d %H:%M} UTC failed; the last: {answer.error}."
            )
    return Attempted(
        at=at,
        delivered=answer.delivered,
        status_code=answer.status,
        error=answer.error,
        answer=answer.text,
        seconds=round(answer.seconds, 4),
        next_attempt_at=again,
        disable=disable,
    )


async def _send_mails(delivering: Sending, subscriptions: Sequence[UUID]) -> None:
    """One after the other; a server that is away or slow is left alone until the next ring."""
    end = asyncio.get_running_loop().time() + _MAIL_SECONDS
    for subscription_id in subscriptions:
        if not await _send_mail(delivering, subscription_id) or asyncio.get_running_loop().time() > end:
            return


async def _send_mail(delivering: Sending, subscription_id: UUID) -> bool:
    """Send one digest, unless somebody else does; False when the mail server is away."""
    claimed = await digests.claim_digest(delivering.db, subscription_id, delivering.clock())
    if claimed is None or delivering.mail is None:
        return True
    try:
        await send(delivering.mail, compose(_digest(delivering, claimed)))
    except NotSent as problem:
        log.warning("a mail waits: %s", problem)
        if not problem.refused:
            await digests.record_failed(delivering.db, claimed, delivering.clock() + _MAIL_AGAIN, str(problem))
            return False
        await digests.record_refused(delivering.db, claimed, delivering.clock() + _REFUSED_AGAIN, str(problem))
    except Exception as bug:  # what one mail says must not keep the others
        log.exception("the mail of %s could not be made", subscription_id)
        again_at = delivering.clock() + _REFUSED_AGAIN
        await digests.record_failed(delivering.db, claimed, again_at, f"GitInsight failed with {type(bug).__name__}")
    else:
        await digests.record_sent(delivering.db, claimed, delivering.clock())
    return True


def _digest(delivering: Sending, claimed: ClaimedDigest) -> Digest:
    token = unsubscribe_token(delivering.secret_keys[0], claimed.subscription_id)
    return Digest(
        sender=delivering.mail_from,
        address=claimed.address,
        # The same for a mail that is sent twice because its worker died: receivers may drop the second.
        message_id=f"{claimed.subscription_id.hex}.{claimed.items[0].hex}",
        at=delivering.clock(),
        daily=claimed.daily,
        entries=[Entry(kind=one.kind, payload=one.payload, at=one.created_at) for one in claimed.told],
        left_out=claimed.left_out,
        public_url=delivering.public_url,
        unsubscribe_url=f"{delivering.public_url}/notifications/unsubscribe/{token}",
    )


def work(settings: Settings) -> None:
    """Deliver until told to stop: a worker on the queue of notifications alone."""

    async def run() -> None:
        db = Database(settings.database_url, pool_size=4)
        try:
            await deliver(
                Sending(
                    db=db,
                    secret_keys=settings.secret_keys,
                    public_url=settings.public_url,
                    mail=settings.mail,
                    mail_from=settings.mail_from,
                    allowed=settings.outbound_allow,
                )
            )
        finally:
            await db.close()

    serve_queue(open_notifications_queue(connect(settings.redis_url)), {SEND_NOTIFICATIONS: lambda: asyncio.run(run())})
