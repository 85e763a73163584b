"""Compares lines across commits: which lines tell something, and what is left of a line after reformatting. Pure.

Lines are compared by their "bare" form: without whitespace, quotes, commas, semicolons and brackets. So a line that is
indented, wrapped or formatted in another way stays the same.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.domain.change import Change
from bot.domain.files import FileChange, Hunk

_DROPPED = re.compile(r"[\s'\"`,;()\[\]{}]+")
_NAME = re.compile(r"[^\W\d_][\w$-]*")
_CODE_SIGN = re.compile(r"[(){}\[\]=<>:;|&+*/$@]|->|^\s*(?:return|raise|throw|break|continue|yield|await|assert)\b")
_COMMENT = ("#", "//", "/*", "* ", "*/", "<!--", "--", '"""', "'''", "%", ";")
_HASH_IS_CODE = frozenset({".c", ".h", ".cc", ".cpp", ".hpp", ".cxx", ".hh", ".hxx", ".m", ".mm", ".rs", ".php"})
_INCIDENTAL = re.compile(
    r"^\s*(?:import\b|from\s+\S+\s+import\b|#\s*include\b|use\s+[\w:]|using\s+\w|package\s|export\s.{1,200}\sfrom\s"
    r"|(?:const|let|var)\s[^=]{1,200}=\s*require\s*\(|[\w.-]*version[\w.-]*[\"']?\s*[:=])",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"``[^`]*``|`[^`]*`|\"[^\"]*\"|'[^']*'")
# Markup of reStructuredText, which stands in docstrings only.
_MARKUP = re.compile(r"``\w|\w``|:[a-z]{1,20}:`")
# Four words or more in a row; in code, every third at least is a keyword.
_WORDS = re.compile(r"(?<![\w.])(?:[A-Za-z]+,? ){3,}[A-Za-z]+(?![\w(])")
_KEYWORDS = frozenset(
    "and as async auto bool char await case class const def default defer do double else elif enum export extends"
    " extern final float fn for from func function if implements impl import in inline int interface is lambda let"
    " long mut new not of or override private protected pub public readonly return select short signed static"
    " string struct suspend switch template then throw throws type typename unless unsafe unsigned using val var"
    " virtual void when where while with yield".split()
)
_LEAST_BARE = 10  # characters
_MOST = 400  # characters of a line that are looked at


def bare(line: str) -> str:
    """Return what of a line does not depend on its layout."""
    return _DROPPED.sub("", line[:_MOST])


def tells(path: str, line: str) -> bool:
    """Return whether a line is code that is not found everywhere: no comment, prose, import, bracket or version."""
    text = line[:_MOST].strip()
    if len(text) < _LEAST_BARE or not _CODE_SIGN.search(text) or _INCIDENTAL.match(text):
        return False
    if text.startswith(_COMMENT) and not (text[0] == "#" and PurePosixPath(path).suffix.lower() in _HASH_IS_CODE):
        return False
    return len(set(_NAME.findall(text))) >= 2 and len(bare(text)) >= _LEAST_BARE and not is_prose(text)


def is_prose(text: str) -> bool:
    """Return whether a line is a sentence, as in a docstring: words in a row outside of literals, few keywords."""
    if _MARKUP.search(text):
        return True
    runs = (found.lower().replace(",", "").split() for found in _WORDS.findall(_QUOTED.sub(" ", text)))
    return any(3 * sum(word in _KEYWORDS for word in run) < len(run) for run in runs)


def is_compared(path: str) -> bool:
    """Return whether lines of a file are compared: what people write, without documentation."""
    return not (paths.is_docs(path) or paths.is_lock(path) or paths.is_generated(path) or paths.is_vendored(path))


def telling(path: str, lines: Iterable[str]) -> list[str]:
    """Return the telling lines of a file."""
    return [line for line in lines if tells(path, line)]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a change. number: 1-based, of its own end."""

    number: int
    text: str
    bare: str


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """The lines that a change deletes and adds in one file."""

    file: FileChange
    deleted: tuple[Line, ...]
    added: tuple[Line, ...]

    def of_hunk(self, hunk: Hunk) -> tuple[list[Line], list[Line]]:
        """Return the deleted and the added lines of a hunk."""
        old = range(hunk.old_start, hunk.old_start + hunk.old_count)
        new = range(hunk.new_start, hunk.new_start + hunk.new_count)
        return [one for one in self.deleted if one.number in old], [one for one in self.added if one.number in new]


def changed_lines(file: FileChange) -> ChangedLines:
    """Return the changed lines of a file; none where a text is missing."""
    before = (file.before or "").split("\n")
    deleted = [
        number
        for hunk in file.hunks
        for number in range(hunk.old_start, hunk.old_start + hunk.old_count)
        if number <= len(before)
    ]
    return ChangedLines(
        file,
        tuple(Line(number, before[number - 1], bare(before[number - 1])) for number in deleted),
        tuple(Line(number, text, bare(text)) for number, text in file.added_lines()),
    )


def bare_lines(text: str | None) -> set[str]:
    """Return all lines of a text in their bare form."""
    return set(map(bare, (text or "").split("\n")))


def changes_by_path(change: Change) -> dict[str, ChangedLines]:
    """Return the changed lines of the files that are compared, by path."""
    return {file.path: changed_lines(file) for file in change.files if file.left_out is None and is_compared(file.path)}


def words_of(text: str) -> Counter[str]:
    """Return the words of a line."""
    return Counter(_NAME.findall(text[:_MOST]))


def likeness(words: Counter[str], others: Counter[str]) -> float:
    """Return the share of words that two lines have in common (Dice's coefficient)."""
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total else 0.0
