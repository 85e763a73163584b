"""The classification of changes that the history index and its readers use."""

import logging
from functools import partial

from bot.domain.kinds import ClassifierFrom
from bot.ml.kinds import shipped
from bot.ml.members import BadModel
from bot.ml.own_kinds import from_bytes

log = logging.getLogger(__name__)


def classifier() -> ClassifierFrom | None:
    """Return what makes the classifier of a repository, or None if the shipped model is damaged: then rules decide."""
    try:
        return partial(from_bytes, shipped())
    except BadModel as problem:
        log.warning("the kinds of changes are read by rules only: %s", problem)
        return None
