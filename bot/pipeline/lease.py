"""Extends the lease of an analysis in the background, and stops the work if the lease is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.db import analyses
from bot.db.analyses import Claimed
from bot.db.engine import TEMPORARY_ERRORS, Database

_EXTEND_SECONDS = 8.0
log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The lease is lost: a newer attempt has the analysis, or it was cancelled or deleted. Nothing may be posted."""


@asynccontextmanager
async def holding_lease(db: Database, claimed: Claimed) -> AsyncIterator[None]:
    """Extend the lease in the background. Raises LeaseLost inside the block if the lease is lost."""
    task = asyncio.current_task()
    lost = False

    async def extend() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(_EXTEND_SECONDS)
            try:
                is_held = await analyses.extend_lease(db, claimed)
            except TEMPORARY_ERRORS as busy:  # the lease lasts for some more tries
                log.warning("the lease of %s could not be extended: %s", claimed.id, busy)
                continue
            if not is_held:
                lost = True
                if task is not None:
                    task.cancel()
                return

    extending = asyncio.create_task(extend())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            raise LeaseLost from None
        raise
    finally:
        extending.cancel()
