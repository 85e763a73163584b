"""Runs the due passes of one repository, page by page: each page is stored with its position in one transaction.

| failure                   | result                                                                         |
|---------------------------|--------------------------------------------------------------------------------|
| RateLimited, budget spent | all resources wait until GitHub's limit permits more                           |
| another RetryLater        | this resource goes on later at the same page; the others go on now             |
| Refused                   | this resource is refused with the reason, and tried again daily                |
| SyncLeaseLost             | nothing more is stored: another worker has taken over, or all of it is deleted |
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.db import sync_states
from bot.db.engine import Database, now
from bot.db.sync_states import SyncLease
from bot.domain.sync import SyncResource
from bot.errors import RateLimited, RetryLater
from bot.sync import passes
from bot.sync.passes import Pass, States
from bot.sync.positions import Page, Reading
from bot.sync.resources import RESOURCES, Resource
from bot.sync.source import Refused, Source

Progress = Callable[[SyncResource, int, int | None], None]
_AFTER_BUG_SECONDS = 60.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slice:
    """How much one run reads, so that other jobs have their turn. No page is read after so many seconds or requests."""

    seconds: float = 30.0
    requests: int = 100


@dataclass(slots=True)
class SyncRun:
    """One run over the due resources of a repository.

    slice: None: until everything is read.
    progress: is told the resource, how much of it is read, and the total, after each page.
    changed: whether a pass has ended that brought something.
    """

    db: Database
    lease: SyncLease
    source: Source
    slice: Slice | None = field(default_factory=Slice)
    progress: Progress | None = None
    changed: bool = False
    _began: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        """Run the due passes. Raises SyncLeaseLost; other failures of GitHub are stored."""
        for resource in RESOURCES:
            stored = await sync_states.stored_states(self.db, self.lease.repository_id)
            states = {one.state.resource: one for one in stored}
            if not states:
                raise sync_states.SyncLeaseLost
            if not passes.is_due(states[resource.name]):
                continue
            if resource.name is SyncResource.REVIEWS and await passes.wait_for_pulls(self.db, self.lease, states):
                continue
            try:
                await self._run_pass(resource, states)
            except Refused as refused:
                log.info("GitHub refuses the %s of %s: %s", resource.name, self.source.place.full_name, refused)
                await passes.refuse(self.db, self.lease, resource.name, str(refused))
            except RateLimited as limited:
                reason = "GitHub limits the requests of this installation now."
                await passes.delay_all(self.db, self.lease, now() + timedelta(seconds=limited.after), reason)
                return
            if self.source.budget_until is not None:
                reason = "The other half of GitHub's rate limit is left to analyses."
                await passes.delay_all(self.db, self.lease, self.source.budget_until, reason)
                return
            if not self._may_go_on():
                return

    async def _run_pass(self, resource: Resource, states: States) -> None:
        """Run a pass to its end, or as far as possible now."""
        running = await passes.begin_pass(self.db, self.lease, resource, states)
        etags = {} if running.position.is_whole else states[resource.name].etags
        reading = Reading(self.source, self.db, self.lease.repository_id, etags, running.began)
        request = asyncio.create_task(_read(reading, running))
        try:
            while True:
                page = await request
                goes_on = page.next is not None and self._may_go_on()
                if goes_on:  # GitHub works on the next page while this one is stored
                    request = asyncio.create_task(_read(reading, running, page))
                after = await passes.store_page(self.db, self.lease, running, page)
                self._report(running, after, page)
                if after is None or not goes_on:
                    return
                running = after
        except (RateLimited, Refused, sync_states.SyncLeaseLost):
            raise
        except RetryLater as later:
            log.info("the %s of %s go on later: %s", resource.name, self.source.place.full_name, later)
            await passes.postpone(self.db, self.lease, running, later.after, str(later))
        except Exception as bug:
            log.exception("the sync of the %s of %s failed", resource.name, self.source.place.full_name)
            reason = f"GitInsight failed with {type(bug).__name__}; the operator's log has the details."
            await passes.postpone(self.db, self.lease, running, _AFTER_BUG_SECONDS, reason)
        finally:
            await _cancelled(request)

    def _report(self, running: Pass, after: Pass | None, page: Page) -> None:
        done = running.done + page.done
        if after is None and done:
            self.changed = True
        if self.progress is not None:
            total = done if after is None else after.total
            self.progress(running.resource.name, done, total)

    def _may_go_on(self) -> bool:
        """Whether another page may be read in this run."""
        if self.source.budget_until is not None:
            return False
        if self.slice is None:
            return True
        is_in_time = time.monotonic() - self._began < self.slice.seconds
        return is_in_time and self.source.requests < self.slice.requests


async def _read(reading: Reading, running: Pass, before: Page | None = None) -> Page:
    """Read the page at which the pass is, or the one after `before`."""
    position = before.next if before is not None and before.next is not None else running.position
    return await running.resource.read(reading, position)


async def _cancelled(request: "asyncio.Task[Page]") -> None:
    """End a request that nobody waits for any more."""
    request.cancel()
    with contextlib.suppress(asyncio.CancelledError, RetryLater, Refused):
        await request
