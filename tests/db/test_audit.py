"""A change and its entry in the audit log are one transaction, on both databases."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bot.db import endpoints, repositories, subscriptions
from bot.db.access_tables import AuditRow
from bot.db.audit import Actor
from bot.db.engine import Database
from bot.db.sealed import Sealer
from bot.db.tables import Repository
from bot.domain.notifications import Frequency
from tests.endpoints import set_endpoint
from tests.web.filled import Filled, fill

URL = "https://example.org/hook"
SEALER = Sealer(["a key of the tests"])
ANN = Actor(None, "ann", "request-1")


@dataclass
class Rows:
    db: Database
    filled: Filled

    async def entries(self) -> list[tuple[str, str, str, str, dict[str, object]]]:
        """What the log has, oldest first."""
        async with self.db.reading() as session:
            rows = await session.scalars(select(AuditRow).order_by(AuditRow.at))
            return [(row.actor, row.request_id, row.action, row.subject, row.changes) for row in rows]

    async def stored(self) -> list[object]:
        """All that the changes below could change."""
        async with self.db.reading() as session:
            repository = await session.get_one(Repository, self.filled.public)
            secrets = list(await session.scalars(text("SELECT secret FROM webhook_endpoints ORDER BY secret")))
            urls = list(await session.scalars(text("SELECT url FROM webhook_endpoints ORDER BY url")))
        known = await subscriptions.list_subscriptions(self.db, self.filled.public)
        return [repository.auto_analyze, repository.notification_settings, secrets, urls, known]


@pytest.fixture
async def rows(database_url: str) -> AsyncIterator[Rows]:
    db = Database(database_url)
    yield Rows(db, await fill(db))
    await db.close()


async def replace_secret(rows: Rows) -> object:
    return await endpoints.replace_secret(rows.db, SEALER, rows.filled.public, ANN)


async def subscribe(rows: Rows) -> object:
    return await subscriptions.subscribe(rows.db, "ann@example.org", rows.filled.public, Frequency.EACH, by=ANN)


async def move_webhook(rows: Rows) -> object:
    settings = {"email_updates": True, "webhook_url": URL + "/2"}
    return await repositories.change(
        rows.db, SEALER, rows.filled.public, auto_analyze=False, notification_settings=settings, by=ANN
    )


async def set_mail(rows: Rows) -> object:
    settings = {"email_updates": True}
    return await repositories.change(rows.db, SEALER, rows.filled.public, notification_settings=settings, by=ANN)


async def delete_webhook(rows: Rows) -> object:
    settings = {"email_updates": True, "webhook_url": None}
    return await repositories.change(rows.db, SEALER, rows.filled.public, notification_settings=settings, by=ANN)


CHANGES: dict[Callable[[Rows], Awaitable[object]], tuple[str, dict[str, object]]] = {
    replace_secret: ("webhook.secret", {}),
    subscribe: ("subscription.change", {"frequency": "each"}),
    move_webhook: (
        "repository.change",
        {
            "auto_analyze": False,
            "notification_settings": {"email_updates": True, "webhook_url": "https://example.org/…"},
        },
    ),
    set_mail: ("repository.change", {"notification_settings": {"email_updates": True, "webhook_url": None}}),
    delete_webhook: ("repository.change", {"notification_settings": {"email_updates": True, "webhook_url": None}}),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_a_change_comes_with_its_entry(rows: Rows, change: Callable[[Rows], Awaitable[object]]) -> None:
    await set_endpoint(rows.db, SEALER, rows.filled.public, URL)
    before, known = await rows.stored(), await rows.entries()
    await change(rows)
    assert await rows.stored() != before
    action, changes = CHANGES[change]
    assert (await rows.entries())[len(known) :] == [("ann", "request-1", action, "octo/public", changes)]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_an_entry_that_cannot_be_written_takes_the_change_back(
    rows: Rows, change: Callable[[Rows], Awaitable[object]]
) -> None:
    await set_endpoint(rows.db, SEALER, rows.filled.public, URL)
    before = await rows.stored()
    async with rows.db.writing() as session:
        await session.execute(text("ALTER TABLE audit_log RENAME TO audit_log_away"))
    with pytest.raises(DBAPIError, match="audit_log"):
        await change(rows)
    assert await rows.stored() == before


async def test_settings_of_mail_leave_a_disabled_endpoint_alone(rows: Rows) -> None:
    await set_endpoint(rows.db, SEALER, rows.filled.public, URL)
    async with rows.db.writing() as session:
        await session.execute(text("UPDATE webhook_endpoints SET enabled = FALSE, disabled_reason = 'gone'"))
    await set_mail(rows)
    endpoint = await endpoints.get_endpoint(rows.db, rows.filled.public)
    assert endpoint is not None and (endpoint.enabled, endpoint.disabled_reason) == (False, "gone")
    await repositories.change(rows.db, SEALER, rows.filled.public, notification_settings={"webhook_url": URL}, by=ANN)
    endpoint = await endpoints.get_endpoint(rows.db, rows.filled.public)
    assert endpoint is not None and (endpoint.enabled, endpoint.disabled_reason) == (True, None)
