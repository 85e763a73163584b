"""Which added lines of a file carry behaviour, and so could make a test fail. Pure.

Comments, imports, brackets, declarations, heads of functions and classes, annotations and lines of text do not. Nor
does a line that differs from a deleted one only in its literals, its arguments or its declared type.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from zlib import crc32

from bot.analysis.functions.facts import FileFunctions
from bot.analysis.past.lines import is_prose
from bot.analysis.prose_lines import prose_lines
from bot.analysis.weightiest import changed_code
from bot.domain.files import FileChange
from bot.domain.insights import Location

_MOST_LINES = 5_000
_MOST = 300  # characters of a line that are looked at
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`$]*`")
_LITERAL = re.compile(r"(?<![\w.])(?:\d[\w.]*|true|false|null|nil|none|undefined)(?!\w)", re.IGNORECASE)
_BRACKETED = re.compile(r"\([^()]*\)")
_COMMAS = re.compile(r"(?:,\s*)+")
_WORD = re.compile(r"[^\W\d_]")
_ASSIGNS = re.compile(r"(?<![=!<>+*/%&|^~?-]):?=(?![=>])")
_ANNOTATION = re.compile(r"@[\w.:]+(?:\(.*\))?,?$|#!?\[.*\]$|\[\[?[A-Z]\w*(?:\(.*\))?\]?\]$")
_ALONE = re.compile(
    r"[\s})\];]*(?:else|try|finally|do|begin|end|then|ensure|default|unsafe|loop|fi|done|esac|pass|break|static)\s*[{:]?;?$"
)
_MODIFIERS = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub|pub\(\w+\)|unsafe|open|"
    r"override|sealed|data|declare|partial|readonly|const|volatile|transient|lateinit|extern|inline|virtual)\s+){0,6}"
)
# Marks for a compiler or an editor. What stands between them counts.
_DIRECTIVE = re.compile(r"\ufeff?#\s*(?:region|endregion|pragma|nullable|else|endif|line|warning)\b")
_HEAD = re.compile(
    rf"\s*{_MODIFIERS}(?:class|struct|enum|union|trait|interface|record|object|impl|namespace|module|mod|protocol|"
    r"extension|type|typedef|package|companion)\b[^=()]{0,200}(?:\(.*\))?[^=()]{0,100}[{:;]?$"
)
# Functions in languages whose functions are not measured, and functions without a body.
_FUNCTION = re.compile(rf"\s*{_MODIFIERS}(?:def|fun|func|function|fn|sub)\s[^=]{{0,250}}[{{:;),]?$")
_SIGNATURE = re.compile(rf"\s*{_MODIFIERS}[\w<>\[\],.?&*: ]{{1,120}}\s[\w~]+\([^()=]{{0,200}}\)[\w\s,.]{{0,80}};$")
_FIELD = re.compile(rf"\s*{_MODIFIERS}[\w.:]+(?:<[^()=]{{0,120}}>)?[\[\]?*&\s]+[\w$]+(?:\s*,\s*[\w$]+)*;$")
_TYPED = re.compile(
    rf"\s*{_MODIFIERS}(?:(?:val|var|let)\s+)?[\w$]+[?!]?\s*:\s*[\w.<>\[\]|&?*,' ]{{1,120}};?$|"
    rf"\s*pub(?:\(\w+\))?\s+\w+\s*:\s*[^=()]{{1,120}},$"
)
_GO = re.compile(r"\s*(?:var\s+\w+\s+[\w.*\[\]{}]+|[A-Z]\w*\s+[\w.*\[\]{}]+(?:\s+`[^`]*`)?)$")
_LISTED = re.compile(r"\s*[\w.$&*]+,$")
# What begins a statement that has the form of a declaration.
_STATEMENT = re.compile(
    r"\s*(?:return|throw|raise|yield|await|goto|delete|del|case|else|new|echo|print|puts|defer|go|emit|assert|using|"
    r"continue|break)\b"
)
_TYPED_LANGUAGES = frozenset("py pyi ts tsx mts cts kt kts swift rs scala dart".split())
_BRACED = frozenset("java cs c h cc cpp cxx hh hpp hxx m mm groovy dart php scala ts tsx mts cts".split())


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The lines of one file that carry behaviour, as digests of what is left without literals and arguments.

    added: of lines at the head. deleted: of all deleted lines of code.
    numbers: the 1-based numbers of the added ones.
    """

    added: tuple[int, ...] = ()
    deleted: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()

    def place(self, file: FileChange) -> Location:
        """Return the first to the last of these lines in the hunk that has most of them."""
        hunks = (range(hunk.new_start, hunk.new_start + hunk.new_count) for hunk in file.hunks)
        most = max(([one for one in self.numbers if one in hunk] for hunk in hunks), key=len, default=[])
        return Location(file.path, most[0], most[-1]) if most else Location(file.path, 1, 1)


