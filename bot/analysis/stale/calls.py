"""Functions whose parameters a change alters, and calls in documentation and examples that fit the old ones only.

A call counts if it has a number of arguments that the old parameters take and the new ones do not, or names a parameter
that is gone. Empty brackets in a text mean the function, not a call. The scanner reads each character once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.edits import MAX_LINE
from bot.analysis.places import is_written_here
from bot.analysis.removed_names import DEFINITION, is_telling_name
from bot.analysis.stale.facts import Fact, FactKind
from bot.domain.files import FileChange, FileStatus
from bot.domain.tree import Mention

# A definition may begin so many lines above a changed one.
_ABOVE = 8
_MOST_CHARACTERS = 400
_MOST_LINES = 5_000
_OPENING, _CLOSING = "([{", ")]}"
_RECEIVER = re.compile(r"(?:&\s*(?:'\w+\s+)?)?(?:mut\s+)?self\b|cls$|this\b")
_EXAMPLES = frozenset("example examples sample samples demo demos docs doc".split())
_COMMENT = re.compile(r"(?:^|\s)(?:#\s|//).*$|/\*[^*]{0,80}\*/")
# Languages in which the number of arguments is checked, by the ending of a file.
_CHECKED = frozenset("py go rs ts tsx mts cts java kt kts cs swift php rb scala".split())


@dataclass(frozen=True, slots=True)
class _Parameters:
    """What a function takes. names: in order. least, most: positional arguments; most is None for any number."""

    names: tuple[str, ...]
    least: int
    most: int | None
    any_name: bool


def calls(files: Sequence[FileChange]) -> Iterator[Fact]:
    """Yield the functions of production code that take other arguments at the head."""
    for file in files:
        suffix = file.path.rpartition(".")[2].lower()
        is_changed = file.status in {FileStatus.MODIFIED, FileStatus.RENAMED} and file.left_out is None
        found = list(_changed(file)) if is_changed and suffix in _CHECKED else []
        if found and paths.is_production(file.path) and is_written_here(file.path):
            yield from found


def _changed(file: FileChange) -> Iterator[Fact]:
    """Yield the functions that each end of a file defines once, with other parameters."""
    before = _definitions(file.before or "", [(one.old_start, one.old_count) for one in file.hunks])
    after = _definitions(file.after or "", [(one.new_start, one.new_count) for one in file.hunks])
    for name, (_, old) in before.items():
        line, new = after.get(name, (0, ""))
        if not line or not is_telling_name(name):
            continue
        was, now = _parameters(old), _parameters(new)
        if (was.least, was.most) != (now.least, now.most) or set(was.names) - set(now.names):
            yield Fact(
                kind=FactKind.CALL,
                name=name,
                old=old,
                new=new,
                path=file.path,
                line=line,
                texts=(f"{name}(",),
                owners=_owners(file, line),
            )


def _owners(file: FileChange, line: int) -> tuple[str, ...]:
    """Return who may stand before a function that is no method: the words of its path."""
    definition = (file.after or "").split("\n")[line - 1]
    is_method = definition[:1].isspace() or re.match(r"func\s*\(", definition) is not None
    return () if is_method else tuple(re.findall(r"\w+", file.path))


def _definitions(text: str, ranges: Sequence[tuple[int, int]]) -> dict[str, tuple[int, str]]:
    """Return the functions whose definition stands on changed lines, by name: the line and the parameters."""
    lines = text.split("\n")
    found: dict[str, list[tuple[int, str]]] = {}
    touched = {number for start, count in ranges for number in range(start - _ABOVE, start + max(count, 1))}
    for number in sorted(touched)[:_MOST_LINES]:
        line = lines[number - 1][:MAX_LINE] if 0 < number <= len(lines) else ""
        match = DEFINITION.match(line) if "(" in line or "def" in line else None
        if match is None or match["word"] not in {"def", "function", "func", "fn"}:
            continue
        following = (text[:MAX_LINE] for text in lines[number : number + _ABOVE * 2])
        rest = "\n".join(_COMMENT.sub("", one) for one in (line[match.end() :], *following))
        start = rest.find("(")
        inside = _inside(rest[start + 1 :]) if 0 <= start < 80 else None
        if inside is not None:
            written = _split(" ".join(inside.split()))
            shown = written[1:] if written and _RECEIVER.match(written[0]) else written
            found.setdefault(match["name"], []).append((number, ", ".join(shown)))
    return {name: ends[0] for name, ends in found.items() if len(ends) == 1}


def _inside(text: str) -> str | None:
    """Return a text up to the bracket that closes it; None if it is too long or not closed."""
    depth, quote = 1, ""
    for at, character in enumerate(text[:_MOST_CHARACTERS]):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'`" and not (character == "'" and text[at - 1 : at] == "&"):
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
            if not depth:
                return text[:at]
    return None


def _split(text: str) -> list[str]:
    """Return what commas outside of brackets and quotes separate, without outer blanks and empty parts."""
    parts, depth, quote, start = [], 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'`" and not (character == "'" and text[at - 1 : at] == "&"):
            quote = character
        elif character in _OPENING or (character == "<" and text[at - 1 : at].isalnum()):
            depth += 1
        elif character in _CLOSING or (character == ">" and text[at - 1 : at] not in {"=", "-", " "}):
            depth = max(0, depth - 1)
        elif character == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]


def _parameters(text: str) -> _Parameters:
    names: list[str] = []
    least = most = 0
    endless = any_name = keyword_only = False
    for part in _split(text):
        if part in {"*", "/"} or part.startswith("*,"):
            keyword_only = keyword_only or part == "*"
            continue
        if part.startswith("**"):
            any_name = True
            continue
        if part.startswith(("*", "...", "vararg ")) or "..." in part:
            endless, keyword_only = True, True
            continue
        name = re.search(r"[A-Za-z_$]\w*", part)
        names.append(name[0] if name else part)
        if not keyword_only:
            most += 1
            least += not re.search(r"(?<![=<>!])=(?![=>])|^\w+\?", part)
    return _Parameters(tuple(names), least, None if endless else most, any_name)


def states_call(fact: Fact, mention: Mention) -> bool:
    """Return whether a line calls the function in a way that fits the old parameters only."""
    text = mention.text[:MAX_LINE]
    if DEFINITION.match(text):
        return False
    was, now = _parameters(fact.old), _parameters(fact.new)
    for found in re.finditer(rf"(?<![\w-]){re.escape(fact.name)}\(", text):
        owner = re.search(r"(\w+)(?:\.|::|->)$", text[: found.start()])
        if owner and fact.owners and owner[1] not in fact.owners:
            continue
        inside = _inside(text[found.end() :])
        is_whole = inside and not any(mark in inside for mark in ("...", "…", "[,", "*"))
        if inside and is_whole and _fits(inside, was) and not _fits(inside, now):
            return True
    return False


def _fits(inside: str, parameters: _Parameters) -> bool:
    """Return whether a function takes these arguments."""
    positional = 0
    named: list[str] = []
    for part in _split(inside):
        keyword = re.match(r"([A-Za-z_]\w*)\s*(?:=(?!=)|:(?!:))", part)
        if keyword:
            named.append(keyword[1])
        else:
            positional += 1
    if any(name not in parameters.names for name in named) and not parameters.any_name:
        return False
    enough = positional + len(named) >= parameters.least
    return enough and (parameters.most is None or positional <= parameters.most)


def is_example(path: str) -> bool:
    """Return whether the file shows how the code is called."""
    return bool(_EXAMPLES & {part.lower() for part in PurePosixPath(path).parts[:-1]})


def keeps_call(fact: Fact, mention: Mention) -> bool:
    """Return whether another function has the name, so that a call may mean that one."""
    found = DEFINITION.match(mention.text[:MAX_LINE])
    if found is None or found["name"] != fact.name:
        return False
    is_other = (mention.path, mention.line) != (fact.path, fact.line)
    return is_other and not paths.is_docs(mention.path) and not paths.is_test(mention.path)
