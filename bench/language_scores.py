"""Signals between the text of a changelog and all commits of a repository: one matrix per signal, queries × commits."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from language_pairs import Commit, Pair
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from bot.ml.text import build, z_scores

Matrix = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Matrix]

_BODY = 600
_PATHS = 400
_POOL = 50
_WORD = re.compile(r"[a-z0-9]+")


def signals(commits: Sequence[Commit], pairs: Sequence[Pair], embed: Embed | None) -> dict[str, Matrix]:
    """Return the z-scores of each signal. embed: returns normalized vectors of texts; None without a model."""
    queries = [pair.text for pair in pairs]
    subjects = [commit.subject for commit in commits]
    bodies = [f"{commit.subject} {commit.body}"[:_BODY] for commit in commits]
    paths = [" ".join(re.sub(r"[/_.\-]", " ", path) for path in commit.paths[:40])[:_PATHS] for commit in commits]
    whole = [f"{body} {path}" for body, path in zip(bodies, paths, strict=True)]
    index = build(subjects)
    found = {
        "subject": np.stack([index.scores(query) for query in queries]),
        "body": bm25(bodies, queries, "char_wb", (3, 5)),
        "words": bm25(whole, queries, "word", (1, 1)),
    }
    if embed is not None:
        vectors = embed([*queries, *subjects])
        found["meaning"] = vectors[: len(queries)] @ vectors[len(queries) :].T
    return {name: np.stack([z_scores(row) for row in matrix]) for name, matrix in found.items()}


def bm25(texts: Sequence[str], queries: Sequence[str], analyzer: str, sizes: tuple[int, int]) -> Matrix:
    """Return the BM25 scores (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75) over character n-grams or words."""
    pattern = r"[A-Za-z0-9]+" if analyzer == "word" else None
    counter = CountVectorizer(analyzer=analyzer, ngram_range=sizes, dtype=np.float32, token_pattern=pattern)
    counts = counter.fit_transform(texts).tocsr()
    length = np.asarray(counts.sum(axis=1)).ravel()
    rows = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
    counts.data = counts.data * 2.2 / (counts.data + 1.2 * (0.25 + 0.75 * length[rows] / max(1.0, length.mean())))
    having = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((len(texts) - having + 0.5) / (having + 0.5)).astype(np.float32)
    asked = counter.transform(queries)
    asked.data = np.ones_like(asked.data)
    return np.asarray((asked @ (counts @ sparse.diags(idf)).T).todense(), dtype=np.float32)


def ranks(scores: Matrix, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """Return the rank of the best right answer of each pair. Among equal scores, it is in the middle."""
    found = []
    for row, pair in zip(scores, pairs, strict=True):
        best = max(row[answer] for answer in pair.answers)
        found.append(1 + (row > best).sum() + ((row == best).sum() - 1) / 2)
    return np.array(found)


def differs(commits: Sequence[Commit], pairs: Sequence[Pair]) -> NDArray[np.bool_]:
    """Return for each pair whether the subject has at most a fifth of the words of the fragment."""
    shares = []
    for pair in pairs:
        words = set(_WORD.findall(pair.text.lower()))
        shares.append(len(words & set(_WORD.findall(commits[pair.answers[0]].subject.lower()))) / max(1, len(words)))
    return np.array(shares) <= 0.2


def fit(known: Sequence[tuple[dict[str, Matrix], Sequence[Pair]]], names: Sequence[str]) -> Matrix:
    """Return the weights of signals by logistic regression: right answers against the best wrong ones."""
    rows, right = [], []
    for matrices, pairs in known:
        total = np.sum([matrices[name] for name in names], axis=0)
        for number, pair in enumerate(pairs):
            pool = {*np.argpartition(-total[number], _POOL)[:_POOL].tolist(), *pair.answers}
            rows += [[matrices[name][number, one] for name in names] for one in pool]
            right += [one in pair.answers for one in pool]
    weights: Matrix = LogisticRegression(max_iter=1000).fit(np.array(rows), np.array(right)).coef_[0]
    return weights
