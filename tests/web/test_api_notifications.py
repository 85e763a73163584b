"""The notifications in the API: the endpoint, its secret, which is shown once, its delivery log, and mail."""

from uuid import uuid4

from sqlalchemy import select

from bot.db import outbox
from bot.db.access_tables import AuditRow
from bot.db.engine import now
from bot.db.notification_tables import MailItem, Outbox, WebhookEndpoint
from bot.domain.notifications import NotificationKind
from bot.web.auth import Role
from tests.web.asking import Api, assert_problem

HOOK = "https://example.org/hook"


async def set_up(api: Api, **settings: object) -> str:
    """Set the notifications of a repository; returns its path."""
    place = f"/repositories/{api.rows.public}"
    body = {"notification_settings": {"email_updates": False, "webhook_url": HOOK} | settings}
    assert (await api(place, method="PUT", body=body, role=Role.ADMIN)).status == 200
    return place


async def test_the_endpoint_with_its_secret_log_and_replay(api: Api) -> None:
    place = await set_up(api)
    endpoint = await api(f"{place}/webhook", role=Role.ADMIN)
    assert (endpoint.status, endpoint.body["url"], endpoint.body["enabled"]) == (200, HOOK, True)
    assert "secret" not in endpoint.body
    secrets = [(await api(f"{place}/webhook/secret", method="POST", role=Role.ADMIN)).body["secret"] for _ in "ab"]
    assert secrets[0] != secrets[1] and all(secret.startswith("whsec_") for secret in secrets)
    sent = await api(f"{place}/webhook/test", method="POST", role=Role.ADMIN)
    assert sent.status == 202
    log = await api(f"{place}/webhook/deliveries", role=Role.ADMIN)
    [message] = log.body["items"]
    assert (message["id"], message["kind"], message["attempts"]) == (sent.body["message_id"], "test.ping", [])
    replayed = await api(f"{place}/webhook/deliveries/{message['id']}/replay", method="POST", role=Role.ADMIN)
    assert replayed.status == 202
    unknown = await api(f"{place}/webhook/deliveries/{uuid4()}/replay", method="POST", role=Role.ADMIN)
    assert_problem(unknown, 404)
    async with api.web.db.reading() as session:
        stored = await session.scalar(select(WebhookEndpoint.secret))
        assert stored is not None and not any(secret in stored for secret in secrets)
        actions = set(await session.scalars(select(AuditRow.action)))
    assert "webhook.secret" in actions


async def test_without_a_webhook_its_calls_are_404(api: Api) -> None:
    place = await set_up(api, webhook_url=None)
    for method, path in (("GET", ""), ("POST", "/secret"), ("POST", "/test")):
        answer = await api(f"{place}/webhook{path}", method=method, role=Role.ADMIN)
        assert_problem(answer, 404)
        assert answer.body["type"].endswith("no-webhook")


async def test_removing_the_address_removes_the_endpoint(api: Api) -> None:
    place = await set_up(api)
    await set_up(api, webhook_url=None)
    assert (await api(f"{place}/webhook", role=Role.ADMIN)).status == 404


async def test_viewers_may_not_change_notifications(api: Api) -> None:
    place = await set_up(api)
    for method, path in (("GET", "/webhook"), ("POST", "/webhook/secret"), ("POST", "/webhook/test")):
        assert_problem(await api(f"{place}{path}", method=method, role=Role.VIEWER), 403)
    body = {"address": "ann@example.org"}
    assert_problem(await api(f"{place}/subscription", method="PUT", body=body, role=Role.VIEWER), 403)


async def test_mail_is_queued_for_subscribers_only_while_it_is_enabled(api: Api) -> None:
    place = await set_up(api, email_updates=True)
    body = {"address": "ann@example.org", "frequency": "each"}
    answer = await api(f"{place}/subscription", method="PUT", body=body, role=Role.ADMIN)
    assert (answer.status, answer.body["frequency"]) == (200, "each")
    for wrong in ("nobody", "a@b\nBcc: c@d", "a@b.c, d@e.f"):
        refused = await api(f"{place}/subscription", method="PUT", body={"address": wrong}, role=Role.ADMIN)
        assert_problem(refused, 422)
        assert refused.body["field"] == "address"
    for on, expected in ((True, 1), (False, 0)):
        await set_up(api, email_updates=on)
        async with api.web.db.writing() as session:
            row = Outbox(repository_id=api.rows.public, kind=NotificationKind.COMPLETED, payload={}, created_at=now())
            session.add(row)
        await outbox.fan_out(api.web.db, now(), mail=True)
        async with api.web.db.reading() as session:
            items = list(await session.scalars(select(MailItem).where(MailItem.outbox_id == row.id)))
        assert len(items) == expected
