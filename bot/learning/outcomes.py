"""Finds the outcomes of predicted changes from the fixes and reverts in the history index."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from bot.db.predictions import Outcome, Prediction
from bot.domain.periods import FIX_WINDOW
from bot.history.index import HistoryIndex
from bot.history.merged_changes import MergedChange, find_merged, is_settled, later_fixes


def outcomes_of(index: HistoryIndex, predictions: Iterable[Prediction]) -> dict[UUID, Outcome]:
    """Return the outcomes by prediction id. A change that is not merged has no outcome yet."""
    return {
        prediction.id: _outcome(index, merged)
        for prediction in predictions
        if (merged := find_merged(index, prediction.head_sha, prediction.pull_request)) is not None
    }


def _outcome(index: HistoryIndex, merged: MergedChange) -> Outcome:
    if fixes := later_fixes(index, merged):
        first = fixes[0]
        evidence = {
            "sha": first.sha,
            "subject": first.subject,
            "how": first.how,
            "path": first.path or None,
            "lines": first.lines,
        }
        return Outcome(landed_sha=merged.sha, needed_fix=True, known_at=_to_datetime(first.when), evidence=evidence)
    # Without contents only reverts are known. Then a change without a known fix may still have one.
    if is_settled(index, merged) and index.has_lines:
        known_at = _to_datetime(merged.when + FIX_WINDOW)
        return Outcome(landed_sha=merged.sha, needed_fix=False, known_at=known_at, evidence={})
    return Outcome(landed_sha=merged.sha, needed_fix=None, known_at=None, evidence={})


def _to_datetime(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
