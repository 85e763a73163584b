"""Mail subscriptions for the API and the pages: the address, the repository and the frequency.

The caller checks that a person may see the repository. `repository_id=None` means all repositories, which is for
admins only.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from bot.db import audit
from bot.db.audit import Actor
from bot.db.engine import Database, now
from bot.db.notification_tables import MailItem, MailSubscription
from bot.db.tables import Repository
from bot.domain.notifications import Frequency
from bot.mail import check_address


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionView:
    """One subscription.

    repository_id: None for all repositories.
    off_reason: why GitInsight switched it off.
    """

    id: UUID
    address: str
    repository_id: UUID | None
    frequency: Frequency
    off_reason: str | None


async def subscribe(
    db: Database, address: str, repository_id: UUID | None, frequency: Frequency = Frequency.DAILY, *, by: Actor
) -> UUID:
    """Create a subscription, or change its frequency; returns its id.

    A subscription to one repository overrides one to all repositories. Raises ValueError for an invalid address.
    """
    check_address(address)
    async with db.writing() as session:
        row = await session.scalar(
            select(MailSubscription).where(
                MailSubscription.address == address, MailSubscription.repository_id.is_not_distinct_from(repository_id)
            )
        )
        if row is None:
            row = MailSubscription(address=address, repository_id=repository_id, created_at=now())
            session.add(row)
        row.frequency, row.off_reason, row.refusals, row.next_attempt_at = frequency, None, 0, None
        await session.flush()
        if frequency is Frequency.OFF:
            await session.execute(delete(MailItem).where(MailItem.subscription_id == row.id))
        name = await session.scalar(select(Repository.full_name).where(Repository.id == repository_id))
        subject = (repository_id or "", name or "all repositories")
        audit.record(session, by, "subscription.change", subject, {"frequency": frequency.value})
        return row.id


async def unsubscribe(db: Database, subscription_id: UUID) -> bool:
    """Switch a subscription off and delete its unsent items; False if it does not exist."""
    async with db.writing() as session:
        row = await session.get(MailSubscription, subscription_id)
        if row is None:
            return False
        row.frequency = Frequency.OFF
        await session.execute(delete(MailItem).where(MailItem.subscription_id == row.id, MailItem.sent_at.is_(None)))
        return True


async def get_subscription(db: Database, subscription_id: UUID) -> SubscriptionView | None:
    """One subscription, or None."""
    async with db.reading() as session:
        row = await session.get(MailSubscription, subscription_id)
        return None if row is None else _view(row)


async def list_subscriptions(db: Database, repository_id: UUID) -> list[SubscriptionView]:
    """The subscriptions to this repository, also those that are off, by address; without those to all repositories."""
    query = select(MailSubscription).where(MailSubscription.repository_id == repository_id)
    async with db.reading() as session:
        return [_view(row) for row in await session.scalars(query.order_by(MailSubscription.address).limit(1_000))]


def _view(row: MailSubscription) -> SubscriptionView:
    return SubscriptionView(
        id=row.id,
        address=row.address,
        repository_id=row.repository_id,
        frequency=row.frequency,
        off_reason=row.off_reason,
    )
