"""When a webhook that failed is tried again, and when its endpoint is given up.

The delays are the example schedule of Standard Webhooks ("Deliverability and reliability"); giving up after five days
of failures is Svix's rule (https://docs.svix.com/retries).
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
# The specification recommends some jitter, so that receivers that fell over together are not knocked over together.
_JITTER = 0.1


def next_attempt(tries: int, at: datetime, *, retry_after: float = 0.0, jitter: float = 0.0) -> datetime | None:
    """When to try again after so many failed tries, the last of them ended `at`; None when the schedule is over.

    retry_after: seconds that the receiver asked for; it can delay a try by a day at most. jitter: 0 to 1, random.
    """
    if tries >= len(DELAYS):
        return None
    delay = max(DELAYS[tries], timedelta(seconds=min(retry_after, 86_400.0)))
    return at + delay * (1 + _JITTER * jitter)
