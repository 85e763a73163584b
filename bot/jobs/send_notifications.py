"""The job that sends the notifications in the outbox as signed webhooks and mails, each at least once.

Nothing is lost if Redis, a receiver or the mail server does not respond: the rows remain, and the sweep enqueues the
job again.
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
from bot.db.webhook_messages import AttemptResult, ClaimedMessage
from bot.mail import MailServer
from bot.notify.digest import Digest, Entry, compose
from bot.notify.messages import webhook_body
from bot.notify.outbound import Network, open_session
from bot.notify.post import Answer, post
from bot.notify.schedule import GIVE_UP_ON_ENDPOINT, next_attempt
from bot.notify.signing import signed_headers
from bot.notify.smtp import NotSent, send
from bot.notify.unsubscribe import unsubscribe_token
from bot.settings import Settings

_CONCURRENCY = 10
_MAX_MESSAGES, _MAX_PER_ENDPOINT, _MAX_MAILS = 60, 4, 40
_MAIL_SECONDS = 120.0
_RETRY_MAIL_AFTER = timedelta(minutes=10)
_RETRY_REFUSED_AFTER = timedelta(hours=6)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """The resources of the job.

    secret_keys: the current key first.
    mail: None without a mail server.
    allowed: networks of receivers that are allowed although they are not public.
    clock: returns the current time.
    """

    db: Database
    secret_keys: Sequence[str]
    public_url: str
    mail: MailServer | None = None
    mail_from: str = ""
    allowed: Sequence[Network] = ()
    clock: Callable[[], datetime] = now


async def is_due(db: Database, at: datetime, *, mail: bool) -> bool:
    """Return whether any notification is due."""
    return (
        await outbox.awaits_fan_out(db)
        or bool(await webhook_messages.due_messages(db, at, limit=1, per_endpoint=1))
        or (mail and bool(await digests.due_digests(db, at, limit=1)))
    )


async def send_due(sending: Sending) -> None:
    """Create the messages from the outbox, then send due webhooks and mails. The next run sends the rest.

    The number per run is limited.
    """
    db, at, mail = sending.db, sending.clock(), sending.mail is not None
    while await outbox.fan_out(db, at, mail=mail):
        pass
    messages = await webhook_messages.due_messages(db, at, limit=_MAX_MESSAGES, per_endpoint=_MAX_PER_ENDPOINT)
    mails = await digests.due_digests(db, at, limit=_MAX_MAILS) if mail else []
    async with open_session(sending.allowed, at_once=_CONCURRENCY) as session, asyncio.TaskGroup() as tasks:
        tasks.create_task(_send_webhooks(sending, session, messages))
        tasks.create_task(_send_mails(sending, mails))


async def _send_webhooks(sending: Sending, session: aiohttp.ClientSession, messages: Sequence[UUID]) -> None:
    """Send several webhooks at a time, because receivers may be slow."""
    slots = asyncio.Semaphore(_CONCURRENCY)

    async def send_one(message_id: UUID) -> None:
        async with slots:
            try:
                await _send_webhook(sending, session, message_id)
            except Exception:  # of the database; a claimed message is due again when its lease ends
                log.exception("the webhook message %s failed; it is tried again later", message_id)

    await asyncio.gather(*(send_one(message_id) for message_id in messages))


async def _send_webhook(sending: Sending, session: aiohttp.ClientSession, message_id: UUID) -> None:
    claimed = await webhook_messages.claim_message(sending.db, message_id, sending.clock())
    if claimed is None:
        return
    try:
        secret = Sealer(sending.secret_keys).unseal(claimed.sealed_secret)
        body = webhook_body(claimed.kind, claimed.created_at, claimed.payload, sending.public_url)
        headers = signed_headers(secret, claimed.webhook_id, sending.clock(), body)
        answer = await post(session, claimed.url, headers, body, sending.allowed)
    except Unreadable as problem:
        answer = Answer(error=f"{problem}; replace the endpoint's secret")
    except Exception as bug:
        log.exception("the webhook message %s could not be sent", claimed.webhook_id)
        answer = Answer(error=f"GitInsight failed with {type(bug).__name__}")
    jitter = random.random()  # noqa: S311 - it spreads the load; it is no secret
    attempted = attempt_of(claimed, answer, sending.clock(), jitter=jitter)
    await webhook_messages.record_attempt(sending.db, claimed, attempted)
    log.info(
        "the webhook message %s, attempt %d: %s", claimed.webhook_id, claimed.attempt, answer.error or answer.status
    )


def attempt_of(claimed: ClaimedMessage, answer: Answer, at: datetime, *, jitter: float) -> AttemptResult:
    """Return the result of an attempt: delivered, to be tried again, or a reason to disable the endpoint."""
    retry_at, disable = None, None
    if answer.gone:
        disable = "The receiver answered 410 Gone."
    elif not answer.delivered:
        retry_at = next_attempt(claimed.tries, at, retry_after=answer.retry_after, jitter=jitter)
        if claimed.failing_since is not None and at - claimed.failing_since >= GIVE_UP_ON_ENDPOINT:
            retry_at = None
            since = f"{claimed.failing_since:%Y-%m-%d %H:%M} UTC"
            disable = f"Every attempt since {since} failed; the last error: {answer.error}."
    return AttemptResult(
        at=at,
        delivered=answer.delivered,
        status_code=answer.status,
        error=answer.error,
        answer=answer.text,
        seconds=round(answer.seconds, 4),
        next_attempt_at=retry_at,
        disable=disable,
    )


async def _send_mails(sending: Sending, subscriptions: Sequence[UUID]) -> None:
    """Send mails one after the other. Stop if the server does not respond or is slow; the next run sends the rest."""
    end = asyncio.get_running_loop().time() + _MAIL_SECONDS
    for subscription_id in subscriptions:
        if not await _send_mail(sending, subscription_id) or asyncio.get_running_loop().time() > end:
            return


async def _send_mail(sending: Sending, subscription_id: UUID) -> bool:
    """Send one digest, unless another worker sends it. Returns False if the mail server does not respond."""
    claimed = await digests.claim_digest(sending.db, subscription_id, sending.clock())
    if claimed is None or sending.mail is None:
        return True
    try:
        await send(sending.mail, compose(_digest(sending, claimed)))
    except NotSent as problem:
        log.warning("a mail could not be sent: %s", problem)
        if not problem.refused:
            await digests.record_failed(sending.db, claimed, sending.clock() + _RETRY_MAIL_AFTER, str(problem))
            return False
        await digests.record_refused(sending.db, claimed, sending.clock() + _RETRY_REFUSED_AFTER, str(problem))
    except Exception as bug:  # a bug in one mail must not stop the others
        log.exception("the mail of subscription %s could not be created", subscription_id)
        retry_at = sending.clock() + _RETRY_REFUSED_AFTER
        await digests.record_failed(sending.db, claimed, retry_at, f"GitInsight failed with {type(bug).__name__}")
    else:
        await digests.record_sent(sending.db, claimed, sending.clock())
    return True


def _digest(sending: Sending, claimed: ClaimedDigest) -> Digest:
    token = unsubscribe_token(sending.secret_keys[0], claimed.subscription_id)
    return Digest(
        sender=sending.mail_from,
        address=claimed.address,
        # Constant, so that receivers can drop a mail that is sent twice after a crash.
        message_id=f"{claimed.subscription_id.hex}.{claimed.items[0].hex}",
        at=sending.clock(),
        daily=claimed.daily,
        entries=[Entry(kind=entry.kind, payload=entry.payload, at=entry.created_at) for entry in claimed.entries],
        left_out=claimed.left_out,
        public_url=sending.public_url,
        unsubscribe_url=f"{sending.public_url}/notifications/unsubscribe/{token}",
    )


async def send_notifications(settings: Settings) -> None:
    """Send what is due, as a job."""
    db = Database(settings.database_url, pool_size=4)
    try:
        await send_due(
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
