"""Heals what a lost webhook leaves: failed deliveries are asked for again, and open pull requests are compared.

GitHub never sends a failed delivery again, and an event may be lost without a trace. So the heads that GitHub names are
compared with our analyses, and the repositories' names and visibility with ours (`compared.py`); unchanged answers cost
no request of the limit (ETag). Repositories whose analyses wait for another try come first: they may have been renamed.
What GitHub has not known for a week is forgotten.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import aiohttp
from gidgethub import BadRequest
from rq import Queue

from bot.db import healing
from bot.db.engine import Database, now
from bot.db.healing import Compared
from bot.db.orders import carry_out
from bot.dispatch.events import is_handled
from bot.domain.orders import Order, UpdateRepository
from bot.errors import GiveUp, RetryLater
from bot.github.app_key import is_refusal
from bot.github.client import client, open_session
from bot.github.deliveries import SentDelivery, list_sent, redeliver
from bot.github.tokens import READ_PULLS, App, TokenCache, installation_token
from bot.jobs.compared import Kept, Reader, is_not_found, missed_pulls, missed_push
from bot.queue.enqueue import QueueUnavailable, enqueue_change_analyses

REDELIVER_SECONDS = 120.0
COMPARE_SECONDS = 20.0
_AT_ONCE = 25
# Each repository is compared this often at most; with more than 700 repositories, less often.
_COMPARE_AGAIN_SECONDS = 540.0
_GONE = timedelta(days=7)
_ANSWERED_SECONDS = 600.0
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Healer:
    """The state of the scheduler's healing; all of it may be lost, and is after a restart.

    asked: guids that were redelivered, each once.
    compared: when each repository was compared (monotonic seconds), by its id on GitHub.
    unchanged: what is kept of the answer of each URL.
    answered: when GitHub last answered the App itself (monotonic seconds).
    """

    db: Database
    queue: Queue
    tokens: TokenCache
    app: App
    asked: set[str] = field(default_factory=set)
    compared: dict[int, float] = field(default_factory=dict)
    unchanged: dict[str, Kept] = field(default_factory=dict)
    answered: float = float("-inf")

    async def redeliver_failed(self) -> None:
        """Ask GitHub once for each delivery that it could not hand over and that we do not have."""
        async with open_session() as session:
            sent = await self._list_sent(session)
            settled = {one.guid for one in sent if one.delivered or one.redelivered} | self.asked
            of_use = (one for one in sent if one.guid not in settled and is_handled(one.event, one.action))
            failed = {one.guid: one for one in of_use}
            stored = await healing.stored_deliveries(self.db, list(failed))
            lost = [one for guid, one in failed.items() if guid not in stored]
            await redeliver(session, self.app, lost[::-1])
        self.asked = {one.guid for one in sent} & (self.asked | {one.guid for one in lost})
        if lost:
            log.info("asked GitHub for %d deliveries again that it could not hand over", len(lost))

    async def _list_sent(self, session: aiohttp.ClientSession) -> list[SentDelivery]:
        """The deliveries as GitHub keeps them. It is also how a wrong private key is found soon."""
        try:
            sent = await list_sent(session, self.app)
        except BadRequest as refused:
            if is_refusal(refused):
                raise await self.tokens.app_key.refused(refused) from refused
            raise
        await self.tokens.app_key.accepted()
        self.answered = monotonic()
        return sent

    async def compare_heads(self) -> None:
        """Compare the repositories whose turn it is with GitHub, the one that was compared longest ago first."""
        known = await healing.find_compared(self.db)
        self.compared = {one.github_id: self.compared.get(one.github_id, 0.0) for one in known}
        due = [one for one in known if self._is_due(one)]
        due.sort(key=lambda one: (not one.stuck, self.compared[one.github_id]))
        async with open_session() as session:
            for repository in due[:_AT_ONCE]:
                self.compared[repository.github_id] = monotonic()
                try:
                    await self._compare(session, repository)
                except (RetryLater, GiveUp, BadRequest) as problem:
                    if is_not_found(problem):
                        await self._not_found(repository)
                    log.info("%s could not be compared with GitHub: %s", repository.full_name, problem)

    def _is_due(self, repository: Compared) -> bool:
        since = monotonic() - self.compared[repository.github_id]
        return not self.compared[repository.github_id] or since >= (
            COMPARE_SECONDS if repository.stuck else _COMPARE_AGAIN_SECONDS
        )

    async def _compare(self, session: aiohttp.ClientSession, repository: Compared) -> None:
        ids = (repository.installation_id, repository.github_id)
        token = await installation_token(session, self.tokens, self.app, *ids, READ_PULLS)
        api = client(session, self.app.api_url, token, self.tokens.pace(repository.installation_id))
        reader = Reader(api, self.app.api_url, self.unchanged)
        ref = await reader.repository(repository)
        if repository.gone_since is not None:
            await healing.note_gone(self.db, repository.github_id, None)
        orders: list[Order] = []
        if (ref.full_name, ref.private) != (repository.full_name, repository.private):
            orders.append(UpdateRepository(ref))
        orders += await missed_pulls(self.db, reader, ref, repository.known_since)
        orders += await missed_push(self.db, reader, ref)
        if orders:
            await self._carry_out(repository, orders)

    async def _not_found(self, repository: Compared) -> None:
        """Forget what GitHub has not known for a week. A wrong address of GitHub's API knows nothing, the App included:
        then nothing is forgotten.
        """
        if repository.gone_since is None:
            await healing.note_gone(self.db, repository.github_id, now())
        elif now() - repository.gone_since > _GONE and monotonic() - self.answered < _ANSWERED_SECONDS:
            await healing.forget_gone(self.db, repository)
            since = f"{repository.gone_since:%Y-%m-%d}"
            log.warning("%s is forgotten: GitHub has not known it since %s", repository.full_name, since)

    async def _carry_out(self, repository: Compared, orders: list[Order]) -> None:
        waiting = await carry_out(self.db, orders)
        log.info("%s: %d changes without a webhook, %d are analyzed", repository.full_name, len(orders), len(waiting))
        try:
            await asyncio.to_thread(enqueue_change_analyses, self.queue, waiting)
        except QueueUnavailable:
            return  # the sweep enqueues them
