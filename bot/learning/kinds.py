"""The classification of changes that the history index and its readers use."""

import logging

from bot.domain.kinds import Classify
from bot.ml.kinds import shipped
from bot.ml.members import BadModel

log = logging.getLogger(__name__)


def classifier() -> Classify | None:
    """Return what names the kind of changes, or None if its file is damaged: then the rules decide alone."""
    try:
        return shipped().kinds
    except BadModel as problem:
        log.warning("the kinds of changes are read by rules only: %s", problem)
        return None
