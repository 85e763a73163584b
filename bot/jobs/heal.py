"""Heals what a lost webhook leaves: failed deliveries are asked for again, and open pull requests are compared.

GitHub never sends a failed delivery again, and an event may be lost without a trace. So the heads that GitHub names are
compared with our analyses, and the repositories' names and visibility with ours; unchanged answers cost no request of
the limit (ETag). Repositories whose analyses wait for another try come first: they may have been renamed.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import aiohttp
from gidgethub import BadRequest
from rq import Queue

from bot.db import healing
from bot.db.engine import Database
from bot.db.healing import Compared
from bot.db.orders import carry_out
from bot.dispatch.events import is_handled
from bot.domain.orders import AnalyzeChange, InstallationRef, Order, RepositoryRef, UpdateRepository
from bot.errors import GiveUp, RetryLater
from bot.github.app_key import is_refusal
from bot.github.client import Answer, GitHubClient, client, open_session
from bot.github.deliveries import SentDelivery, list_sent, redeliver
from bot.github.repository_json import read_repository
from bot.github.tokens import READ_PULLS, App, TokenCache, installation_token
from bot.queue.enqueue import QueueUnavailable, enqueue_change_analyses

REDELIVER_SECONDS = 120.0
COMPARE_SECONDS = 20.0
_AT_ONCE = 25
# Each repository is compared this often at most; with more than 700 repositories, less often.
_COMPARE_AGAIN_SECONDS = 540.0
# GitHub's times are of whole seconds, and of its clock.
_MARGIN = timedelta(minutes=1)
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Healer:
    """The state of the scheduler's healing; all of it may be lost, and is after a restart.

    asked: guids that were redelivered, each once.
    compared: when each repository was compared (monotonic seconds), by its id on GitHub.
    unchanged: the ETag and the answer of each URL.
    """

    db: Database
    queue: Queue
    tokens: TokenCache
    app: App
    asked: set[str] = field(default_factory=set)
    compared: dict[int, float] = field(default_factory=dict)
    unchanged: dict[str, tuple[str, Any]] = field(default_factory=dict)

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
        installation = InstallationRef(repository.installation_id, repository.account)
        at = f"{self.app.api_url}/repositories/{repository.github_id}"
        ref: RepositoryRef = await self._get(api, at, lambda facts: read_repository(facts, installation))
        orders: list[Order] = []
        if (ref.full_name, ref.private) != (repository.full_name, repository.private):
            orders.append(UpdateRepository(ref))
        query = "?state=open&sort=updated&direction=desc&per_page=100"
        pulls: list[_Pull] = await self._get(api, f"{self.app.api_url}/repos/{ref.full_name}/pulls{query}", _pulls)
        ours = await healing.known_pulls(self.db, repository.github_id, [pull.number for pull in pulls])
        # Pull requests that were open before we knew the repository are left alone until something happens to them.
        moved = [pull for pull in pulls if pull.number in ours or pull.updated_at >= repository.known_since - _MARGIN]
        changes = [pull.change(ref) for pull in moved]
        known = await healing.known_keys(self.db, repository.github_id, [change.key for change in changes])
        missed = [change for change in changes if change.key not in known]
        if orders or missed:
            await self._carry_out(repository, [*orders, *missed])

    async def _carry_out(self, repository: Compared, orders: list[Order]) -> None:
        waiting = await carry_out(self.db, orders)
        log.info("%s: %d changes without a webhook, %d are analyzed", repository.full_name, len(orders), len(waiting))
        try:
            await asyncio.to_thread(enqueue_change_analyses, self.queue, waiting)
        except QueueUnavailable:
            return  # the sweep enqueues them

    async def _get(self, api: GitHubClient, url: str, read: Callable[[Any], Any]) -> Any:
        """What is read of an answer, kept with its ETag; not the answer itself, which can be large."""
        etag, kept = self.unchanged.get(url, (None, None))
        answer: Answer = await api.get_if_changed(url, etag)
        if answer.is_unchanged:
            return kept
        content = read(answer.content)
        if answer.etag is not None:
            self.unchanged[url] = (answer.etag, content)
        return content


@dataclass(frozen=True, slots=True)
class _Pull:
    """An open pull request, as far as it is compared."""

    number: int
    base_ref: str
    base_sha: str
    head_sha: str
    updated_at: datetime

    def change(self, repository: RepositoryRef) -> AnalyzeChange:
        return AnalyzeChange(
            repository=repository,
            subject=f"pull/{self.number}",
            ref=self.base_ref,
            head_sha=self.head_sha,
            base_sha=self.base_sha,
            pull_number=self.number,
        )


def _pulls(listed: Sequence[Mapping[str, Any]]) -> list[_Pull]:
    return [
        _Pull(
            number=int(pull["number"]),
            base_ref=pull["base"]["ref"],
            base_sha=pull["base"]["sha"],
            head_sha=pull["head"]["sha"],
            updated_at=datetime.fromisoformat(pull["updated_at"]),
        )
        for pull in listed
    ]
