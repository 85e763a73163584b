"""Webhook endpoints of the tests' repositories."""

from uuid import UUID

from bot.db import endpoints
from bot.db.engine import Database
from bot.db.sealed import Sealer


async def set_endpoint(db: Database, sealer: Sealer, repository_id: UUID, url: str) -> str | None:
    """As the settings of a repository do it."""
    async with db.writing() as session:
        return await endpoints.set_endpoint(session, sealer, repository_id, url)
