"""The files and functions that open pull requests touch, as of their newest analyses.

An analysis stores its own and reads those of the other pull requests."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database, now
from bot.db.history_tables import OpenPullRow
from bot.db.tables import Repository
from bot.domain.open_pulls import OpenPull, Touched, TouchedFunction

# A pull request without an analysis for so long is ignored.
KEPT = timedelta(days=60)
MAX_FILES = 300
MAX_FUNCTIONS = 2_000
_MAX_READ = 500
_MAX_RETURNED = 20


async def save_touched(db: Database, repository_id: UUID, base_ref: str, pull: OpenPull) -> None:
    """Replace what is stored for a pull request, up to MAX_FILES files and MAX_FUNCTIONS functions."""
    async with db.writing() as session:
        query = select(Repository.id).where(Repository.id == repository_id)
        if await session.scalar(query if db.is_sqlite else query.with_for_update()) is None:
            return  # it was deleted meanwhile
        await _delete(session, repository_id, pull.number)
        session.add(
            OpenPullRow(
                repository_id=repository_id,
                number=pull.number,
                base_ref=base_ref,
                head_sha=pull.head_sha,
                files=list(pull.touched.files[:MAX_FILES]),
                functions=[asdict(one) for one in pull.touched.functions[:MAX_FUNCTIONS]],
                seen_at=now(),
            )
        )


async def delete_touched(db: Database, repository_id: UUID, number: int) -> None:
    """Delete what is stored for a pull request, because it was closed."""
    async with db.writing() as session:
        await _delete(session, repository_id, number)


async def delete_touched_in(session: AsyncSession, github_id: int, number: int) -> None:
    """As `delete_touched`, in a transaction of the caller and by GitHub's id of the repository."""
    known = await session.scalar(select(Repository.id).where(Repository.github_id == github_id))
    if known is not None:
        await _delete(session, known, number)


async def open_pulls_at(
    db: Database, repository_id: UUID, base_ref: str, *, exclude: int, head_sha: str, paths: Collection[str]
) -> tuple[OpenPull, ...]:
    """Other pull requests into the same branch that touch one of these paths, newest analysis first, 20 at most.

    exclude, head_sha: number and head of the pull request itself, which is left out.
    """
    kept = (
        OpenPullRow.repository_id == repository_id,
        OpenPullRow.base_ref == base_ref,
        OpenPullRow.number != exclude,
        OpenPullRow.head_sha != head_sha,
        OpenPullRow.seen_at > now() - KEPT,
    )
    newest = select(OpenPullRow.number, OpenPullRow.files).where(*kept).order_by(OpenPullRow.seen_at.desc())
    changed = set(paths)
    async with db.reading() as session:
        recent = await session.execute(newest.limit(_MAX_READ))
        numbers = [number for number, files in recent if not changed.isdisjoint(files)][:_MAX_RETURNED]
        rows = await session.scalars(select(OpenPullRow).where(*kept, OpenPullRow.number.in_(numbers)))
        return tuple(sorted((_read(row) for row in rows), key=lambda one: numbers.index(one.number)))


async def expire(db: Database) -> None:
    """Delete the rows of pull requests that were not analyzed for KEPT."""
    async with db.writing() as session:
        await session.execute(delete(OpenPullRow).where(OpenPullRow.seen_at < now() - KEPT))


async def _delete(session: AsyncSession, repository_id: UUID, number: int) -> None:
    await session.execute(
        delete(OpenPullRow).where(OpenPullRow.repository_id == repository_id, OpenPullRow.number == number)
    )


def _read(row: OpenPullRow) -> OpenPull:
    functions = tuple(TouchedFunction(**one) for one in row.functions)
    return OpenPull(row.number, row.head_sha, Touched(tuple(row.files), functions))
