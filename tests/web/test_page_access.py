"""Access to pages and forms: other people's repositories, roles, and forms of other sites."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from bot.db.access_tables import AuditRow, TokenRow
from bot.db.tables import Repository
from bot.web.auth import Role
from tests.tokens import granted, token_for
from tests.web.asking import Api
from tests.web.test_api_access import signed_in
from tests.web.visiting import FOREIGN, get, post

SHOWN = ["", "/insights", "/pull-requests", "/analyses", "/history", "/charts/trends", "/charts/hotspots"]
CHANGING = ["/settings", "/notifications"]
SENT = [
    ("/settings", {}),
    ("/analyze", {}),
    ("/delete", {"full_name": "octo/secret"}),
    ("/notifications/webhook", {"url": "https://example.org/x"}),
    ("/notifications/webhook/secret", {}),
    ("/notifications/webhook/test", {}),
    ("/notifications/webhook/replay", {"message": str(uuid4())}),
    ("/notifications/mail", {"email_updates": "on"}),
    ("/notifications/subscription", {"address": "ann@example.org"}),
]
ADMIN = ["users", "deliveries", "jobs", "audit"]


async def test_another_tenants_repository_answers_like_an_unknown_one(api: Api) -> None:
    token = await signed_in(api, Role.MAINTAINER, {11})
    analysis = f"/analyses/{api.rows.private_analysis}"
    for path in [*SHOWN, *CHANGING, analysis, f"{analysis}/events"]:
        for visitor in (token, None):
            seen = await get(api.web, f"/repositories/{api.rows.private}{path}", visitor)
            unknown = await get(api.web, f"/repositories/{uuid4()}{path}", visitor)
            assert (seen.status, seen.text) == (404, unknown.text), path
    for path, fields in [*SENT, (f"{analysis}/cancel", {})]:
        assert (await post(api.web, f"/repositories/{api.rows.private}{path}", token, fields)).status == 404
    across = f"/repositories/{api.rows.public}{analysis}"
    for path in (across, f"{across}/events"):
        assert (await get(api.web, path, token)).status == 404
    index = (await get(api.web, "/?q=secret", token)).text
    assert "octo/secret" not in index and "No repositories match" in index
    async with api.web.db.reading() as session:
        assert await session.scalar(select(func.count(Repository.id))) == 2


async def test_settings_need_permission_to_change_the_repository(api: Api) -> None:
    viewer = await signed_in(api, Role.VIEWER, {11, 12})
    place = f"/repositories/{api.rows.public}"
    assert (await get(api.web, place, viewer)).status == 200
    for path in CHANGING:
        assert (await get(api.web, place + path, viewer)).status == 404
    for path, fields in SENT:
        assert (await post(api.web, place + path, viewer, fields)).status == 404
        assert (await post(api.web, place + path, None, fields)).status == 404
    assert "Settings" not in (await get(api.web, place, viewer)).text
    maintainer = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    assert (await get(api.web, f"{place}/settings", maintainer)).status == 200
    assert "Settings" in (await get(api.web, place, maintainer)).text


@pytest.mark.parametrize("headers", FOREIGN)
async def test_forms_of_other_sites_are_refused(api: Api, headers: dict[str, str]) -> None:
    token = await token_for(api.web.settings, api.web.db, "root", Role.ADMIN)
    someone = (await granted(api.web.db, "bob", Role.VIEWER)).user.id
    place = f"/repositories/{api.rows.public}"
    forms = [(place + path, fields) for path, fields in SENT]
    forms += [("/account/tokens", {"role": "admin"}), (f"/admin/users/{someone}/delete", {})]
    forms += [(f"/admin/users/{someone}/role", {"role": "admin"}), ("/admin/deliveries/replay", {"id": "x"})]
    async with api.web.db.reading() as session:
        before = await session.scalar(select(func.count(AuditRow.id)))
    for path, fields in forms:
        seen = await post(api.web, path, token, fields, headers)
        assert seen.status == 403 and "must be sent from a page of this site" in seen.text, path
    async with api.web.db.reading() as session:
        assert await session.scalar(select(func.count(AuditRow.id))) == before


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MAINTAINER, None])
async def test_admin_pages_are_404_for_others(api: Api, role: Role | None) -> None:
    token = await token_for(api.web.settings, api.web.db, "mia", role) if role else None
    someone = (await granted(api.web.db, "bob", Role.VIEWER)).user.id
    for path in ADMIN:
        assert (await get(api.web, f"/admin/{path}", token)).status == 404
    for path, fields in (
        (f"users/{someone}/role", {"role": "admin"}),
        (f"users/{someone}/delete", {}),
        ("deliveries/replay", {"id": "x"}),
    ):
        assert (await post(api.web, f"/admin/{path}", token, fields)).status == 404


async def test_users_cannot_revoke_tokens_of_others_or_create_stronger_ones(api: Api) -> None:
    alice = await token_for(api.web.settings, api.web.db, "alice", Role.VIEWER)
    bobs = await granted(api.web.db, "bob", Role.VIEWER)
    assert (await post(api.web, f"/account/tokens/{bobs.id}/revoke", alice, {})).status == 404
    assert (await post(api.web, "/account/tokens", alice, {"role": "admin"})).status == 403
    assert (await get(api.web, "/account")).status == 404
    async with api.web.db.reading() as session:
        row = await session.get(TokenRow, bobs.id)
        assert row is not None and row.revoked_at is None
        assert await session.scalar(select(func.count(TokenRow.id)).where(TokenRow.role == "admin")) == 0
