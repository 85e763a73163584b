"""Finds items with like texts: duplicates among open ones, and open pull requests like ones that were not merged.

The score of a pair is the mean of two cosines of TF-IDF: over the characters of the titles, and over the words of title
and text. Of the merged pull requests of three projects, read by hand, about half of the pairs above the floor were
about the same matter, the others steps of one series (docs/patterns.md). So all pairs are notes.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.domain.items import Item, ItemKind
from bot.domain.patterns import ItemExample, LikePair
from bot.domain.periods import YEAR
from bot.patterns.words import texts_of, words_of

# The floor of the score, and how many times the highest likeness that is usual for an item (its median) it must have.
LEAST_SCORE = 0.7
_LEAST_TO_USUAL = 1.5
_HIGHEST_FLOOR = 0.85
_MOST_ITEMS = 800
_MOST = 20
_LEAST_WORDS = 3
Scores = NDArray[np.float64]


def duplicates(items: Sequence[Item]) -> tuple[LikePair, ...]:
    """Pairs of open issues and pairs of open pull requests into the same branch, the most alike first."""
    found = []
    for kind in ItemKind:
        chosen = _newest(item for item in items if item.kind is kind and item.state == "open")
        scores = _scores(chosen, chosen)
        for row, column in _pairs(scores, chosen, chosen):
            if column < row and _base(chosen[row]) == _base(chosen[column]):
                found.append(_pair(chosen[row], chosen[column], float(scores[row, column])))
    return _ranked(found)


def overlaps(items: Sequence[Item], now: int) -> tuple[LikePair, ...]:
    """Open pull requests that are like one that was closed unmerged within the last two years.

    now: Unix seconds. A pull request of the same author counts too: it may repeat what was refused.
    """
    pulls = [item for item in items if item.pull is not None]
    opened = _newest(item for item in pulls if item.state == "open")
    closed = _newest(item for item in pulls if _is_refused(item, now))
    scores = _scores(opened, closed)
    pairs = [
        _pair(opened[row], closed[column], float(scores[row, column]))
        for row, column in _pairs(scores, opened, closed)
        if opened[row].number > closed[column].number
    ]
    return _ranked(pairs)


def _is_refused(item: Item, now: int) -> bool:
    pull, closed = item.pull, item.closed_at
    if item.state == "open" or pull is None or pull.merged_at is not None or closed is None:
        return False
    return now - closed.timestamp() < 2 * YEAR


def _newest(items: Iterable[Item]) -> list[Item]:
    """The newest items of people with enough words to be compared."""
    chosen = [item for item in items if not (item.author and item.author.is_bot) and not _is_revert(item)]
    worded = [item for item in chosen if len(set(words_of(item.title[:300]))) >= _LEAST_WORDS]
    return sorted(worded, key=lambda item: item.number)[-_MOST_ITEMS:]


def _is_revert(item: Item) -> bool:
    return item.title.lower().startswith('revert "')


def _base(item: Item) -> str:
    return item.pull.base_ref if item.pull else ""


def _scores(rows: Sequence[Item], columns: Sequence[Item]) -> Scores:
    """The score of each pair; empty where one side has no items."""
    if not rows or not columns:
        return np.zeros((len(rows), len(columns)))
    both = list(rows) if rows is columns else [*rows, *columns]
    titles = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, max_features=30_000)
    words = TfidfVectorizer(analyzer=words_of, sublinear_tf=True, max_features=20_000)
    return (
        _cosines(titles, [item.title[:300].lower() for item in both], len(rows), same=rows is columns)
        + _cosines(words, texts_of([(item.title, item.body) for item in both]), len(rows), same=rows is columns)
    ) / 2


def _cosines(vectorizer: TfidfVectorizer, texts: Sequence[str], rows: int, *, same: bool) -> Scores:
    try:
        vectors: csr_matrix = vectorizer.fit_transform(texts)
    except ValueError:  # no word is left
        return np.zeros((rows, rows if same else len(texts) - rows))
    return np.asarray((vectors[:rows] @ (vectors if same else vectors[rows:]).T).todense(), dtype=np.float64)


def _pairs(scores: Scores, rows: Sequence[Item], columns: Sequence[Item]) -> list[tuple[int, int]]:
    """The pairs above the floor. Where all texts are alike, likeness says nothing."""
    if not scores.size:
        return []
    nearest = scores.copy()
    if rows is columns:
        np.fill_diagonal(nearest, 0.0)
    usual = float(np.median(nearest.max(axis=1)))
    floor = max(LEAST_SCORE, min(_HIGHEST_FLOOR, _LEAST_TO_USUAL * usual))
    return [(int(row), int(column)) for row, column in np.argwhere(nearest >= floor)]


def _pair(one: Item, other: Item, score: float) -> LikePair:
    return LikePair(
        kind="issue" if one.kind is ItemKind.ISSUE else "pull_request",
        one=ItemExample(number=one.number, title=one.title[:300]),
        other=ItemExample(number=other.number, title=other.title[:300]),
        score=round(min(1.0, score), 2),
    )


def _ranked(pairs: list[LikePair]) -> tuple[LikePair, ...]:
    return tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.one.number, pair.other.number))[:_MOST])
