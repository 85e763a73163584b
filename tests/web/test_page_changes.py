"""Changes by forms: settings, notifications, tokens, users, deliveries; each change has an entry in the audit log."""

import re

import jwt
from markupsafe import escape
from sqlalchemy import select

from bot.db import deliveries
from bot.db.access_tables import AuditRow
from bot.db.deliveries import StoredDelivery
from bot.db.endpoints import get_endpoint
from bot.db.engine import now
from bot.db.github_tables import SyncStateRow
from bot.db.tables import Analysis, Repository
from bot.domain.analyses import AnalysisStatus
from bot.domain.deliveries import DeliveryStatus
from bot.domain.sync import SyncResource, SyncStatus
from bot.queue import connection
from bot.web.auth import Role
from tests.stack import eventually
from tests.tokens import granted, token_for
from tests.web.asking import Api
from tests.web.filled import HOSTILE
from tests.web.test_api_access import signed_in
from tests.web.visiting import get, post


async def audited(api: Api, actor: str) -> list[str]:
    async with api.web.db.reading() as session:
        query = select(AuditRow.action).where(AuditRow.actor == actor).order_by(AuditRow.at)
        return list(await session.scalars(query))


async def test_settings_say_what_github_refuses(api: Api) -> None:
    token = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    place = f"/repositories/{api.rows.public}/settings"
    assert "does not let GitInsight read" not in (await get(api.web, place, token)).text
    async with api.web.db.writing() as session:
        for repository_id, resource, status, reason in (
            (api.rows.public, SyncResource.ISSUES, SyncStatus.REFUSED, "Accept <it> on GitHub."),
            (api.rows.public, SyncResource.PULLS, SyncStatus.DONE, "An old reason."),
            (api.rows.private, SyncResource.ISSUES, SyncStatus.REFUSED, "Of another repository."),
        ):
            row = SyncStateRow(repository_id=repository_id, resource=resource, status=status, updated_at=now())
            row.reason = reason
            session.add(row)
    shown = (await get(api.web, place, token)).text
    assert "does not let GitInsight read" in shown
    assert shown.count("Accept &lt;it&gt; on GitHub.") == 1
    assert "An old reason." not in shown
    assert "Of another repository." not in shown


async def test_settings_of_a_repository(api: Api) -> None:
    token = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    place = f"/repositories/{api.rows.public}"
    done = await post(api.web, f"{place}/settings", token, {})
    assert (done.status, done.place) == (303, f"{place}/settings?message=saved")
    shown = await get(api.web, done.place, token)
    assert "Saved." in shown.text and "checked" not in shown.text
    await post(api.web, f"{place}/settings", token, {"auto_analyze": "on"})
    assert "checked" in (await get(api.web, f"{place}/settings", token)).text

    started = await post(api.web, f"{place}/analyze", token, {"kind": "quick"})
    assert started.status == 303
    shown = await get(api.web, started.place, token)
    assert "Full analysis of main" in shown.text and 'role="progressbar"' in shown.text
    ended = await post(api.web, f"{started.place}/cancel", token, {})
    assert "Cancelled by mia" in (await get(api.web, ended.place, token)).text
    assert (await post(api.web, f"{place}/analyses/{api.rows.analysis}/cancel", token, {})).status == 409
    assert (await post(api.web, f"{place}/analyze", token, {"kind": "nonsense"})).status == 422

    assert (await post(api.web, f"{place}/delete", token, {"full_name": "octo/secret"})).status == 422
    async with api.web.db.reading() as session:
        assert await session.get(Repository, api.rows.public) is not None
    assert (await post(api.web, f"{place}/delete", token, {"full_name": "octo/public"})).place == "/?message=deleted"
    async with api.web.db.reading() as session:
        assert await session.get(Repository, api.rows.public) is None
        assert await session.get(Analysis, api.rows.private_analysis) is not None
    changes = ["repository.change", "repository.change", "repository.analyze", "analysis.cancel", "repository.delete"]
    assert await audited(api, "mia") == changes


