"""The App's webhook deliveries as GitHub keeps them, and redelivering one.

https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook. GitHub itself never sends a failed
delivery again; it keeps them for three days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import aiohttp

from bot.github.as_app import App, as_app
from bot.github.client import GitHubClient, client

_PAGES = 10
_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class SentDelivery:
    """One attempt of GitHub to hand a webhook over.

    guid: of the delivery, the same for all attempts; our `deliveries.id`.
    redelivered: whether somebody asked for this attempt.
    """

    id: int
    guid: str
    event: str
    action: str | None
    delivered: bool
    redelivered: bool


async def list_sent(session: aiohttp.ClientSession, app: App) -> list[SentDelivery]:
    """The newest attempts, newest first, at most a thousand. Raises RetryLater and gidgethub's BadRequest."""
    api = client(session, app.api_url)
    found: list[SentDelivery] = []

    async def read(token: str) -> None:
        found.clear()
        pages = api.getiter("/app/hook/deliveries{?per_page}", {"per_page": str(_PER_PAGE)}, jwt=token)
        async for item in pages:
            found.append(_sent(item))
            if len(found) >= _PAGES * _PER_PAGE:
                return

    await as_app(app, read)
    return found


async def redeliver(session: aiohttp.ClientSession, app: App, sent: Sequence[SentDelivery]) -> None:
    """Ask GitHub to hand these over again. Raises RetryLater and gidgethub's BadRequest."""
    api = client(session, app.api_url)
    for one in sent:
        place = {"id": str(one.id)}
        await as_app(app, partial(_ask, api, place))


async def _ask(api: GitHubClient, place: dict[str, str], token: str) -> None:
    await api.post("/app/hook/deliveries/{id}/attempts", place, data=b"", jwt=token)


def _sent(item: dict[str, object]) -> SentDelivery:
    status = item.get("status_code")
    action = item.get("action")
    return SentDelivery(
        id=int(str(item["id"])),
        guid=str(item["guid"]),
        event=str(item["event"]),
        action=str(action) if action is not None else None,
        delivered=isinstance(status, int) and 200 <= status < 300,
        redelivered=bool(item.get("redelivery")),
    )
