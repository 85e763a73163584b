"""Signatures that the specification's own library accepts, the schedule, and links to leave by."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bot.notify.schedule import DELAYS, next_attempt
from bot.notify.signing import signed_headers
from bot.notify.unsubscribe import subscription_of, unsubscribe_token

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_library_of_standard_webhooks_accepts_our_signature_and_no_changed_body() -> None:
    body = '{"type":"test.ping","data":{"name":"Zoë"}}'.encode()
    headers = signed_headers(SECRET, "msg_1", datetime.now(UTC), body)
    assert Webhook(SECRET).verify(body, headers)["data"] == {"name": "Zoë"}
    for changed in (body + b" ", body.replace(b"ping", b"pong")):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(changed, headers)
    for name, value in (("webhook-id", "msg_2"), ("webhook-timestamp", str(int(headers["webhook-timestamp"]) + 1))):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body, headers | {name: value})
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 32).verify(body, headers)


def test_an_old_message_is_signed_for_the_time_of_its_attempt() -> None:
    late = signed_headers(SECRET, "msg_1", datetime.now(UTC) - timedelta(minutes=6), b"{}")
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(SECRET).verify(b"{}", late)


def test_the_schedule_is_the_published_one() -> None:
    at, times = MOMENT, []
    for tries in range(1, 11):
        following = next_attempt(tries, at)
        if following is None:
            break
        at = following
        times.append(str(at - MOMENT))
    assert tries == len(DELAYS) == 10
    assert times[:6] == ["0:00:05", "0:05:05", "0:35:05", "2:35:05", "7:35:05", "17:35:05"]
    assert at - MOMENT == timedelta(hours=75, minutes=35, seconds=5)


def test_a_receiver_can_ask_for_more_time_and_jitter_only_adds() -> None:
    assert next_attempt(1, MOMENT, retry_after=120) == MOMENT + timedelta(minutes=2)
    assert next_attempt(3, MOMENT, retry_after=1) == MOMENT + timedelta(minutes=30)
    assert next_attempt(1, MOMENT, retry_after=1e9) == MOMENT + timedelta(days=1)
    assert next_attempt(3, MOMENT, jitter=1.0) == MOMENT + timedelta(minutes=33)


def test_a_link_to_leave_by_is_good_for_its_subscription_only() -> None:
    one, other = uuid4(), uuid4()
    token = unsubscribe_token("key", one)
    assert subscription_of(["key"], token) == one
    assert subscription_of(["new key", "key"], token) == one
    assert subscription_of(["another"], token) is None
    forged = unsubscribe_token("another", other)
    assert subscription_of(["key"], forged) is None
    assert subscription_of(["key"], unsubscribe_token("key", other)[:22] + token[22:]) is None


@pytest.mark.parametrize("token", ["", "x", "é" * 64, "A" * 64, "A" * 63, "\0", "=" * 64, str(UUID(int=0))])
def test_nonsense_is_no_link(token: str) -> None:
    assert subscription_of(["key"], token) is None
