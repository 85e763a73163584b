"""The first page for admins: what waits, the limits, the versions; for admins only, and nothing secret."""

import time
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

from gidgethub.sansio import RateLimit

from bot.db.engine import now
from bot.db.inbox_list import DeliveryFilter, list_deliveries
from bot.db.tables import Analysis, Delivery
from bot.domain.deliveries import DeliveryStatus
from bot.github.budget import note_budget
from bot.queue import connection
from bot.web.auth import Role
from tests.web.asking import Api
from tests.web.filled import HOSTILE
from tests.web.test_api_access import signed_in
from tests.web.visiting import get


async def test_what_waits_is_shown_to_admins_only(api: Api) -> None:
    async with api.web.db.writing() as session:
        session.add(
            Analysis(
                id=uuid4(), repository_id=api.rows.public, key="k", subject="s", ref="main", head_sha="c" * 40,
                status="queued", created_at=now() - timedelta(minutes=30),
            )
        )  # fmt: skip
    redis = connection.connect(api.web.settings.redis_url)
    await note_budget(redis, 5, RateLimit(limit=5000, remaining=250, reset_epoch=time.time() + 600))
    await note_budget(redis, 6, RateLimit(limit=5000, remaining=5000, reset_epoch=time.time() - 600))
    await redis.aclose()
    seen = await get(api.web, "/admin", await signed_in(api, Role.ADMIN, set()))
    assert seen.status == 200 and '<span class="bad">30 minutes ago: late</span>' in seen.text
    assert "Queued: change" in seen.text and "octo/public</a></td><td>1</td>" in seen.text
    assert '<td>octo</td><td class="bad">5%</td>' in seen.text and "installation 6" not in seen.text
    assert "SQLite, schema" in seen.text or "PostgreSQL, schema" in seen.text
    assert "Mail is not set up" in seen.text
    settings = api.web.settings
    secrets = (settings.secret_key, *settings.webhook_secrets, settings.private_key, settings.database_url)
    assert not [secret for secret in (*secrets, settings.redis_url, str(settings.data_dir)) if secret in seen.text]
    for role in (Role.MAINTAINER, Role.VIEWER):
        assert (await get(api.web, "/admin", await signed_in(api, role, {11}))).status == 404
    assert (await get(api.web, "/admin")).status == 404


async def test_deliveries_are_listed_by_repository(api: Api) -> None:
    named = {"one": HOSTILE, "two": "octo/public", "three": "octo/public", "old": None, "none": ""}
    async with api.web.db.writing() as session:
        for number, (name, repository) in enumerate(named.items()):
            status = DeliveryStatus.FAILED if name == "three" else DeliveryStatus.DONE
            session.add(
                Delivery(id=f"d-{name}", event="push", payload=b"{}", status=status, repository=repository,
                         received_at=now() + timedelta(seconds=number))
            )  # fmt: skip

    async def ids(wanted: DeliveryFilter) -> tuple[list[str], int]:
        listed = await list_deliveries(api.web.db, wanted, limit=10, offset=0)
        return [one.id for one in listed.items], listed.total

    assert await ids(DeliveryFilter()) == (["d-none", "d-old", "d-three", "d-two", "d-one"], 5)
    assert await ids(DeliveryFilter(repository="octo/public")) == (["d-three", "d-two"], 2)
    assert await ids(DeliveryFilter(DeliveryStatus.FAILED, "octo/public")) == (["d-three"], 1)
    assert await ids(DeliveryFilter(repository="octo")) == ([], 0)
    token = await signed_in(api, Role.ADMIN, set())
    seen = (await get(api.web, "/admin/deliveries?status=&repository=+octo%2Fpublic+", token)).text
    assert "d-two" in seen and "d-three" in seen and "d-one" not in seen
    assert "with exactly this name" in (await get(api.web, "/admin/deliveries?repository=octo", token)).text
    hostile = await get(api.web, f"/admin/deliveries?repository={quote(HOSTILE)}", token)
    assert "d-one" in hostile.text and "d-two" not in hostile.text
    assert "<script" not in hostile.text and "&lt;script&gt;" in hostile.text
    assert (await get(api.web, "/admin/deliveries?repository=%00", token)).status == 422
