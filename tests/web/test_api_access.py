"""Access to the API: other people's repositories, roles, users, tokens, and the audit log."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from bot.db import access
from bot.db.access import REFRESH
from bot.db.access_tables import AuditRow, User
from bot.db.audit import COMMAND_LINE
from bot.db.history_tables import Snapshot
from bot.db.snapshots import save_snapshots
from bot.db.tables import Analysis, InsightRow, Repository
from bot.web.auth import KEYS, SCOPE, Role, Scope, sign
from tests.snapshots import HOTSPOTS
from tests.tokens import HOUR, granted, token_for
from tests.web.asking import Api, assert_problem

EVERYWHERE = [
    ("GET", "/repositories/{}", None),
    ("PUT", "/repositories/{}", {"auto_analyze": False}),
    ("DELETE", "/repositories/{}", None),
    ("POST", "/repositories/{}/analyze", {}),
    ("GET", "/repositories/{}/insights", None),
    ("GET", "/repositories/{}/analyses", None),
    ("GET", "/repositories/{}/similar?pull_request=7", None),
    ("GET", "/repositories/{}/pull-requests/7", None),
    ("GET", "/repositories/{}/trends", None),
    ("GET", "/repositories/{}/hotspots", None),
    ("GET", "/repositories/{}/ownership", None),
    ("GET", "/repositories/{}/coupling", None),
    ("GET", "/repositories/{}/model-card", None),
    ("GET", "/repositories/{}/back-test", None),
    ("GET", "/repositories/{}/webhook", None),
    ("POST", "/repositories/{}/webhook/secret", None),
    ("POST", "/repositories/{}/webhook/test", None),
    ("GET", "/repositories/{}/webhook/deliveries", None),
    ("POST", "/repositories/{}/webhook/deliveries/0f8fad5b-d9cb-469f-a165-70867728950e/replay", None),
    ("PUT", "/repositories/{}/subscription", {"address": "ann@example.org"}),
]


async def signed_in(api: Api, role: Role, sees: set[int], writes: set[int] | None = None) -> str:
    """A token of a user who signed in with GitHub and may see these repositories there."""

    async def scope(user: User) -> Scope:
        return frozenset(sees), frozenset(sees if writes is None else writes)

    app = api.web.client.app
    assert app is not None
    app._state[SCOPE] = scope  # a started application is frozen; sign-in sets it before that
    grant = await granted(api.web.db, "hub", role)
    async with api.web.db.writing() as session:
        await session.execute(update(User).where(User.id == grant.user.id).values(github_id=77))
    return sign(app[KEYS], grant)


async def test_a_repository_that_github_hides_is_404(api: Api) -> None:
    """Every call answers the same for the id of a hidden repository as for an unknown id."""
    token = await signed_in(api, Role.MAINTAINER, {11})
    listed = await api("/repositories", token)
    assert [item["full_name"] for item in listed.body["items"]] == ["octo/public"]
    assert listed.body["total"] == 1
    assert (await api("/repositories?q=secret", token)).body == listed.body | {"items": [], "total": 0}
    unknown = uuid4()
    for method, path, body in EVERYWHERE:
        seen = await api(path.format(api.rows.private), token, method, body)
        assert_problem(seen, 404)
        assert seen.body == (await api(path.format(unknown), token, method, body)).body
    async with api.web.db.reading() as session:
        insight = await session.scalar(select(InsightRow.id).where(InsightRow.repository_id == api.rows.private))
    for method, path in (
        ("GET", f"/insights/{insight}"),
        ("GET", f"/analysis/{api.rows.private_analysis}/status"),
        ("DELETE", f"/analysis/{api.rows.private_analysis}"),
    ):
        assert_problem(await api(path, token, method), 404)
    for path, more in (
        ("/ai/analyze-code", {"file_paths": ["a.py"]}),
        ("/ai/generate-insights", {"data_sources": ["commits"]}),
    ):
        question = {"repository_id": str(api.rows.private), **more}
        assert_problem(await api(path, token, "POST", question), 404)
    across = f"/repositories/{api.rows.public}/insights?analysis_id={api.rows.private_analysis}"
    assert (await api(across, token)).body["items"] == []


async def test_a_github_user_sees_nothing_where_sign_in_is_not_configured(api: Api) -> None:
    grant = await granted(api.web.db, "hub", Role.MAINTAINER)
    async with api.web.db.writing() as session:
        await session.execute(update(User).where(User.id == grant.user.id).values(github_id=77))
    app = api.web.client.app
    assert app is not None
    assert (await api("/repositories", sign(app[KEYS], grant))).body["items"] == []


async def test_a_maintainer_may_change_only_repositories_with_write_access(api: Api) -> None:
    token = await signed_in(api, Role.MAINTAINER, {11, 12}, writes={12})
    body = {"auto_analyze": False}
    assert_problem(await api(f"/repositories/{api.rows.public}", token, "PUT", body), 403)
    assert (await api(f"/repositories/{api.rows.private}", token, "PUT", body)).body["auto_analyze"] is False


@pytest.mark.parametrize(("method", "path", "body"), [item for item in EVERYWHERE if item[0] != "GET"])
async def test_viewers_may_only_read(api: Api, method: str, path: str, body: Any) -> None:
    answer = await api(path.format(api.rows.public), method=method, body=body)
    assert_problem(answer, 403)
    assert answer.body["detail"] == "This requires the role maintainer."


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MAINTAINER])
async def test_only_admins_may_list_and_change_users(api: Api, role: Role) -> None:
    someone = (await granted(api.web.db, "bob", Role.VIEWER)).user.id
    assert_problem(await api("/users", role=role), 403)
    assert_problem(await api(f"/users/{someone}", method="PUT", body={"role": "admin"}, role=role), 403)
    assert_problem(await api(f"/users/{someone}", method="DELETE", role=role), 403)
    me = await api("/users/me", role=role)
    assert (me.body["login"], me.body["role"], me.body["github_id"]) == ("alice", role.value, None)


async def test_admins_change_and_delete_others_but_not_themselves(api: Api) -> None:
    grant = await granted(api.web.db, "bob", Role.VIEWER)
    app = api.web.client.app
    assert app is not None
    bobs, admin = sign(app[KEYS], grant), await token_for(api.web.settings, api.web.db, "root", Role.ADMIN)
    assert [item["login"] for item in (await api("/users", admin)).body["items"]] == ["bob", "root"]
    assert (await api("/users?limit=1&offset=1", admin)).body["items"][0]["login"] == "root"
    changed = await api(f"/users/{grant.user.id}", admin, "PUT", {"role": "maintainer"})
    assert (changed.status, changed.body["role"]) == (200, "maintainer")
    assert (await api(f"/users/{grant.user.id}", admin, "DELETE")).status == 204
    assert_problem(await api(f"/users/{grant.user.id}", admin, "DELETE"), 404)
    assert_problem(await api("/users/me", bobs), 401)
    me = (await api("/users/me", admin)).body["id"]
    assert_problem(await api(f"/users/{me}", admin, "DELETE"), 409)
    assert_problem(await api(f"/users/{me}", admin, "PUT", {"role": "viewer"}), 409)


async def test_a_weaker_token_does_not_change_the_role_of_its_user(api: Api) -> None:
    admin = await token_for(api.web.settings, api.web.db, "alice", Role.ADMIN)
    viewer = await token_for(api.web.settings, api.web.db, "alice", Role.VIEWER)
    assert (await api("/users", admin)).status == 200
    assert_problem(await api("/users", viewer), 403)
    assert (await api("/users/me", viewer)).body["role"] == "viewer"


async def test_a_refresh_token_can_be_used_once(api: Api) -> None:
    app = api.web.client.app
    assert app is not None
    refresh = sign(app[KEYS], await granted(api.web.db, "alice", Role.VIEWER, HOUR, REFRESH))
    made = await api("/auth/token", None, "POST", {"refresh_token": refresh})
    assert (made.status, made.body["token_type"], made.body["expires_in"]) == (200, "Bearer", 3600)
    assert (await api("/repositories", made.body["access_token"])).status == 200
    assert_problem(await api("/auth/token", None, "POST", {"refresh_token": refresh}), 401)
    again = await api("/auth/token", None, "POST", {"refresh_token": made.body["refresh_token"]})
    assert again.status == 200
    for wrong in (made.body["access_token"], "x", "a.b.c"):
        assert_problem(await api("/auth/token", None, "POST", {"refresh_token": wrong}), 401)


async def test_a_revoked_token_is_not_valid(api: Api) -> None:
    own = await token_for(api.web.settings, api.web.db)
    other = await token_for(api.web.settings, api.web.db)
    assert (await api("/auth/revoke", own, "POST", {"token": other})).status == 204
    assert (await api("/auth/revoke", own, "POST", {"token": other})).status == 204
    assert_problem(await api("/users/me", other), 401)
    assert_problem(await api("/auth/revoke", own, "POST", {"token": "x"}), 422)
    assert (await api("/auth/revoke", own, "POST", {})).status == 204
    assert_problem(await api("/users/me", own), 401)


async def test_every_change_is_in_the_audit_log(api: Api) -> None:
    token = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    place = f"/repositories/{api.rows.public}"
    settings = {"notification_settings": {"email_updates": True, "webhook_url": "https://example.org/hook"}}
    answers = [
        await api(place, token, "PUT", settings),
        await api(f"{place}/analyze", token, "POST", {}),
        await api(place, token, "DELETE"),
    ]
    async with api.web.db.reading() as session:
        query = select(AuditRow).where(AuditRow.actor == "mia").order_by(AuditRow.at)
        rows = list(await session.scalars(query))
    assert [row.action for row in rows] == ["repository.change", "repository.analyze", "repository.delete"]
    assert [row.request_id for row in rows] == [answer.headers["X-Request-Id"] for answer in answers]
    assert {row.subject for row in rows} == {"octo/public"}
    assert rows[0].changes["notification_settings"]["webhook_url"] == "https://example.org/…"
    # A refused request changed nothing and has no entry.
    assert_problem(await api(f"/repositories/{api.rows.private}", method="DELETE"), 403)
    async with api.web.db.reading() as session:
        assert await session.scalar(select(AuditRow.id).where(AuditRow.actor == "alice")) is None


async def test_deleting_a_repository_deletes_all_its_rows(api: Api) -> None:
    await save_snapshots(api.web.db, api.rows.public, "a" * 40, [HOTSPOTS])
    assert (await api(f"/repositories/{api.rows.public}", method="DELETE", role=Role.ADMIN)).status == 204
    async with api.web.db.reading() as session:
        assert await session.get(Repository, api.rows.public) is None
        for table in (Analysis, InsightRow, Snapshot):
            query = select(table).where(table.repository_id == api.rows.public)
            assert await session.scalar(query) is None
        assert await session.get(Repository, api.rows.private) is not None


async def test_a_deleted_user_stays_in_the_audit_log(api: Api) -> None:
    user = (await granted(api.web.db, "bob", Role.VIEWER)).user
    assert await access.remove_user(api.web.db, user.id, COMMAND_LINE)
    async with api.web.db.reading() as session:
        row = await session.scalar(select(AuditRow).where(AuditRow.action == "user.delete"))
        assert row is not None
        assert (row.subject, row.actor) == ("bob", "command line")
