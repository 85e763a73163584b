"""The index of the titles of past changes, beside the history index: which of them are like a new title?"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.history.index import HistoryIndex
from bot.history.messages import without_prefix
from bot.ml.text import Scores, TextIndex, TextIndexUnusable, build, extend, load

# An index that lags behind by less than this share is not extended before an analysis: it costs a second for 50,000.
_LAG = 0.001
_NUMBERS = re.compile(r"\(?\B#\d+\)?|\b[Gg][Hh]-\d+\b")
# What the titles are made of; a change of it makes their index anew.
_TITLES = "2"


def texts_path(index: Path) -> Path:
    """Return the path of the index of the titles. It is beside the history index."""
    return index.with_name(index.name + ".texts")


def vectors_path(index: Path) -> Path:
    """Return the path of the vectors of the titles. It is beside the history index."""
    return index.with_name(index.name + ".vectors")


def newest_titles(index: HistoryIndex, most: int) -> list[str]:
    """Return titles as they are compared, the newest first."""
    rows = index.connection.execute("SELECT subject FROM commits ORDER BY ordinal DESC LIMIT ?", (most,))
    return [bare_title(subject) for (subject,) in rows]


def update_texts(index: HistoryIndex, path: Path, *, lag: bool = False) -> TextIndex:
    """Bring the index of the titles up to the history index, and return it. Row n is the change with ordinal n + 1.

    lag: a few missing titles may stay missing; `candidates` compares them one by one.
    """
    texts = _known(index, path)
    have = len(texts) if texts is not None else 0
    missing = index.changes - have
    if texts is not None and missing <= (_LAG * have if lag else 0):
        return texts
    rows = index.connection.execute("SELECT sha, subject FROM commits WHERE ordinal > ? ORDER BY ordinal", (have,))
    shas, subjects = zip(*rows, strict=True)
    titles = [bare_title(subject) for subject in subjects]
    texts = replace(build(titles) if texts is None else extend(texts, titles), label=f"{_TITLES} {shas[-1]}")
    texts.save(path)
    return texts


def _known(index: HistoryIndex, path: Path) -> TextIndex | None:
    """Return the stored index, or None if it is not of the beginning of this history."""
    try:
        texts = load(path)
    except TextIndexUnusable:
        return None
    last = index.connection.execute("SELECT sha FROM commits WHERE ordinal = ?", (len(texts),)).fetchone()
    return texts if last is not None and texts.label == f"{_TITLES} {last[0]}" else None


def bare_title(title: str) -> str:
    """Return a title without what is alike by chance: numbers, and the type and the scope of a conventional commit."""
    return without_prefix(_NUMBERS.sub(" ", title))


def title_scores(index: HistoryIndex, texts: TextIndex, title: str) -> Scores:
    """Return the score of each title up to the end of the index, also of those that the texts lack."""
    known = texts.scores(title)[: index.changes]
    query = "SELECT subject FROM commits WHERE ordinal > ? ORDER BY ordinal"
    lacking = [bare_title(subject) for (subject,) in index.connection.execute(query, (len(known),))]
    return np.concatenate((known, texts.compare(title, lacking))) if lacking else known
