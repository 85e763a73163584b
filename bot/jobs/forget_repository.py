"""The job: what a worker keeps on disk of a deleted repository goes too."""

import logging
from pathlib import Path

from bot.git.mirror import mirror_path, remove
from bot.jobs.read_history import index_path

log = logging.getLogger(__name__)


def forget_repository(mirrors: Path, github_id: int) -> None:
    """Delete the mirror and its history index; what is not there is no error."""
    mirror = mirror_path(mirrors, github_id)
    index = index_path(mirror)
    remove(mirror)
    for path in sorted(index.parent.glob(f"{index.name}*")):
        path.unlink(missing_ok=True)
    log.info("the mirror %s is deleted", mirror.name)
