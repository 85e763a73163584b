"""The jobs: what a worker keeps of a repository that was deleted, or that the app was removed from, goes too."""

import logging
import shutil
from pathlib import Path

from bot.db import repositories
from bot.db.engine import Database
from bot.git.mirror import mirror_path, remove
from bot.history.schema import index_path
from bot.learning.risk_model import model_folder

log = logging.getLogger(__name__)


async def delete_mirror(db: Database, mirrors: Path, github_id: int) -> None:
    """Delete the mirror, its history index and the models fitted on it, unless the repository is known again.

    What is not there is no error.
    """
    if await repositories.is_known(db, github_id):
        return
    mirror = mirror_path(mirrors, github_id)
    index = index_path(mirror)
    remove(mirror)
    shutil.rmtree(model_folder(index), ignore_errors=True)
    for path in sorted(index.parent.glob(f"{index.name}*")):
        path.unlink(missing_ok=True)
    log.info("the mirror %s is deleted", mirror.name)


async def delete_unknown_mirrors(db: Database, mirrors: Path) -> None:
    """Delete what is kept of every repository that the database does not know."""
    kept = {path.name.partition(".")[0] for path in mirrors.glob("*.git*")}
    for github_id in sorted(name for name in kept if name.isdecimal()):
        await delete_mirror(db, mirrors, int(github_id))
