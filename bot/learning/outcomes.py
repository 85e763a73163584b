"""What became of predicted changes: found in the index by what landed, and by the fixes and reverts that followed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from bot.db.predictions import Outcome
from bot.db.tables import PredictionRow
from bot.history.index import DAY, HistoryIndex

WITHIN = 90 * DAY


@dataclass(frozen=True, slots=True)
class _Landed:
    ordinal: int
    sha: str
    when: int


def outcomes_of(index: HistoryIndex, predictions: Iterable[PredictionRow]) -> dict[UUID, Outcome]:
    """Outcomes by prediction id; changes that have not landed have none yet."""
    found: dict[UUID, Outcome] = {}
    for prediction in predictions:
        landed = _landed(index, prediction.head_sha, prediction.pull_request)
        if landed is not None:
            found[prediction.id] = _outcome(index, landed)
    return found


def _landed(index: HistoryIndex, head_sha: str, pull_request: int | None) -> _Landed | None:
    """By the head itself, by the merge that brought it, or by the number that GitHub writes into a squashed subject."""
    connection = index.connection
    queries: list[tuple[str, tuple[object, ...]]] = [
        ("c.sha = ?", (head_sha,)),
        ("c.ordinal = (SELECT ordinal FROM sides WHERE sha = ?)", (head_sha,)),
    ]
    if pull_request is not None:
        queries.append(("c.subject LIKE ? ESCAPE '\\'", (f"% (#{pull_request})",)))
    for condition, values in queries:
        row = connection.execute(
            f"SELECT c.ordinal, c.sha, c.clock FROM commits c WHERE {condition} ORDER BY c.ordinal DESC LIMIT 1",  # noqa: S608
            values,
        ).fetchone()
        if row:
            return _Landed(*row)
    return None


def _outcome(index: HistoryIndex, landed: _Landed) -> Outcome:
    fix = index.connection.execute(
        "SELECT x.sha, x.clock, x.subject, l.how, l.path, l.lines FROM links l JOIN commits x ON x.ordinal = l.fix"
        " WHERE l.brought = ? AND l.undone IS NULL ORDER BY x.clock LIMIT 1",
        (landed.ordinal,),
    ).fetchone()
    if fix and fix[1] - landed.when <= WITHIN:
        sha, when, subject, how, path, lines = fix
        evidence = {"sha": sha, "subject": subject, "how": how, "path": path, "lines": lines}
        return Outcome(landed_sha=landed.sha, needed_fix=True, known_at=_moment(when), evidence=evidence)
    end = landed.when + WITHIN
    # Without contents only reverts are known: that no fix was seen says nothing.
    if int(index.meta.get("clock", 0)) > end and index.meta.get("lines", 1):
        return Outcome(landed_sha=landed.sha, needed_fix=False, known_at=_moment(end), evidence={})
    return Outcome(landed_sha=landed.sha, needed_fix=None, known_at=None, evidence={})


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
