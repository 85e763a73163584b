"""Finds what issues speak of again and again, and names each topic by words of the issues.

Texts are vectors of TF-IDF over words, reduced by a truncated SVD (latent semantic analysis, Deerwester et al. 1990)
and grouped by k-means. A topic is named by class-based TF-IDF: Grootendorst, "BERTopic: neural topic modeling with a
class-based TF-IDF procedure", 2022. k-means finds groups in noise as well, so a topic is only told if two of its words
appear together more often than by chance, and if its issues are nearer to each other than to the next topic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from bot.domain.issue_kinds import IssueKind
from bot.domain.items import Item
from bot.domain.patterns import IssueTopic, ItemExample
from bot.domain.periods import DAY
from bot.patterns.intervals import LEVEL, at_least, critical, ratio_of_shares
from bot.patterns.words import texts_of, words_of

MOST_ISSUES = 3_000
_LEAST_ISSUES = 40
_LEAST_MEMBERS = 8
_LEAST_COHESION = 0.15
_LEAST_COVERAGE = 0.4
_RECENT = 180 * DAY
_MOST = 8
_DIMENSIONS = 40
Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Texts:
    """The issues as vectors. present: which word is in which issue; space: reduced and of length 1."""

    issues: Sequence[Item]
    weights: csr_matrix
    present: csr_matrix
    words: NDArray[np.object_]
    space: Vectors


def topics(issues: Sequence[Item], now: int, kinds: Mapping[int, IssueKind] | None = None) -> tuple[IssueTopic, ...]:
    """The topics of these issues, the most issues first. The same issues give the same topics.

    now: Unix seconds. Of more than MOST_ISSUES issues, the newest are read.
    kinds: of the issues, by number; None if they are not known.
    """
    read = sorted(issues, key=lambda issue: (issue.created_at, issue.number))[-MOST_ISSUES:]
    if len(read) < _LEAST_ISSUES:
        return ()
    texts = _vectors(read)
    if texts is None:
        return ()
    count = int(np.clip(round((len(read) / 3) ** 0.5), 4, 28))
    means = KMeans(count, n_init=2, max_iter=60, random_state=0).fit(texts.space)
    distances = np.asarray(means.transform(texts.space))
    cohesion = _silhouettes(distances, means.labels_)
    told = []
    for label in range(count):
        members = np.flatnonzero((means.labels_ == label) & (cohesion > 0))
        if len(members) < _LEAST_MEMBERS or (mean := float(cohesion[members].mean())) < _LEAST_COHESION:
            continue
        if words := _name(texts, members):
            nearest = members[np.argsort(distances[members, label], kind="stable")]
            told.append((words, nearest, mean))
    found = [
        replace(_topic(read, words, members, mean, now, len(told)), bugs=_bugs(read, members, kinds))
        for words, members, mean in told
    ]
    return tuple(sorted(found, key=lambda one: (-one.issues, one.words))[:_MOST])


def _vectors(issues: Sequence[Item]) -> _Texts | None:
    """None if the issues have too few words in common."""
    texts = texts_of([(issue.title, issue.body) for issue in issues])
    vectorizer = TfidfVectorizer(
        analyzer=words_of, min_df=max(3, len(issues) // 300), max_df=0.25, sublinear_tf=True, max_features=4_000
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no word is left
        return None
    dimensions = min(_DIMENSIONS, weights.shape[1] - 1, weights.shape[0] - 1)
    if dimensions < 5:
        return None
    space = TruncatedSVD(dimensions, n_iter=3, random_state=0).fit_transform(weights)
    present = (weights > 0).astype(np.float64).tocsr()
    return _Texts(issues, weights, present, vectorizer.get_feature_names_out(), normalize(space))


def _silhouettes(distances: Vectors, labels: NDArray[np.int32]) -> Vectors:
    """The simplified silhouette of each issue: by centres instead of by all pairs (Hruschka et al. 2004)."""
    rows = np.arange(len(labels))
    own = distances[rows, labels]
    others = distances.copy()
    others[rows, labels] = np.inf
    nearest = others.min(axis=1)
    return np.asarray((nearest - own) / np.maximum(np.maximum(own, nearest), 1e-12))


def _name(texts: _Texts, members: NDArray[np.int64]) -> tuple[str, ...]:
    """Up to four words that most of the issues have and others do not; empty if no two belong together."""
    share_in = np.asarray(texts.present[members].mean(axis=0)).ravel()
    share = np.asarray(texts.present.mean(axis=0)).ravel()
    # c-TF-IDF: the weight of a word in the topic, times the logarithm of how rare it is among all issues.
    score = np.asarray(texts.weights[members].mean(axis=0)).ravel() * np.log1p(share_in / np.maximum(share, 1e-9))
    common = [int(word) for word in np.argsort(-score, kind="stable")[:12] if share_in[word] >= _LEAST_COVERAGE / 2]
    if len(common) < 2 or share_in[common[0]] < _LEAST_COVERAGE:
        return ()
    partners = [word for word in common[1:] if _belong_together(texts, members, common[0], word, share)]
    if not partners or share_in[partners[0]] < _LEAST_COVERAGE / 2:
        return ()
    return tuple(str(texts.words[word]) for word in [common[0], *partners][:4])


def _belong_together(texts: _Texts, members: NDArray[np.int64], one: int, other: int, share: Vectors) -> bool:
    """Whether two words are in the same issues more often than by chance, corrected for all pairs of words."""
    both = float(texts.present[:, one].multiply(texts.present[:, other]).sum())
    expected = len(texts.issues) * share[one] * share[other]
    pairs = len(texts.words) * (len(texts.words) - 1) / 2
    p_value = float(at_least(np.array([max(both, 1)]), np.array([max(expected, 1e-9)]))[0])
    return both >= _LEAST_MEMBERS / 2 and p_value < LEVEL / pairs


def _topic(
    issues: Sequence[Item], words: tuple[str, ...], members: NDArray[np.int64], cohesion: float, now: int, told: int
) -> IssueTopic:
    inside = [issues[place] for place in members]
    numbers = {issue.number for issue in inside}
    outside = [issue for issue in issues if issue.number not in numbers]
    recent = [issue.number for issue in issues if now - issue.created_at.timestamp() < _RECENT]
    of_topic = sum(number in numbers for number in recent)
    growth: tuple[float | None, float | None, float | None] = (None, None, None)
    before, before_of_topic = len(issues) - len(recent), len(inside) - of_topic
    if len(recent) >= 30 and before >= 30 and of_topic >= 5:
        ends = ratio_of_shares(of_topic, len(recent), before_of_topic, before, critical(told))
        growth = (round(ends[0], 2), round(ends[1], 2), round(ends[2], 2))
    opened = [issue for issue in inside if issue.state == "open"]
    shown = [*opened, *(issue for issue in inside if issue.state != "open")][:5]
    return IssueTopic(
        words=words,
        issues=len(inside),
        open=len(opened),
        recent=of_topic,
        days_to_close=_days_to_close(inside),
        usual_days_to_close=_days_to_close(outside),
        cohesion=round(cohesion, 2),
        growth=growth[0],
        low=growth[1],
        high=growth[2],
        examples=tuple(ItemExample(number=issue.number, title=issue.title[:300]) for issue in shown),
    )


def _bugs(issues: Sequence[Item], members: NDArray[np.int64], kinds: Mapping[int, IssueKind] | None) -> int | None:
    if kinds is None:
        return None
    return sum(kinds.get(issues[place].number) is IssueKind.BUG for place in members)


def _days_to_close(issues: Sequence[Item]) -> float | None:
    days = [(issue.closed_at - issue.created_at).total_seconds() / DAY for issue in issues if issue.closed_at]
    return round(median(days), 1) if days else None