async def test_notifications_of_a_repository(api: Api) -> None:
    token = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    place = f"/repositories/{api.rows.public}/notifications"
    for url in ("http://example.org/", "https://127.0.0.1/", "https://user:x@example.org/", "javascript:alert(1)"):
        assert (await post(api.web, f"{place}/webhook", token, {"url": url})).status == 422, url
    made = await post(api.web, f"{place}/webhook", token, {"url": "https://example.org/hook"})
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", made.text)
    assert made.headers["Cache-Control"] == "no-store"
    assert secret not in (await get(api.web, place, token)).text
    assert (await post(api.web, f"{place}/webhook", token, {"url": "https://example.org/hook"})).status == 303
    [renewed] = re.findall(r"whsec_[A-Za-z0-9+/=]+", (await post(api.web, f"{place}/webhook/secret", token, {})).text)
    assert renewed != secret
    assert (await post(api.web, f"{place}/webhook/test", token, {})).place == f"{place}?message=sent"
    log = (await get(api.web, place, token)).text
    assert "test.ping" in log
    [message] = re.findall(r'name="message" value="([^"]+)"', log)
    assert (await post(api.web, f"{place}/webhook/replay", token, {"message": message})).status == 303
    assert (await post(api.web, f"{place}/webhook/replay", token, {"message": "x"})).status == 422

    assert (await post(api.web, f"{place}/mail", token, {"email_updates": "on"})).status == 303
    assert (await get(api.web, place, token)).text.count("checked") == 1
    assert await get_endpoint(api.web.db, api.rows.public) is not None
    for address in ("ann@example.org\r\nBcc: x@y.z", "nonsense"):
        assert (await post(api.web, f"{place}/subscription", token, {"address": address})).status == 422
    assert (await post(api.web, f"{place}/subscription", token, {"address": "ann@example.org"})).status == 303
    shown = (await get(api.web, place, token)).text
    assert "ann@example.org" in shown and "one digest a day" in shown
    await post(api.web, f"{place}/webhook", token, {"url": ""})
    assert await get_endpoint(api.web.db, api.rows.public) is None
    assert (await post(api.web, f"{place}/webhook/test", token, {})).status == 409


async def test_own_tokens_are_created_and_revoked(api: Api) -> None:
    token = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    made = await post(api.web, "/account/tokens", token, {"role": "viewer"})
    assert made.headers["Cache-Control"] == "no-store"
    first, refresh = re.findall(r"<pre[^>]*>([^<]+)</pre>", made.text)
    assert (await api("/users/me", first)).body["role"] == "viewer"
    assert (await api("/auth/token", None, "POST", {"refresh_token": refresh})).status == 200
    shown = await get(api.web, "/account", token)
    assert first not in shown.text
    identifier = jwt.decode(first, options={"verify_signature": False})["jti"]
    assert f"/account/tokens/{identifier}/revoke" in shown.text
    ended = await post(api.web, f"/account/tokens/{identifier}/revoke", token, {})
    assert ended.place == "/account?message=revoked"
    assert (await api("/users/me", first)).status == 401


async def test_admins_change_users_and_see_everything(api: Api) -> None:
    bob = (await granted(api.web.db, "bob", Role.VIEWER)).user.id
    admin = await token_for(api.web.settings, api.web.db, "root", Role.ADMIN)
    assert (await post(api.web, f"/admin/users/{bob}/role", admin, {"role": "maintainer"})).status == 303
    shown = (await get(api.web, "/admin/users", admin)).text
    assert "bob" in shown and "<option selected>maintainer" in shown
    me = (await api("/users/me", admin)).body["id"]
    assert (await post(api.web, f"/admin/users/{me}/delete", admin, {})).status == 409
    assert (await post(api.web, f"/admin/users/{bob}/role", admin, {"role": "king"})).status == 422
    assert (await post(api.web, f"/admin/users/{bob}/delete", admin, {})).status == 303
    assert (await post(api.web, f"/admin/users/{bob}/delete", admin, {})).status == 404
    log = (await get(api.web, "/admin/audit", admin)).text
    assert "user.delete" in log and "user.role" in log
    async with api.web.db.writing() as session:
        row = await session.get_one(Analysis, api.rows.private_analysis)
        row.status, row.step, row.progress = AnalysisStatus.IN_PROGRESS, "scan", 0.5
    assert "scan, 50%" in (await get(api.web, "/admin/jobs", admin)).text
    redis = connection.connect(api.web.settings.redis_url)
    await redis.set("gitinsight:app-key-refused", "GitHub refuses the App's key (<b>).")
    assert "refuses the App&#39;s key (&lt;b&gt;). Until then" in (await get(api.web, "/admin/jobs", admin)).text
    await redis.aclose()
    assert "No analyses with the status “failed”." in (await get(api.web, "/admin/jobs?status=failed", admin)).text


