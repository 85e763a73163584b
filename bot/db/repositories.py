"""Register, change and delete repositories; each writes an entry of the audit log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import audit
from bot.db.audit import Actor
from bot.db.endpoints import delete_endpoint, set_endpoint
from bot.db.engine import Database, now, rows_changed
from bot.db.orders import save_repositories
from bot.db.sealed import Sealer
from bot.db.tables import Analysis, Repository
from bot.domain.orders import RepositoryRef

# Keys: `email_updates`, `webhook_url`; both are optional.
Settings = Mapping[str, Any]
_NO_SETTINGS: Settings = {"email_updates": False, "webhook_url": None}


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered repository.

    fresh: False if it was registered before.
    """

    id: UUID
    fresh: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What the person who registers a repository says of it. It is shown where GitHub says nothing."""

    description: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """The result of a change.

    webhook_secret: of a new webhook URL; None if the URL did not change.
    """

    webhook_secret: str | None


async def register(
    db: Database,
    sealer: Sealer,
    ref: RepositoryRef,
    *,
    auto_analyze: bool,
    notification_settings: Settings,
    given: Given = Given(),
    by: Actor,
) -> Registered:
    """Register a repository and create its webhook endpoint. Of two simultaneous calls, one gets `fresh`.

    A repository that is known from events only is not registered yet.
    """
    try:
        return await _register(db, sealer, ref, auto_analyze, notification_settings, given, by)
    except IntegrityError:  # an event or another request inserted it; the second try finds it
        return await _register(db, sealer, ref, auto_analyze, notification_settings, given, by)


async def _register(
    db: Database,
    sealer: Sealer,
    ref: RepositoryRef,
    auto_analyze: bool,
    notification_settings: Settings,
    given: Given,
    by: Actor,
) -> Registered:
    async with db.writing() as session:
        row = (await save_repositories(session, [ref], anew=True))[ref.github_id]
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
            if given != Given():
                row.facts = {**row.facts, "given": asdict(given)}
                changes["given"] = asdict(given)
            audit.record(session, by, "repository.register", (row.id, row.full_name), changes)
        return Registered(row.id, fresh)


async def is_known(db: Database, github_id: int) -> bool:
    """Whether a repository is in the database, by GitHub's id."""
    async with db.reading() as session:
        return await session.scalar(select(Repository.id).where(Repository.github_id == github_id)) is not None


async def github_id_of(db: Database, identifier: UUID) -> int | None:
    """GitHub's id of a repository, or of the repository of an analysis; None if there is neither."""
    of_analysis = select(Analysis.repository_id).where(Analysis.id == identifier).scalar_subquery()
    query = select(Repository.github_id).where(or_(Repository.id == identifier, Repository.id == of_analysis))
    async with db.reading() as session:
        found: int | None = await session.scalar(query)
    return found


async def change(
    db: Database,
    sealer: Sealer,
    repository_id: UUID,
    *,
    auto_analyze: bool | None = None,
    notification_settings: Settings | None = None,
    by: Actor,
) -> Changed | None:
    """Store the given settings, and set the webhook endpoint if they contain it; None if the repository is unknown."""
    async with db.writing() as session:
        query = select(Repository).where(Repository.id == repository_id)
        row = await session.scalar(query if db.is_sqlite else query.with_for_update(key_share=True))
        if row is None:
            return None
        changes: dict[str, Any] = {}
        secret = None
        if auto_analyze is not None:
            row.auto_analyze = changes["auto_analyze"] = auto_analyze
        if notification_settings:
            row.notification_settings = {**_NO_SETTINGS, **row.notification_settings, **notification_settings}
            changes["notification_settings"] = _without_secrets(row.notification_settings)
            if "webhook_url" in notification_settings:
                secret = await _set_webhook(session, sealer, row.id, notification_settings["webhook_url"])
        if changes:
            row.updated_at = now()
            audit.record(session, by, "repository.change", (row.id, row.full_name), changes)
        return Changed(secret)


async def _set_webhook(session: AsyncSession, sealer: Sealer, repository_id: UUID, url: str | None) -> str | None:
    """Set or delete the endpoint; returns the secret of a new one."""
    if url is None:
        await delete_endpoint(session, repository_id)
        return None
    return await set_endpoint(session, sealer, repository_id, url)


async def remove(db: Database, repository_id: UUID, by: Actor) -> bool:
    """Delete a repository and all its rows; False if it does not exist."""
    async with db.writing() as session:
        name = await session.scalar(select(Repository.full_name).where(Repository.id == repository_id))
        if name is None:
            return False
        audit.record(session, by, "repository.delete", (repository_id, name))
        await session.execute(delete(Repository).where(Repository.id == repository_id))
        return True


def _without_secrets(settings: Settings) -> dict[str, Any]:
    """The settings with the path of the webhook URL left out, because the path often contains a secret."""
    url = settings.get("webhook_url")
    return {**settings, "webhook_url": f"https://{urlsplit(url).netloc}/…" if url else None}


async def save_default_branch(db: Database, repository_id: UUID, name: str) -> None:
    """Store the default branch if it is not known yet."""
    async with db.writing() as session:
        await session.execute(
            update(Repository)
            .where(Repository.id == repository_id, Repository.default_branch == "")
            .values(default_branch=name)
        )
