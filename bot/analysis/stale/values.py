"""Defaults and constants that a change alters, and the lines of documentation and comments that state the old one.

A fact is one literal that is replaced on one line, and the telling name that it belongs to: of the constant or the
parameter that it is given to, or the flag whose default it is. Expressions read one line of at most 300 characters.
"""

import re
from collections.abc import Iterator, Sequence

from bot import paths
from bot.analysis.edits import MAX_LINE, edits, replaced_word
from bot.analysis.places import is_written_here
from bot.analysis.removed_names import is_telling_name
from bot.analysis.stale.facts import Fact, FactKind
from bot.domain.files import FileChange, FileStatus
from bot.domain.tree import Mention

# What the value belongs to, straight before it.
_NAME = re.compile(
    r"(?!(?:const|let|var|val|def|static|final|export|pub|mut|readonly)\b)\b(?P<name>[A-Za-z_][\w-]*)[\"']?"
    r"(?:\s+[A-Za-z][\w<>]{0,20})?\s*(?::\s*&?[\w\[\]<>|. ]{1,40}?)?\s*(?::=|=>|=|:)\s*[\"'`]?$"
)
_DEFAULT = re.compile(r"\b(default(_value|_missing_value|Value)?\s*(=|:|\()|default\s+)\s*[\"'`]?$", re.IGNORECASE)
_FLAG = re.compile(r"[\"'](?P<name>--[a-z][a-z0-9]*(?:-[a-z0-9]+)+)[\"'=]")
_NUMBER = re.compile(r"-?\d[\d_]*(\.\d+)?(ns|us|ms|s|m|h|d|k|kb|mb|gb|kib|mib|gib|px|em|%)?\Z", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][\w./-]{2,60}\Z")
_TRUTH = re.compile(r"(true|false|none|null|nil|undefined)\Z", re.IGNORECASE)
_SAYS_DEFAULT = re.compile(r"\bdefault(s|ed|ing)?\b", re.IGNORECASE)
_MOST = 12
_FLAG_LINES = 4


def values(files: Sequence[FileChange]) -> Iterator[Fact]:
    """Yield the defaults and constants of production code whose literal a change replaces."""
    for file in files:
        if file.status is FileStatus.MODIFIED and file.left_out is None and paths.is_code(file.path):
            found = list(_of(file))
            if found and paths.is_production(file.path) and is_written_here(file.path):
                yield from found


def _of(file: FileChange) -> Iterator[Fact]:
    """Yield the replaced literals of a file with their names."""
    for edit in edits(file, gap=1):
        if len(edit.old) != len(edit.new) or edit.new_end - edit.new_start + 1 != len(edit.new):
            continue
        for at, (old, new) in enumerate(zip(edit.old, edit.new, strict=True)):
            if fact := _fact(file, edit.new_start + at, old, new):
                yield fact


def _fact(file: FileChange, line: int, old: str, new: str) -> Fact | None:
    """Return the replaced literal of a line and its name."""
    pair = replaced_word(old, new)
    if pair is None or not _same_kind(*pair):
        return None
    was, becomes = pair
    before = old[: _changed_at(old, new, was)]
    name = _owner(file, line, before)
    if not is_telling_name(name) or (_WORD.match(was) and not _TRUTH.match(was) and before[-1:] not in {'"', "'", "`"}):
        return None
    return Fact(kind=FactKind.VALUE, name=name, old=was, new=becomes, path=file.path, line=line, texts=(name,))


def _same_kind(old: str, new: str) -> bool:
    forms = (_NUMBER, _TRUTH, _WORD)
    kinds = [next((form for form in forms if form.match(word)), None) for word in (old, new)]
    return kinds[0] is not None and kinds[0] is kinds[1]


def _changed_at(old: str, new: str, word: str) -> int:
    """Return where the replaced word begins in the old line."""
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    return max(0, old.rfind(word, 0, first + len(word)))


def _owner(file: FileChange, line: int, before: str) -> str:
    """Return the name that a value belongs to: the flag of a default, else the name it is given to."""
    if _DEFAULT.search(before):
        lines = (file.after or "").split("\n")[max(0, line - _FLAG_LINES) : line]
        flags = [found["name"] for text in lines for found in _FLAG.finditer(text[:MAX_LINE])]
        return flags[-1] if flags else ""
    found = _NAME.search(before[-120:])
    return found["name"] if found else ""


def states_value(fact: Fact, mention: Mention) -> bool:
    """Return whether a line of documentation or a comment gives the old value as the default of the name."""
    text = mention.text[:MAX_LINE]
    name = re.search(rf"(?<![\w-]){re.escape(fact.name)}(?![\w-])", text)
    if name is None or not _SAYS_DEFAULT.search(text):
        return False
    return _has(text[name.end() :], fact.old) and not _has(text, fact.new)


def _has(text: str, value: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(value)}(?![\w-]|\.\w)", text) is not None
