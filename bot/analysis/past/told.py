"""Says one thing once: a finding that a fix had cleared and that is back undoes that fix, of course."""

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.insights import Insight, Standing

_CLEARED, _UNDONE = "history/cleared-before", "history/undone-fix"


def without_told(insights: Iterable[Insight]) -> list[Insight]:
    """Return the insights, with a note in place of a remark on an undone fix that `history/cleared-before` names."""
    found = list(insights)
    named = {
        (one.evidence["cleared_by"]["sha"], place.path)
        for one in found
        if one.rule == _CLEARED and one.standing is Standing.REMARK
        for place in one.locations
    }

    def is_told(one: Insight) -> bool:
        return one.rule == _UNDONE and {(one.evidence["fix"]["sha"], place.path) for place in one.locations} <= named

    return [replace(one, standing=Standing.NOTE) if named and is_told(one) else one for one in found]