async def test_dead_letters_are_replayed(api: Api) -> None:
    admin = await token_for(api.web.settings, api.web.db, "root", Role.ADMIN)
    payload = b'{"zen": "' + b"x" * 5000 + b'"}'
    await deliveries.store(api.web.db, [StoredDelivery("id/1 <b>", "ping", payload, DeliveryStatus.RECEIVED, now())])
    await deliveries.end(api.web.db, "id/1 <b>", DeliveryStatus.FAILED, "a </script> of an error")
    shown = (await get(api.web, "/admin/deliveries?status=failed", admin)).text
    assert "id/1 &lt;b&gt;" in shown and "a &lt;/script&gt; of an error" in shown and "5 KiB" in shown
    assert "id/1" not in (await get(api.web, "/admin/deliveries?status=done", admin)).text
    assert (await get(api.web, "/admin/deliveries?status=x", admin)).status == 422
    done = await post(api.web, "/admin/deliveries/replay", admin, {"id": "id/1 <b>"})
    assert done.place == "/admin/deliveries?message=replayed"

    async def dispatched() -> bool | None:
        found = await deliveries.get(api.web.db, "id/1 <b>")
        return True if found and found.status in {"ignored", "done"} else None

    await eventually(dispatched, "the replay")
    assert (await post(api.web, "/admin/deliveries/replay", admin, {"id": "unknown"})).status == 404
    assert (await audited(api, "root"))[-1:] == ["delivery.replay"]


async def test_malformed_and_large_forms_are_refused(api: Api) -> None:
    token = await token_for(api.web.settings, api.web.db, "mia", Role.MAINTAINER)
    place = f"/repositories/{api.rows.public}/settings"
    assert (await post(api.web, place, token, {"x": "y" * 70_000})).status == 413
    assert (await post(api.web, place, token, {f"f{number}": "" for number in range(60)})).status == 422
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    assert (await post(api.web, place, token, {"a": "b"}, headers)).status == 415


async def test_a_form_with_a_mistake_is_shown_again_with_what_was_typed(api: Api) -> None:
    token = await signed_in(api, Role.MAINTAINER, {11})
    place = f"/repositories/{api.rows.public}"
    typed = f'http://"{HOSTILE}'
    insight = f"/insights/{api.rows.insights[0]}"
    for path, fields, kept in (
        (f"{place}/notifications/webhook", {"url": typed}, [f'value="{escape(typed)}"']),
        (
            f"{place}/notifications/subscription",
            {"address": "not an address", "frequency": "each"},
            ['value="not an address"', '<option value="each" selected>'],
        ),
        (f"{place}/delete", {"full_name": "octo/pub"}, ['value="octo/pub"', "Type octo/public to confirm."]),
        (f"{insight}/dismiss", {"reason": "nonsense", "note": "a <b> note"}, ["a &lt;b&gt; note</textarea>"]),
    ):
        seen = await post(api.web, path, token, fields)
        assert seen.status == 422 and '<p class="error" role="alert">' in seen.text, path
        assert "Nothing was changed." in seen.text and "<script" not in seen.text
        for words in kept:
            assert words in seen.text, words
    assert (await post(api.web, f"{place}/delete", None, {"full_name": "x"})).status == 404
