"""Store what webhooks tell of issues, pull requests and what belongs to them, and delete what is gone.

`item_rows.py` writes the rows, also for the job `sync_github`, in any order. `stored_items.py` reads them.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import item_rows
from bot.db.github_tables import ItemRow, LabelRow, ReleaseRow, ResponseRow
from bot.domain.items import AccountActivity, Item, Label, Milestone, Release, Response


async def save_items(session: AsyncSession, repository_id: UUID, items: Sequence[Item], seen_at: datetime) -> None:
    """`item_rows.write_items` in a transaction of the caller."""
    await session.run_sync(item_rows.write_items, repository_id, items, seen_at)


async def save_responses(
    session: AsyncSession, repository_id: UUID, responses: Sequence[Response], seen_at: datetime
) -> None:
    """`item_rows.write_responses` in a transaction of the caller."""
    await session.run_sync(item_rows.write_responses, repository_id, responses, seen_at)


async def save_labels(session: AsyncSession, repository_id: UUID, labels: Sequence[Label], seen_at: datetime) -> None:
    """`item_rows.write_labels` in a transaction of the caller."""
    await session.run_sync(item_rows.write_labels, repository_id, labels, seen_at)


async def save_milestones(
    session: AsyncSession, repository_id: UUID, milestones: Sequence[Milestone], seen_at: datetime
) -> None:
    """`item_rows.write_milestones` in a transaction of the caller."""
    await session.run_sync(item_rows.write_milestones, repository_id, milestones, seen_at)


async def save_releases(
    session: AsyncSession, repository_id: UUID, releases: Sequence[Release], seen_at: datetime
) -> None:
    """`item_rows.write_releases` in a transaction of the caller."""
    await session.run_sync(item_rows.write_releases, repository_id, releases, seen_at)


async def save_contributors(
    session: AsyncSession, repository_id: UUID, contributors: Sequence[AccountActivity], seen_at: datetime
) -> None:
    """`item_rows.write_contributors` in a transaction of the caller."""
    await session.run_sync(item_rows.write_contributors, repository_id, contributors, seen_at)


async def delete_item(session: AsyncSession, repository_id: UUID, number: int) -> None:
    """Delete an issue or a pull request, with what people answered on it."""
    await session.execute(delete(ItemRow).where(ItemRow.repository_id == repository_id, ItemRow.number == number))
    answers = (ResponseRow.repository_id == repository_id, ResponseRow.number == number)
    await session.execute(delete(ResponseRow).where(*answers))


async def delete_label(session: AsyncSession, repository_id: UUID, name: str) -> None:
    """Delete a label. The items keep its name until GitHub lists them without it."""
    await session.execute(delete(LabelRow).where(LabelRow.repository_id == repository_id, LabelRow.name == name))


async def delete_release(session: AsyncSession, repository_id: UUID, github_id: int) -> None:
    """Delete a release."""
    ours = (ReleaseRow.repository_id == repository_id, ReleaseRow.github_id == github_id)
    await session.execute(delete(ReleaseRow).where(*ours))
