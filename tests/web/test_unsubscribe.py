"""Unsubscribing from mail: GET changes nothing, one POST unsubscribes, and a forged link is 404."""

from uuid import UUID, uuid4

import pytest

from bot.db.audit import COMMAND_LINE
from bot.db.subscriptions import get_subscription, subscribe
from bot.domain.notifications import Frequency
from bot.notify.unsubscribe import unsubscribe_token
from tests.web.conftest import Web
from tests.web.filled import Filled, fill


@pytest.fixture
async def rows(web: Web) -> Filled:
    return await fill(web.db)


async def frequency(web: Web, subscription: UUID) -> Frequency | None:
    view = await get_subscription(web.db, subscription)
    return view.frequency if view else None


async def test_a_person_unsubscribes_with_the_button(web: Web, rows: Filled) -> None:
    subscription = await subscribe(web.db, "alice@example.net", rows.private, by=COMMAND_LINE)
    other = await subscribe(web.db, "alice@example.net", rows.public, by=COMMAND_LINE)
    path = f"/notifications/unsubscribe/{unsubscribe_token(web.settings.secret_key, subscription)}"
    for _ in range(2):
        async with web.client.get(path) as answer:
            shown = await answer.text()
            assert answer.status == 200
            assert '<form method="post"><button>' in shown
            assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            for private in ("octo/secret", "alice"):
                assert private not in shown
    async with web.client.head(path) as answer:
        assert answer.status == 200
    assert await frequency(web, subscription) is Frequency.DAILY
    for _ in range(2):
        async with web.client.post(path) as answer:
            assert answer.status == 200
            assert "This subscription has ended." in await answer.text()
    assert await frequency(web, subscription) is Frequency.OFF
    assert await frequency(web, other) is Frequency.DAILY
    async with web.client.get(path) as answer:
        assert "<form" not in await answer.text()


async def test_a_mail_program_unsubscribes_with_one_post(web: Web, rows: Filled) -> None:
    subscription = await subscribe(web.db, "alice@example.net", rows.public, by=COMMAND_LINE)
    path = f"/notifications/unsubscribe/{unsubscribe_token(web.settings.secret_key, subscription)}"
    async with web.client.post(path, data={"List-Unsubscribe": "One-Click"}) as answer:
        assert answer.status == 200
    assert await frequency(web, subscription) is Frequency.OFF


async def test_forged_and_unknown_links_are_404(web: Web, rows: Filled) -> None:
    subscription = await subscribe(web.db, "alice@example.net", rows.public, by=COMMAND_LINE)
    forged = unsubscribe_token("another key that is long enough to be one", subscription)
    unknown = unsubscribe_token(web.settings.secret_key, uuid4())
    for token in (forged, unknown, "x", "%00", "é", "A" * 64):
        for method in ("GET", "POST"):
            async with web.client.request(method, f"/notifications/unsubscribe/{token}") as answer:
                assert answer.status == 404
    assert await frequency(web, subscription) is Frequency.DAILY
