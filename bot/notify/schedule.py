"""The retry schedule of failed webhooks, and the time after which an endpoint is disabled.

The delays are the example schedule of Standard Webhooks ("Deliverability and reliability"). Disabling an endpoint
after five days of failures is a rule of Svix (https://docs.svix.com/retries).
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from datetime import datetime, timedelta

DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
GIVE_UP_ON_ENDPOINT = timedelta(days=5)
# The specification recommends jitter, so that receivers that failed together do not get all retries together.
_JITTER = 0.1


def next_attempt(tries: int, at: datetime, *, retry_after: float = 0.0, jitter: float = 0.0) -> datetime | None:
    """Return the time of the next attempt, or None after the last one.

    tries: the number of failed attempts.
    at: when the last attempt ended.
    retry_after: the delay that the receiver requested, in seconds; at most one day.
    jitter: a random number from 0 to 1.
    """
    if tries >= len(DELAYS):
        return None
    delay = max(DELAYS[tries], timedelta(seconds=min(retry_after, 86_400.0)))
    return at + delay * (1 + _JITTER * jitter)