def behaviour(file: FileChange, functions: FileFunctions | None) -> Behaviour:
    """Return the lines of one file. functions: None if its functions are not measured."""
    after, before = (file.after or "").split("\n"), (file.before or "").split("\n")
    left_out = _heads(functions)
    numbers = [number for hunk in changed_code(file) for number in hunk if number not in left_out]
    prose = prose_lines(file.path, file.after or "") if numbers else set()
    suffix = PurePosixPath(file.path).suffix.lower().lstrip(".")
    numbers = [one for one in numbers if one - 1 not in prose and carries(after[one - 1][:_MOST], suffix)]
    deleted = (
        before[number - 1][:_MOST]
        for hunk in file.hunks
        for number in range(hunk.old_start, hunk.old_start + hunk.old_count)
        if number <= len(before)
    )
    added = _digests(after[number - 1][:_MOST] for number in numbers)
    return Behaviour(added, _digests(deleted), tuple(numbers[:_MOST_LINES]))


def new_behaviour(found: Mapping[str, Behaviour]) -> dict[str, int]:
    """Return how many lines of each file carry behaviour that no deleted line of these files had."""
    deleted = Counter(digest for file in found.values() for digest in file.deleted)
    fresh = {}
    for path, file in found.items():
        added = Counter(file.added)
        fresh[path] = (added - deleted).total()
        deleted -= added
    return fresh


def carries(line: str, suffix: str) -> bool:
    """Return whether a line of code does something. suffix: the extension of its file."""
    text = line.strip()
    if (
        not _WORD.search(_STRING.sub("", text))
        or _ALONE.match(text)
        or _ANNOTATION.match(text)
        or _DIRECTIVE.match(text)
    ):
        return False
    if is_prose(text.replace(", ", ",")):  # `return nil, nil, false, err` is no sentence
        return False
    if _STATEMENT.match(text):
        return True
    return not _declares(text, suffix)


def _declares(text: str, suffix: str) -> bool:
    """Return whether a line only names something: a type, a field, a function without a body, or one of a list."""
    if _HEAD.match(text) or _FUNCTION.match(text) or _LISTED.match(text):
        return True
    if suffix == "go":
        return _GO.match(text) is not None
    if suffix in _BRACED and (_FIELD.match(text) or _SIGNATURE.match(text)):
        return True
    return suffix in _TYPED_LANGUAGES and _TYPED.match(text) is not None


def _heads(functions: FileFunctions | None) -> set[int]:
    """Return the lines of the heads of functions at the head, without those of one line."""
    if functions is None or functions.after is None:
        return set()
    return {
        number
        for one in functions.after.functions
        if one.end_line > one.signature_end
        for number in range(one.start_line, one.signature_end + 1)
    }


def _digests(lines: Iterable[str]) -> tuple[int, ...]:
    found = [crc32(skeleton.encode("utf-8", "replace")) for line in lines if (skeleton := _skeleton(line))]
    return tuple(found[:_MOST_LINES])


def _skeleton(line: str) -> str:
    """Return a line without literals, arguments, declared types and white space."""
    text = _LITERAL.sub("", _STRING.sub("", line.strip()))
    for _ in range(6):
        shorter = _BRACKETED.sub("\0", text)
        if shorter == text:
            break
        text = shorter
    if (assigned := _ASSIGNS.search(text)) and (left := text[: assigned.start()].partition(":")[0].split()):
        # Without what declares it: `private final Map<K, V> names = …` is `names = …`.
        text = f"{left[-1]}={text[assigned.end() :]}"
    return "".join(_COMMAS.sub(",", text).split()).replace(",\0", "\0").rstrip(";,{")
