"""The jobs that delete the files of repositories that were deleted, or from which the App was removed."""

import contextlib
import logging
import shutil
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.db import repositories
from bot.db.engine import Database
from bot.db.forgotten import delete_payloads
from bot.git.mirror import mirror_path, remove
from bot.history.schema import index_path
from bot.learning.risk_model import model_folder
from bot.queue.machines import forget_home

log = logging.getLogger(__name__)


async def delete_mirror(db: Database, mirrors: Path, github_id: int, redis: Redis | None = None) -> None:
    """Delete a mirror, its history index and its risk models. Missing files are no error.

    Nothing is deleted if the database has the repository again.
    """
    if await repositories.is_known(db, github_id):
        return
    mirror = mirror_path(mirrors, github_id)
    index = index_path(mirror)
    remove(mirror)
    shutil.rmtree(model_folder(index), ignore_errors=True)
    for path in sorted(index.parent.glob(f"{index.name}*")):
        path.unlink(missing_ok=True)
    if redis is not None:
        with contextlib.suppress(RedisError, OSError):
            await forget_home(redis, github_id)
    log.info("the mirror %s is deleted", mirror.name)


async def delete_unknown_mirrors(db: Database, mirrors: Path, redis: Redis | None = None) -> None:
    """Delete the files of all repositories that are not in the database, and the payloads of those just forgotten."""
    if deleted := await delete_payloads(db):
        log.info("%d deliveries of repositories without the App are deleted", deleted)
    names = {path.name.partition(".")[0] for path in mirrors.glob("*.git*")}
    for github_id in sorted(name for name in names if name.isdecimal()):
        await delete_mirror(db, mirrors, int(github_id), redis)
