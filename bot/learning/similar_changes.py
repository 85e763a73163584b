"""Finds the past changes that are most like a proposed one, with what became of them."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot import paths
from bot.domain.history import PastCommit
from bot.domain.kinds import Kind
from bot.domain.periods import YEAR
from bot.domain.similar import SimilarChange
from bot.history.alike import PastRow, Shared, file_likeness, past_rows, shared_with
from bot.history.index import HistoryIndex
from bot.history.merged_changes import MergedChange, later_fixes
from bot.history.messages import read_message
from bot.history.proposal import ProposedChange, person_of
from bot.learning.titles import bare_title, title_scores
from bot.ml.embeddings import Meaning
from bot.ml.likeness import FLOOR, Signals, shipped
from bot.ml.text import Scores, TextIndex, best, z_scores

MOST = 3
_KEPT = 2 * MOST
_POOL = 60
# Two readers judged 21 and 15 notes: with fewer lines and less likeness, hardly one was of help to a reviewer.
_LEAST_LINES = 3
_LEAST_TEXT = 0.5
_LEAST_TEXT_WITH_LINES = 0.2
# Of 21 notes that another reader judged, all on larger changes were of no help: they made the files of this one.
_MOST_FILES, _MOST_ADDED = 7, 150
# Titles that are so much alike tell of the same mechanism in another place; no file needs to be in common.
_SAME_WORDS, _LEAST_WORDS = 0.6, 4
_SAME_WORDS_WITHIN = 2 * YEAR
# A message without a statement of its own. Who reverts a change knows it.
_MUTE = frozenset({Kind.RELEASE, Kind.MERGE, Kind.REVERT})
_PULL = re.compile(r"\(#(\d{1,9})\)\s*$|^Merge pull request #(\d{1,9}) ")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A past change with its signals, its score, and what it shares."""

    row: PastRow
    signals: Signals
    score: float
    files: tuple[str, ...]
    lines: int
    replaced: int


def similar_changes(
    index: HistoryIndex, texts: TextIndex, change: ProposedChange, meaning: Meaning | None = None
) -> tuple[SimilarChange, ...]:
    """Return the past changes that are most like a change, best first; only those above the floor.

    The index must end at the base of the change (`as_of`). meaning: of the title, if there is a language model.
    Raises TextIndexUnusable.
    """
    if change.title.lower().startswith(("revert", "merge ")):
        return ()
    named = {int(number) for number in re.findall(r"#(\d{1,9})", change.title)}
    words = len(bare_title(change.title).split())
    found = [
        one
        for one in candidates(index, texts, change, meaning)
        if _number(one.row.subject) not in named and (_is_alike(one) or _says_the_same(one, words, change.now))
    ]
    found.sort(key=lambda one: not _says_the_same(one, words, change.now))
    small = (one for one in _of_one_series(found) if _is_small(index, one))
    return _one_of_each([_with_outcome(index, one) for one in islice(small, _KEPT)])


def _of_one_series(found: Sequence[Candidate]) -> Iterator[Candidate]:
    """Leave out what tells of the same mechanism elsewhere, if a better one is there that does."""
    elsewhere = [one for one in found if not one.files]
    best_one = max(elsewhere, key=lambda one: one.signals.text, default=None)
    return (one for one in found if one.files or one is best_one)


def _is_small(index: HistoryIndex, one: Candidate) -> bool:
    query = "SELECT count(*), coalesce(sum(added), 0) FROM revisions WHERE ordinal = ?"
    files, added = index.connection.execute(query, (one.row.ordinal,)).fetchone()
    return bool(files <= _MOST_FILES and added <= _MOST_ADDED)


def _one_of_each(found: Sequence[SimilarChange]) -> tuple[SimilarChange, ...]:
    """Return the best. What became of another is left out, unless this change replaces lines of it."""
    told = {later.sha for one in found for later in (*one.fixes, *([one.reverted] if one.reverted else []))}
    return tuple(one for one in found if one.replaced or one.sha not in told)[:MOST]


