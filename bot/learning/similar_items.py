"""Finds the issues and pull requests whose texts are like that of a proposed change.

The index of their texts is beside the history index. It only selects: what is said comes from the texts as they are
now. So an index that is a few days old names nothing that is closed or deleted.
"""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.db.item_texts import MAX_BODY, ItemText
from bot.domain.similar import SimilarItem
from bot.learning.titles import bare_title
from bot.ml.embeddings import Meaning
from bot.ml.grams import MAX_CHARACTERS
from bot.ml.text import TextIndex, TextIndexUnusable, build, load

# Of each: open issues, open pull requests, refused pull requests.
MOST = 2
# Below this mean of two cosines, nothing is said (docs/language.md).
FLOOR = 0.7
# The titles alone must be alike, too: bodies are often filled-in forms.
_LEAST_TITLE = 0.5
# With a language model, this is also enough: the floor of the cosine plus the weighted z-score of the meaning, and that
# of the titles. In a project with few texts no z-score is high: at most the square root of their number.
_MEANING, _MAX_Z = 0.085, 10.0
_FLOOR_OF_SUM, _LEAST_TITLE_OF_SUM = 1.3, 0.3
_POOL = 20
_LEAST_WORDS = 4
# Templates have their instructions in comments, and their headings in every item.
_FORM = re.compile(
    r"<!--[\s\S]{0,1000}?-->|^[ \t]{0,9}#{1,6} [^\n]{0,200}$|^[ \t]{0,9}[-*] \[[ xX]\] [^\n]{0,300}$|https?://\S{1,300}",
    re.MULTILINE,
)
_NAMED = re.compile(r"(?:#|\b[Gg][Hh]-|/issues/|/pulls?/)(\d{1,9})(?!\d)")
_WORD = re.compile(r"[^\W\d_]{3,}")
_MUTE = ("revert", "merge ", "release", "bump ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeText:
    """What a pull request says.

    number: its own.
    base_ref, head_sha: pull requests into other branches, and those with the same head, are not compared.
    messages: of its commits; only for the numbers that they name.
    """

    number: int
    title: str
    body: str
    messages: str
    base_ref: str
    head_sha: str


@dataclass(frozen=True, slots=True)
class ItemIndex:
    """The index of the texts, and the number of the item of each row."""

    texts: TextIndex
    numbers: Sequence[int]


def items_path(index: Path) -> Path:
    """Return the path of the index of the items. It is beside the history index."""
    return index.with_name(index.name + ".items")


def save_items(path: Path, numbers: Sequence[int], texts: Sequence[str], version: str) -> None:
    """Index the texts of items. version: of the items, to be compared with `stored_version`."""
    temporary = path.with_name(f"{path.name}.numbers.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            np.save(file, np.array(numbers, dtype=np.int64), allow_pickle=False)
        temporary.replace(_numbers_path(path))
    finally:
        temporary.unlink(missing_ok=True)
    replace(build(texts), label=version[:64]).save(path)


def stored_version(path: Path) -> str | None:
    """Return the version of the items that are indexed; None without a usable index."""
    try:
        return load_items(path).texts.label
    except TextIndexUnusable:
        return None


def load_items(path: Path) -> ItemIndex:
    """Map the index into memory. Raises TextIndexUnusable."""
    texts = load(path)
    try:
        numbers = np.load(_numbers_path(path), allow_pickle=False)
    except (OSError, ValueError, EOFError) as problem:
        raise TextIndexUnusable(str(problem)) from problem
    if numbers.shape != (len(texts),):
        raise TextIndexUnusable("the index has texts without a number")
    return ItemIndex(texts, numbers.tolist())


def whole_text(title: str, body: str) -> str:
    """Return the text of an item that is compared: without numbers, addresses, and what a template says."""
    return bare_title(f"{title[:MAX_CHARACTERS]} {_FORM.sub(' ', body[:MAX_BODY])}"[:MAX_CHARACTERS])


def nearest(index: ItemIndex, change: ChangeText) -> list[int]:
    """Return the numbers of the items to look at. Raises TextIndexUnusable."""
    if _is_mute(change.title):
        return []
    texts = {whole_text(change.title, change.body), bare_title(change.title)}
    return sorted({index.numbers[row] for text in texts for row, _ in index.texts.query(text, _POOL)})


def similar_items(
    index: ItemIndex, change: ChangeText, items: Sequence[ItemText], meaning: Meaning | None = None
) -> tuple[SimilarItem, ...]:
    """Return the items that a change seems to resolve or to repeat, at most MOST of each sort, the most alike first.

    meaning: of the whole text of the change, if there is a language model.
    """
    if _is_mute(change.title):
        return ()
    named = {int(number) for text in (change.title, change.body, change.messages) for number in _NAMED.findall(text)}
    compared = [item for item in items if _is_compared(item, change, named)]
    titles = index.texts.compare(bare_title(change.title), [bare_title(item.title) for item in compared])
    wholes = [whole_text(item.title, item.body) for item in compared]
    texts = index.texts.compare(whole_text(change.title, change.body), wholes)
    means = meaning.z_scores(wholes) if meaning else [0.0] * len(wholes)
    found = []
    for item, *signals in zip(compared, titles, texts, means, strict=True):
        score = _score(*map(float, signals))
        if score >= FLOOR:
            found.append(_item(item, min(1.0, score)))
    return _best(found)


def _score(title: float, text: float, meaning: float) -> float:
    """Return the score of an item; 0 if its title is too different.

    title, text: the cosines of the titles and of the whole texts. meaning: the z-score; 0 if it is not known.
    """
    mean = (title + text) / 2
    total = mean + _MEANING * min(_MAX_Z, meaning)
    by_characters = mean if title >= _LEAST_TITLE else 0.0
    with_meaning = total * FLOOR / _FLOOR_OF_SUM if title >= _LEAST_TITLE_OF_SUM else 0.0
    return max(by_characters, with_meaning)


def _item(item: ItemText, score: float) -> SimilarItem:
    return SimilarItem(number=item.number, title=item.title, is_pull=item.is_pull, is_open=item.is_open, score=score)


def _best(found: Sequence[SimilarItem]) -> tuple[SimilarItem, ...]:
    ranked = sorted(found, key=lambda item: (-item.score, item.number))
    sorts = ((False, True), (True, True), (True, False))
    kept = [item for sort in sorts for item in [one for one in ranked if (one.is_pull, one.is_open) == sort][:MOST]]
    return tuple(sorted(kept, key=lambda item: (-item.score, item.number)))


def _is_compared(item: ItemText, change: ChangeText, named: Collection[int]) -> bool:
    if item.number == change.number or item.number in named or _is_mute(item.title):
        return False
    if not item.is_pull:
        return True
    # What was refused later may have been refused because of this one.
    is_earlier = item.is_open or item.number < change.number
    return is_earlier and item.base_ref == change.base_ref and item.head_sha != change.head_sha


def _is_mute(title: str) -> bool:
    """Return whether a title says too little, or the same as many others."""
    return title.lower().startswith(_MUTE) or len(set(_WORD.findall(title[:300].lower()))) < _LEAST_WORDS


def _numbers_path(path: Path) -> Path:
    return path.with_name(path.name + ".numbers")
