"""The outbox: a notification is stored in the transaction of its event; then a message per recipient is created."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.dismissals import dismissed_ids
from bot.db.engine import Database, now
from bot.db.highlights import has_new_remarks, highlights_of
from bot.db.notification_tables import MailItem, MailSubscription, Outbox, WebhookEndpoint, WebhookMessage
from bot.db.stored_items import titles_in
from bot.db.tables import Analysis, InsightRow, Repository
from bot.domain.analyses import FIRST_KEY, AnalysisStatus
from bot.domain.insights import Severity, Standing
from bot.domain.notifications import Frequency, NotificationKind
from bot.text import plain

# Standard Webhooks recommends less than 20 KB; the rest is for the envelope and the link that is added.
MAX_PAYLOAD = 18_000
_MOST_REMARKS = 50
_BATCH = 100
_KINDS = {AnalysisStatus.COMPLETED: NotificationKind.COMPLETED, AnalysisStatus.FAILED: NotificationKind.FAILED}


async def write_outbox_item(session: AsyncSession, analysis_id: UUID) -> None:
    """Write an outbox row for an analysis that failed or has remarks, in the transaction that ends it.

    Without remarks, or if the repository has no recipients, no row is written; nor for an analysis by the scheduler
    that finds nothing new, nor for the first analyses of a repository.
    """
    row = await session.get_one(Analysis, analysis_id, populate_existing=True)
    is_told = row.status in _KINDS and not row.key.startswith(FIRST_KEY)
    if not is_told or not await _has_recipients(session, row.repository_id):
        return
    repository = await session.get_one(Repository, row.repository_id)
    payload: dict[str, Any] = {
        "repository": {"id": str(repository.id), "full_name": repository.full_name},
        "analysis_id": str(row.id),
        "pull_request": row.pull_number,
        "ref": plain(row.ref, 255),
        "head_sha": row.head_sha,
        "whole_repository": row.kind.is_whole_repository,
    }
    if row.pull_number is not None:
        title = (await titles_in(session, row.repository_id, [row.pull_number])).get(row.pull_number)
        payload |= {"pull_request_title": title.title} if title else {}
    if row.status is AnalysisStatus.FAILED:
        payload["error"] = plain(row.error or "", 500)
    else:
        remarks = await _remarks(session, row.repository_id, analysis_id)
        if not remarks:
            return
        highlights = await highlights_of(session, row) if row.kind.is_whole_repository else []
        if _is_scheduled(row) and not highlights and not await has_new_remarks(session, row):
            return
        payload |= {"highlights": highlights} if row.kind.is_whole_repository else {}
        payload |= {"conclusion": row.conclusion, "counts": _counts(remarks)}
        payload = _fitting(payload, remarks)
    session.add(Outbox(repository_id=row.repository_id, kind=_KINDS[row.status], payload=payload, created_at=now()))


def _is_scheduled(row: Analysis) -> bool:
    return bool((row.scope or {}).get("scheduled"))


async def fan_out(db: Database, at: datetime, *, mail: bool) -> int:
    """Create a message per recipient for each new row; returns the number of rows. mail: whether mail is configured."""
    query = select(Outbox).where(Outbox.fanned_out_at.is_(None)).order_by(Outbox.created_at).limit(_BATCH)
    async with db.writing() as session:
        rows = list(await session.scalars(query if db.is_sqlite else query.with_for_update(skip_locked=True)))
        for row in rows:
            row.fanned_out_at = at
            endpoint = await session.scalar(
                select(WebhookEndpoint.id).where(
                    WebhookEndpoint.repository_id == row.repository_id, WebhookEndpoint.enabled.is_(True)
                )
            )
            if endpoint is not None:
                session.add(
                    WebhookMessage(
                        endpoint_id=endpoint, outbox_id=row.id, next_attempt_at=at, created_at=row.created_at
                    )
                )
            if mail:
                subscriptions = await _subscriptions(session, row.repository_id)
                session.add_all(MailItem(subscription_id=one, outbox_id=row.id) for one in subscriptions)
        return len(rows)


async def awaits_fan_out(db: Database) -> bool:
    """Whether there are rows for which no messages were created yet."""
    async with db.reading() as session:
        return bool(await session.scalar(select(exists().where(Outbox.fanned_out_at.is_(None)))))


async def expire(db: Database, *, older_than: timedelta) -> None:
    """Delete rows past their retention and their messages."""
    async with db.writing() as session:
        await session.execute(delete(Outbox).where(Outbox.created_at < now() - older_than))


async def _has_recipients(session: AsyncSession, repository_id: UUID) -> bool:
    by_webhook = exists().where(WebhookEndpoint.repository_id == repository_id, WebhookEndpoint.enabled.is_(True))
    by_mail = exists().where(
        or_(MailSubscription.repository_id == repository_id, MailSubscription.repository_id.is_(None)),
        MailSubscription.frequency != Frequency.OFF,
    )
    return bool(await session.scalar(select(or_(by_webhook, by_mail))))


async def _subscriptions(session: AsyncSession, repository_id: UUID) -> list[UUID]:
    """Ids of the active subscriptions to a repository.

    For the same address, a subscription to this repository overrides one to all repositories. If the repository's
    settings switch mail off, there are none.
    """
    repository = await session.get(Repository, repository_id)
    if repository is None or repository.notification_settings.get("email_updates") is False:
        return []
    rows = await session.scalars(
        select(MailSubscription).where(
            or_(MailSubscription.repository_id == repository_id, MailSubscription.repository_id.is_(None))
        )
    )
    chosen: dict[str, MailSubscription] = {}
    for row in sorted(rows, key=lambda row: row.repository_id is not None):
        chosen[row.address] = row
    return [row.id for row in chosen.values() if row.frequency is not Frequency.OFF]


async def _remarks(session: AsyncSession, repository_id: UUID, analysis_id: UUID) -> list[dict[str, Any]]:
    """The remarks of an analysis that are not dismissed, most severe first: title and place, without code."""
    query = select(InsightRow).where(
        InsightRow.analysis_id == analysis_id,
        InsightRow.standing == Standing.REMARK.value,
        InsightRow.id.not_in(dismissed_ids(repository_id)),
    )
    rows = sorted(
        await session.scalars(query), key=lambda row: (-Severity(row.severity).rank, -row.confidence_score, row.title)
    )
    return [
        {
            "id": str(row.id),
            "type": row.type,
            "severity": row.severity,
            "title": plain(row.title, 300),
            "path": plain(row.locations[0]["path"], 300) if row.locations else None,
            "line": row.locations[0]["start_line"] if row.locations else None,
        }
        for row in rows
    ]


def _counts(remarks: list[dict[str, Any]]) -> dict[str, Any]:
    by_severity = Counter(remark["severity"] for remark in remarks)
    return {"remarks": len(remarks), "by_severity": {one.value: by_severity[one.value] for one in Severity}}


def _fitting(payload: dict[str, Any], remarks: list[dict[str, Any]]) -> dict[str, Any]:
    """The payload with as many remarks as fit, most severe first, and the number of remarks left out."""
    kept = remarks[:_MOST_REMARKS]
    while True:
        full = payload | {"remarks": kept, "remarks_left_out": len(remarks) - len(kept)}
        if len(orjson.dumps(full)) <= MAX_PAYLOAD or not kept:
            return full
        kept = kept[:-1]