def candidates(
    index: HistoryIndex, texts: TextIndex, change: ProposedChange, meaning: Meaning | None = None
) -> list[Candidate]:
    """Return the past changes that share text, files or lines with a change, best first. Raises TextIndexUnusable."""
    if read_message(change.title).kind in _MUTE:
        return []
    scores = title_scores(index, texts, bare_title(change.title))
    shared = shared_with(index, change.files, change.since)
    by_files = sorted(shared.entities, key=lambda ordinal: (-shared.weight(ordinal), -ordinal))[:_POOL]
    by_lines = [ordinal for ordinal, _ in shared.lines.most_common(_POOL)]
    pool = {row + 1 for row in best(scores, _POOL)} | {*by_files, *by_lines}
    number = _number(change.title)
    rows = [row for row in past_rows(index, sorted(pool)) if _speaks(row, number)]
    likeness = file_likeness(index, shared, [row.ordinal for row in rows])
    means = meaning.z_scores([bare_title(row.subject) for row in rows]) if meaning else [None] * len(rows)
    measured = _Measured(change.now, person_of(index, change.author), scores, z_scores(scores), shared, likeness)
    found = [_candidate(row, measured, mean) for row, mean in zip(rows, means, strict=True)]
    return sorted(found, key=lambda one: (-one.score, -one.row.ordinal))


def _is_alike(one: Candidate) -> bool:
    """Return whether the texts or the places are alike. A file in common is not enough, however rarely it changes."""
    near = one.lines >= _LEAST_LINES and one.signals.text >= _LEAST_TEXT_WITH_LINES
    close = near or one.replaced >= _LEAST_LINES or one.signals.text >= _LEAST_TEXT
    return close and one.score >= FLOOR and any(map(_tells, one.files))


def _says_the_same(one: Candidate, words: int, now: int) -> bool:
    """Return whether a change of late has nearly the same title. words: of the title of the proposed change."""
    return one.signals.text >= _SAME_WORDS and words >= _LEAST_WORDS and now - one.row.when <= _SAME_WORDS_WITHIN


def _tells(path: str) -> bool:
    """Return whether two changes of a file may be related. Changes of a changelog or a workflow mostly are not."""
    return not (paths.is_docs(path) or paths.is_tooling(path) or paths.is_lock(path))


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is known of a change and of all past ones. files: their likeness, by ordinal."""

    now: int
    person: int | None
    scores: Scores
    z_scores: Scores
    shared: Shared
    files: Mapping[int, float]


def _candidate(row: PastRow, measured: _Measured, meaning: float | None) -> Candidate:
    at, shared, files = row.ordinal - 1, measured.shared, measured.files.get(row.ordinal, 0.0)
    text, rare = (float(measured.scores[at]), float(measured.z_scores[at])) if at < len(measured.scores) else (0.0, 0.0)
    lines = shared.lines[row.ordinal]
    signals = Signals(
        text=text,
        rare_text=min(2.0, rare / 10),
        meaning=0.0 if meaning is None else max(-0.2, min(1.0, float(meaning) / 10)),
        files=files,
        lines=lines / shared.places if shared.places else 0.0,
        both=text * files,
        age=math.log1p(max(0, measured.now - row.when) / YEAR),
        same_author=float(measured.person is not None and measured.person == row.person),
    )
    return Candidate(
        row,
        signals,
        score=shipped(meaning=meaning is not None).probability(signals),
        files=tuple(shared.entities.get(row.ordinal, {}).values()),
        lines=lines,
        replaced=shared.replaced[row.ordinal],
    )


def _speaks(row: PastRow, number: int | None) -> bool:
    """Return whether a past change can be shown. number: of the analyzed pull request, which may be merged in parts."""
    silent = row.is_bot or row.is_mass or row.kind in {*_MUTE, Kind.REAPPLY} or row.subject.startswith("Merge ")
    return not silent and (number is None or _number(row.subject) != number)


def _number(subject: str) -> int | None:
    match = _PULL.search(subject)
    return int(match[1] or match[2]) if match else None


def _with_outcome(index: HistoryIndex, one: Candidate) -> SimilarChange:
    row = one.row
    fixes = later_fixes(index, MergedChange(row.ordinal, row.sha, row.when, row.subject, row.is_merge, None))
    # A fix of another file of that change says nothing of this one.
    past = {
        (fix.sha, fix.how): PastCommit(fix.sha, fix.when, fix.subject)
        for fix in fixes
        if not fix.path or fix.path in one.files
    }
    return SimilarChange(
        sha=row.sha,
        when=row.when,
        subject=row.subject,
        number=_number(row.subject),
        score=one.score,
        text=one.signals.text,
        files=tuple(filter(_tells, one.files)) or one.files,
        lines=one.lines,
        replaced=one.replaced,
        fixes=tuple(commit for (_, how), commit in past.items() if how != "revert"),
        reverted=next((commit for (_, how), commit in past.items() if how == "revert"), None),
    )
