"""A sentence or a link that a change corrects, and that stands word for word elsewhere as it was.

Only small corrections count: what is written anew in one place has a reason that need not hold in the other. Code is
left to `twins`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.edits import MAX_FILES, MAX_LINE, edits
from bot.analysis.leftover import TOLD
from bot.analysis.measured import share_of
from bot.analysis.places import is_written_here
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.domain.tree import Mention
from bot.text import code, count

NAME = "copies"
MAX_TEXTS = 16
_MOST_OLD = 12
_LEAST_LENGTH = 40
_LEAST_WORDS = 6
_LEAST_PROSE = 0.8
_LEAST_ALIKE = 0.7
# A sentence that stands in more places is a phrase.
_MOST_PLACES = 3
_MOST_REMARKS = 4
_SHOWN = 3
_MARK = re.compile(r"(#+|//+!?|/?\*+|<!--|--|[->])\s*")
_WORD = re.compile(r"[A-Za-z]{2,}")
_LINK = re.compile(r"https?://\S{8,}")
_HEAD = re.compile(r"copyright|licen[cs]e|spdx|©", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """A corrected line without outer white space, and what it became. line: 1-based, at the head."""

    path: str
    line: int
    old: str
    new: str


def texts(files: Sequence[FileChange]) -> list[Text]:
    """Return the corrected lines of documents, at most `MAX_TEXTS`, each once."""
    files = files[:MAX_FILES]
    found: dict[str, Text] = {}
    for file in files:
        if file.status is FileStatus.MODIFIED and _is_ours(file.path) and file.left_out is None:
            for one in _corrected(file):
                found.setdefault(one.old, one)
    if not found:
        return []
    added = {line.strip() for file in files for _, line in file.added_lines()}
    return [one for one in found.values() if one.old not in added][:MAX_TEXTS]


def _is_ours(path: str) -> bool:
    return is_written_here(path) and not paths.is_test(path)


def _corrected(file: FileChange) -> Iterator[Text]:
    """Yield the lines that are replaced by one like them."""
    after = {line.strip() for line in (file.after or "").split("\n")}
    for edit in edits(file, gap=1):
        if not edit.old or not edit.new or len(edit.old) > _MOST_OLD or len(edit.new) > _MOST_OLD:
            continue
        for old in edit.old:
            if old not in after and _tells(file.path, old):
                likest = max(edit.new, key=lambda new: _alike(old, new))
                if _alike(old, likest) > _LEAST_ALIKE and _words(old) != _words(likest):
                    yield Text(file.path, edit.new_start, old, likest)


def _tells(path: str, line: str) -> bool:
    """Return whether a line of a document is a sentence or has a link.

    Comments are not read: what is said of one function is often not corrected, but true of it only.
    """
    if not paths.is_docs(path) or not _LEAST_LENGTH <= len(line) <= MAX_LINE:
        return False
    body = _MARK.sub("", line, count=1)
    prose = sum(one.isalpha() or one in " ,.'-" for one in body)
    is_sentence = len(_WORD.findall(body)) >= _LEAST_WORDS and prose >= _LEAST_PROSE * len(body)
    return (is_sentence or _LINK.search(body) is not None) and not _HEAD.search(line)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _alike(old: str, new: str) -> float:
    return SequenceMatcher(None, _words(old[:MAX_LINE]), _words(new[:MAX_LINE]), autojunk=False).ratio()


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One remark per pair of files."""
    if not change.tree.searched:
        return []
    places: dict[str, list[Mention]] = defaultdict(list)
    for one in change.tree.mentions:
        places[one.text.strip()].append(one)
    pairs: dict[tuple[str, str], list[tuple[Text, Mention]]] = {}
    for text in texts(change.files):
        left = [one for one in places[text.old] if _is_ours(one.path) and not TOLD.search(one.text)]
        for place in left if len(left) <= _MOST_PLACES else []:
            pairs.setdefault((text.path, place.path), []).append((text, place))
    return [_insight(found) for found in list(pairs.values())[:_MOST_REMARKS]]


def _insight(found: Sequence[tuple[Text, Mention]]) -> Insight:
    text, place = found[0]
    several = f"{count(len(found), 'line')} that {'are' if len(found) > 1 else 'is'} corrected here"
    lines = ", ".join(str(one.line) for _, one in found[:_SHOWN])
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="copies/text",
        title=f"{several} {'stand' if len(found) > 1 else 'stands'} at {code(place.path)}:{lines} as before",
        description=f"{code(text.path)}:{text.line} replaces {code(text.old, 160)} by {code(text.new, 160)}."
        f" The same line is in {code(place.path)}:{place.line}.",
        remedy="Correct it there too, if the reason holds for both.",
        severity=Severity.LOW,
        confidence=share_of("copies/text", "the line is the same, up to white space around it"),
        evidence={
            "lines": [
                {"path": one.path, "line": one.line, "old": one.old, "new": one.new, "place": [other.path, other.line]}
                for one, other in found[:20]
            ]
        },
        locations=(
            *(Location(other.path, other.line, other.line) for _, other in found[:20]),
            Location(text.path, text.line, text.line),
        ),
        fingerprint=fingerprint("copies/text", text.path, place.path, text.old),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
