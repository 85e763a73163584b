"""What GitHub refuses to the sync: a permission is not accepted, or a feature of the repository is switched off."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database, now
from bot.db.github_tables import SyncStateRow
from bot.db.tables import Repository
from bot.domain.sync import SyncStatus


async def refusals(db: Database, repository_id: UUID) -> list[str]:
    """The reasons why parts of a repository are not synced, as sentences, each once."""
    refused = (SyncStateRow.repository_id == repository_id, SyncStateRow.status == SyncStatus.REFUSED)
    query = select(SyncStateRow.reason).where(*refused, SyncStateRow.reason != "").distinct()
    async with db.reading() as session:
        return sorted(await session.scalars(query))


async def retry_refused_sync(session: AsyncSession, installation_id: int) -> None:
    """Let what GitHub refused to an installation be synced at once."""
    repositories = select(Repository.id).where(Repository.installation_id == installation_id)
    refused = (SyncStateRow.status == SyncStatus.REFUSED, SyncStateRow.repository_id.in_(repositories))
    waiting = {"status": SyncStatus.WAITING, "due_at": None, "reason": "", "updated_at": now()}
    await session.execute(update(SyncStateRow).where(*refused).values(waiting))
