"""Registering, changing and deleting repositories, each with its line in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from bot.db import audit
from bot.db.audit import Actor
from bot.db.engine import Database, now, rows_changed
from bot.db.orders import save_repositories
from bot.db.tables import Repository
from bot.domain.orders import RepositoryRef

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Registered:
    """fresh: False when somebody registered it before, or at the same time."""

    id: UUID
    fresh: bool


async def register(
    db: Database, ref: RepositoryRef, *, auto_analyze: bool, notification_settings: Settings, by: Actor
) -> Registered:
    """Make a repository known, or take over what events told of it. Of two that do so at once one is `fresh`."""
    try:
        return await _register(db, ref, auto_analyze, notification_settings, by)
    except IntegrityError:  # an event, or another request, inserted it meanwhile: now it is there
        return await _register(db, ref, auto_analyze, notification_settings, by)


async def _register(
    db: Database, ref: RepositoryRef, auto_analyze: bool, notification_settings: Settings, by: Actor
) -> Registered:
    async with db.writing() as session:
        row = (await save_repositories(session, [ref]))[ref.github_id]
        done = await session.execute(
            update(Repository)
            .where(Repository.id == row.id, Repository.registered_at.is_(None))
            .values(
                registered_at=now(),
                auto_analyze=auto_analyze,
                notification_settings=dict(notification_settings),
                updated_at=now(),
            )
        )
        fresh = bool(rows_changed(done))
        if fresh:
            changes = {"auto_analyze": auto_analyze, "notification_settings": _without_secrets(notification_settings)}
            audit.record(session, by, "repository.register", (row.id, row.full_name), changes)
        return Registered(row.id, fresh)


async def is_known(db: Database, github_id: int) -> bool:
    """Whether a repository is there, by GitHub's id."""
    async with db.reading() as session:
        return await session.scalar(select(Repository.id).where(Repository.github_id == github_id)) is not None


async def change(
    db: Database, repository_id: UUID, *, auto_analyze: bool | None, notification_settings: Settings | None, by: Actor
) -> bool:
    """Write what is given; False when the repository is gone."""
    wanted: dict[str, Any] = {}
    if auto_analyze is not None:
        wanted["auto_analyze"] = auto_analyze
    if notification_settings is not None:
        wanted["notification_settings"] = dict(notification_settings)
    async with db.writing() as session:
        row = await session.get(Repository, repository_id)
        if row is None:
            return False
        if wanted:
            told = wanted | (
                {"notification_settings": _without_secrets(notification_settings)} if notification_settings else {}
            )
            audit.record(session, by, "repository.change", (row.id, row.full_name), told)
            for name, value in wanted.items():
                setattr(row, name, value)
            row.updated_at = now()
        return True


async def remove(db: Database, repository_id: UUID, by: Actor) -> bool:
    """Delete a repository and everything that hangs on it; False when it is gone already."""
    async with db.writing() as session:
        name = await session.scalar(select(Repository.full_name).where(Repository.id == repository_id))
        if name is None:
            return False
        audit.record(session, by, "repository.delete", (repository_id, name))
        await session.execute(delete(Repository).where(Repository.id == repository_id))
        return True


def _without_secrets(settings: Settings) -> dict[str, Any]:
    """The path of a webhook's address is often its password."""
    url = settings.get("webhook_url")
    return {**settings, "webhook_url": f"https://{urlsplit(url).netloc}/…" if url else None}


async def save_default_branch(db: Database, repository_id: UUID, name: str) -> None:
    """Store a default branch that no event named."""
    async with db.writing() as session:
        await session.execute(
            update(Repository)
            .where(Repository.id == repository_id, Repository.default_branch == "")
            .values(default_branch=name)
        )
