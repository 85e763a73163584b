"""Registering, changing and deleting repositories, each with its entry in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import audit
from bot.db.audit import Actor
from bot.db.endpoints import delete_endpoint, set_endpoint
from bot.db.engine import Database, now, rows_changed
from bot.db.orders import save_repositories
from bot.db.sealed import Sealer
from bot.db.tables import Repository
from bot.domain.orders import RepositoryRef

# `email_updates` and `webhook_url`, or one of them.
Settings = Mapping[str, Any]
_NO_SETTINGS: Settings = {"email_updates": False, "webhook_url": None}


@dataclass(frozen=True, slots=True)
class Registered:
    """fresh: False when somebody registered it before, or at the same time."""

    id: UUID
    fresh: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """webhook_secret: of a new webhook endpoint, None where the address is the one it had."""

    webhook_secret: str | None


async def register(
    db: Database,
    sealer: Sealer,
    ref: RepositoryRef,
    *,
    auto_analyze: bool,
    notification_settings: Settings,
    by: Actor,
) -> Registered:
    """Save a repository that a person registers, with its webhook endpoint. Of two that do so at once one is `fresh`.

    A repository that is known from events only is not registered yet.
    """
    try:
        return await _register(db, sealer, ref, auto_analyze, notification_settings, by)
    except IntegrityError:  # an event, or another request, inserted it meanwhile: now it is there
        return await _register(db, sealer, ref, auto_analyze, notification_settings, by)


async def _register(
    db: Database, sealer: Sealer, ref: RepositoryRef, auto_analyze: bool, notification_settings: Settings, by: Actor
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
            await _set_webhook(session, sealer, row.id, notification_settings.get("webhook_url"))
            changes = {"auto_analyze": auto_analyze, "notification_settings": _without_secrets(notification_settings)}
            audit.record(session, by, "repository.register", (row.id, row.full_name), changes)
        return Registered(row.id, fresh)


async def is_known(db: Database, github_id: int) -> bool:
    """Whether a repository is there, by GitHub's id."""
    async with db.reading() as session:
        return await session.scalar(select(Repository.id).where(Repository.github_id == github_id)) is not None


async def change(
    db: Database,
    sealer: Sealer,
    repository_id: UUID,
    *,
    auto_analyze: bool | None = None,
    notification_settings: Settings | None = None,
    by: Actor,
) -> Changed | None:
    """Store the settings that are given, and set the webhook endpoint where they name it; None without a repository."""
    async with db.writing() as session:
        query = select(Repository).where(Repository.id == repository_id)
        row = await session.scalar(query if db.is_sqlite else query.with_for_update(key_share=True))
        if row is None:
            return None
        changes: dict[str, Any] = {}
        secret = None
        if auto_analyze is not None:
            row.auto_analyze = changes["auto_analyze"] = auto_analyze
        if notification_settings is not None:
            row.notification_settings = {**_NO_SETTINGS, **row.notification_settings, **notification_settings}
            changes["notification_settings"] = _without_secrets(row.notification_settings)
            if "webhook_url" in notification_settings:
                secret = await _set_webhook(session, sealer, row.id, notification_settings["webhook_url"])
        if changes:
            row.updated_at = now()
            audit.record(session, by, "repository.change", (row.id, row.full_name), changes)
        return Changed(secret)


async def _set_webhook(session: AsyncSession, sealer: Sealer, repository_id: UUID, url: str | None) -> str | None:
    """Set or delete the endpoint; the secret of a new one."""
    if url is None:
        await delete_endpoint(session, repository_id)
        return None
    return await set_endpoint(session, sealer, repository_id, url)


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
