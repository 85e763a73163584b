"""Hold an analysis while working on it: the lease is extended, and work that was taken over stops."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.db import analyses
from bot.db.analyses import Claimed
from bot.db.engine import Database

_EVERY_SECONDS = 8.0
log = logging.getLogger(__name__)


class Lost(Exception):
    """A newer attempt holds the analysis, or it was cancelled or deleted: nothing more may be posted."""


@asynccontextmanager
async def holding_lease(db: Database, claimed: Claimed) -> AsyncIterator[None]:
    """Extend the lease in the background. Raises Lost inside the block when the analysis is no longer ours."""
    task = asyncio.current_task()
    lost = False

    async def extend() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            if not await analyses.extend_lease(db, claimed):
                lost = True
                if task is not None:
                    task.cancel()
                return

    extending = asyncio.create_task(extend())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            raise Lost from None
        raise
    finally:
        extending.cancel()
