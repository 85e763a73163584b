"""Signatures, the retry schedule and unsubscribe tokens."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bot.notify.schedule import DELAYS, next_attempt
from bot.notify.signing import signed_headers
from bot.notify.unsubscribe import subscription_of, unsubscribe_token

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_library_of_standard_webhooks_accepts_our_signature_and_rejects_changes() -> None:
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


def test_the_signature_contains_the_time_of_the_attempt() -> None:
    late = signed_headers(SECRET, "msg_1", datetime.now(UTC) - timedelta(minutes=6), b"{}")
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(SECRET).verify(b"{}", late)


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    at, times = MOMENT, []
    for tries in range(1, 11):
        following_attempt = next_attempt(tries, at)
        if following_attempt is None:
            break
        at = following_attempt
        times.append(str(at - MOMENT))
    assert tries == len(DELAYS) == 10
    assert times[:6] == ["0:00:05", "0:05:05", "0:35:05", "2:35:05", "7:35:05", "17:35:05"]
    assert at - MOMENT == timedelta(hours=75, minutes=35, seconds=5)


def test_retry_after_and_jitter_only_increase_the_delay() -> None:
    assert next_attempt(1, MOMENT, retry_after=120) == MOMENT + timedelta(minutes=2)
    assert next_attempt(3, MOMENT, retry_after=1) == MOMENT + timedelta(minutes=30)
    assert next_attempt(1, MOMENT, retry_after=1e9) == MOMENT + timedelta(days=1)
    assert next_attempt(3, MOMENT, jitter=1.0) == MOMENT + timedelta(minutes=33)


def test_an_unsubscribe_token_is_valid_for_its_subscription_only() -> None:
    one, other = uuid4(), uuid4()
    token = unsubscribe_token("key", one)
    assert subscription_of(["key"], token) == one
    assert subscription_of(["new key", "key"], token) == one
    assert subscription_of(["another"], token) is None
    forged = unsubscribe_token("another", other)
    assert subscription_of(["key"], forged) is None
    assert subscription_of(["key"], unsubscribe_token("key", other)[:22] + token[22:]) is None


@pytest.mark.parametrize("token", ["", "x", "é" * 64, "A" * 64, "A" * 63, "\0", "=" * 64, str(UUID(int=0))])
def test_other_texts_are_no_unsubscribe_tokens(token: str) -> None:
    assert subscription_of(["key"], token) is None
