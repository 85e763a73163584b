"""The new members of a family: flags, fields and files that a change adds beside at least four others of their kind.

A field is one if the lines around it have its form: the same line with other words. Expressions read one line of at
most 300 characters and have no nested repetition.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from bot import paths
from bot.analysis.consequence import COMMON
from bot.analysis.edits import MAX_FILES, MAX_LINE
from bot.analysis.places import is_written_here
from bot.analysis.removed_names import DECLARES
from bot.domain.files import FileChange, FileStatus
from bot.domain.tree import Member

MAX_MEMBERS = 8
LEAST_SIBLINGS = 4
_MOST_SIBLINGS = 10
_MOST_LINES = 20_000
_MOST_ADDED = 400
_MOST_FOLDERS = 40
# So far above and below are the siblings of a field.
_AROUND = 60
_LEAST_NAME = 4
_LEAST_FIELD = 6
_FLAG = re.compile(r"[\"'`](?P<name>--[a-z][a-z0-9]*(?:-[a-z0-9]+)*)[\"'`=, ]")
_GO_FLAG = re.compile(r"[Ff]lags\(\)\.\w+\([^\"]{0,80}\"(?P<name>[a-z][a-z0-9]+(?:-[a-z0-9]+)*)\"")
_FIELD = re.compile(
    r"\s*(?:(?:pub(?:\(\w+\))?|public|readonly|export)\s+)?(?:[\w<>\[\],?.]{1,60} )?"
    r"[\"']?(?P<name>[A-Za-z][\w-]{3,60})[\"']?\??\s*(?:=>|[:=,;({]|$)"
)
_BARE = re.compile(r"\s*[\w.]+(?: as \w+)?,?\s*\Z")
_IMPORTS = re.compile(r"\s*(?:pub )?(?:from|import|use|export \{|const \{|require)")
_PARTS = re.compile(r"[-_]|[a-z][A-Z]")
_WORD = re.compile(r"[\w-]+")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_KEYWORDS = frozenset(
    "if for while switch return match case else elif except with assert await yield throw raise".split()
)


def members(files: Sequence[FileChange], names: Iterable[str] = ()) -> list[Member]:
    """Return the new members, at most `MAX_MEMBERS`.

    names: all paths at the merge base, which added files and folders need.
    """
    found: dict[str, Member] = {}
    ours = [file for file in files[:MAX_FILES] if _is_ours(file)]
    for one in islice((*_files(ours, names), *(one for file in ours for one in _in_code(file))), 4 * MAX_MEMBERS):
        if one.name not in found and not (one.kind in {"file", "folder"} and _is_listed(one, files)):
            found[one.name] = one
    return list(found.values())[:MAX_MEMBERS]


def _is_listed(member: Member, files: Sequence[FileChange]) -> bool:
    """Return whether the change names a new file in another document or setting, where its author wants it."""
    name = re.compile(rf"(?<![\w-]){re.escape(member.name)}(?![\w-])")
    others = (file for file in files[:MAX_FILES] if file.path != member.path and not paths.is_code(file.path))
    added = (
        line
        for file in others
        if member.name not in file.path.split("/")
        for _, line in file.added_lines()[:_MOST_ADDED]
    )
    return any(member.name in line and name.search(line[:MAX_LINE]) for line in added)


def adds_files(files: Sequence[FileChange]) -> bool:
    """Return whether a file is added that could be a member, so that the paths at the merge base are needed."""
    return any(file.status is FileStatus.ADDED and _is_ours(file) for file in files[:MAX_FILES])


def _is_ours(file: FileChange) -> bool:
    return file.left_out is None and is_written_here(file.path) and not paths.is_test(file.path)


def _files(files: Sequence[FileChange], names: Iterable[str]) -> Iterator[Member]:
    """Yield the added files beside files with the same extension, and the added folders that are built like others."""
    added = [file.path for file in files if file.status is FileStatus.ADDED]
    listed = list(names) if added else []
    inside: dict[str, list[str]] = {}

    def below(folder: str) -> list[str]:
        """Return the paths in a folder, from there on. Few folders are asked for, of many paths."""
        if folder not in inside and len(inside) < _MOST_FOLDERS:
            start = f"{folder}/" if folder else ""
            inside[folder] = [name[len(start) :] for name in listed if name.startswith(start)]
        return inside.get(folder, [])

    told: set[str] = set()
    for path in added:
        above = ["", *("/".join(path.split("/")[:at]) for at in range(1, path.count("/") + 1))]
        new = next((folder for folder in above if not below(folder)), None)
        parent, _, name = path.rpartition("/")
        if new is None:
            stem, dot, ending = name.rpartition(".")
            others = [one.rpartition(".") for one in below(parent) if "/" not in one]
            yield from _member("file", stem, {one for one, *rest in others if dot and rest == [dot, ending]}, path)
        elif new not in told:
            told.add(new)
            built = {one[len(new) + 1 :] for one in added if one.startswith(f"{new}/")}
            parts = (one.partition("/") for one in below(new.rpartition("/")[0]))
            yield from _member("folder", new.rpartition("/")[2], {one for one, _, rest in parts if rest in built}, path)


def _member(kind: str, name: str, beside: Iterable[str], path: str) -> Iterator[Member]:
    """Yield a file or a folder with the siblings that are nearest in the order of their names."""
    telling = sorted(one for one in beside if _tells(one) and one != name)
    if not _tells(name) or len(telling) <= LEAST_SIBLINGS:
        return
    at = next((number for number, one in enumerate(telling) if one > name), len(telling))
    start = max(0, min(at - _MOST_SIBLINGS // 2, len(telling) - _MOST_SIBLINGS))
    yield Member(kind, name, tuple(telling[start : start + _MOST_SIBLINGS]), path, 1)


def _tells(name: str) -> bool:
    return len(name) >= _LEAST_NAME and name.lower() not in COMMON and not name.startswith(("_", "."))


def _in_code(file: FileChange) -> Iterator[Member]:
    """Yield the flags and the fields that are added to a file of code."""
    before = file.before or ""
    if file.status is not FileStatus.MODIFIED or not paths.is_code(file.path) or before.count("\n") > _MOST_LINES:
        return
    after = (file.after or "").split("\n")
    known = frozenset(_WORD.findall(before))
    flags: dict[re.Pattern[str], list[str]] = {}
    for number, line in file.added_lines()[:_MOST_ADDED]:
        for form in (_FLAG, _GO_FLAG):
            for name in _flags(form, after, number):
                if name not in known:
                    if form not in flags:
                        flags[form] = list(dict.fromkeys(_all_flags(form, before.split("\n"))))
                    if len(flags[form]) > LEAST_SIBLINGS:
                        yield Member("option", name, tuple(flags[form][-_MOST_SIBLINGS:]), file.path, number)
        name = "" if _is_imported(after, number) else _field(line)
        if name and name not in known:
            siblings = _fields_around(after, number, known)
            if len(siblings) >= LEAST_SIBLINGS:
                yield Member("name", name, siblings, file.path, number)


def _flags(form: re.Pattern[str], lines: Sequence[str], number: int) -> list[str]:
    """Return the flags on a line that are declared there, or on the line before it. number: 1-based."""
    line = lines[number - 1][:MAX_LINE]
    found = [match["name"] for match in form.finditer(line)]
    if not found or form is _GO_FLAG:
        return found
    return found if any(DECLARES.search(text[:MAX_LINE]) for text in lines[max(0, number - 3) : number]) else []


def _all_flags(form: re.Pattern[str], lines: Sequence[str]) -> Iterator[str]:
    for number in range(1, len(lines) + 1):
        yield from _flags(form, lines, number)


def _field(line: str) -> str:
    """Return the name that a line declares or gives a value; empty if it is not telling."""
    found = _FIELD.match(line[:MAX_LINE])
    name = found["name"] if found else ""
    is_telling = len(name) >= _LEAST_FIELD and has_parts(name) and name not in _KEYWORDS
    return name if is_telling else ""


def _is_imported(lines: Sequence[str], number: int) -> bool:
    """Return whether a line without a value stands in the brackets of an import. number: 1-based."""
    line = lines[number - 1][:MAX_LINE]
    if not _BARE.match(line):
        return False
    margin = len(line) - len(line.lstrip())
    above = (lines[at][:MAX_LINE] for at in range(number - 2, max(-1, number - 2 - _AROUND), -1))
    opening = next((text for text in above if text.strip() and len(text) - len(text.lstrip()) < margin), "")
    return _IMPORTS.match(opening) is not None


def has_parts(name: str) -> bool:
    """Return whether a name has two parts or more."""
    return _PARTS.search(name) is not None


@lru_cache(maxsize=8_192)
def _form(line: str) -> tuple[int, str]:
    """Return the indentation and the form of a line: its marks, with words and texts replaced."""
    text = line[:MAX_LINE].strip()
    return len(line) - len(line.lstrip()), re.sub(r"[A-Za-z_]\w*", "w", re.sub(r"[\d.]+", "0", _TEXT.sub("S", text)))[
        :40
    ]


def _fields_around(lines: Sequence[str], number: int, known: Collection[str]) -> tuple[str, ...]:
    """Return the fields with the same form around a line that were there before, the nearest first.

    known: the words of the file at the merge base.
    """
    own = _form(lines[number - 1])
    found: list[tuple[int, str]] = []
    for at in range(max(0, number - 1 - _AROUND), min(len(lines), number + _AROUND)):
        if at != number - 1 and (match := _FIELD.match(lines[at][:MAX_LINE])) and _form(lines[at]) == own:
            name = match["name"]
            if len(name) >= _LEAST_NAME and name not in _KEYWORDS and name in known:
                found.append((abs(at - number + 1), name))
    return tuple(dict.fromkeys(name for _, name in sorted(found)))[:_MOST_SIBLINGS]
