"""The telling names that a change takes out of code: functions, flags, variables, scripts, files and the like.

A name is telling if it has at least two parts and eight characters, so that it hardly means something else. Regular
expressions read one line of at most 300 characters and have no nested repetition.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.edits import MAX_FILES, MAX_LINE
from bot.analysis.places import is_written_here
from bot.analysis.removed_paths import PATHS, NameKind, RemovedName, removed_paths
from bot.domain.files import FileChange

MAX_NAMES = 24
_MAX_LINES = 20_000
_MAX_CANDIDATES = 200
_LEAST_NAME = 8
# A hunk that adds more lines than it deletes, and these, does more than rename.
_RENAMED_LINES = 4


DEFINITION = re.compile(
    r"\s*(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub|pub\(\w+\)|unsafe|open|"
    r"override|suspend|inline|sealed|data|declare|partial)\s+){0,6}"
    r"(?P<word>def|class|function|func|fn|struct|enum|trait|interface|record|object|macro_rules!)\s+"
    r"(?:\([^()]{0,80}\)\s*)?(?P<name>[A-Za-z_]\w{2,80})\b"
)
_CONSTANT = re.compile(
    r"(?:(?:export|pub|static|const|#\s*define)\s+){0,3}(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b\s*[=:(\w]"
)
_VARIABLE = re.compile(
    r"(?:environ(?:\.get|\.pop)?|getenv|Getenv|LookupEnv|env::var(?:_os)?|\bENV(?:\.fetch)?|process\.env|import\.meta\.env)"
    r"\s*[\[(.]\s*[\"'b]{0,2}(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b"
)
_FLAG = re.compile(r"[\"'](?P<name>--[a-z][a-z0-9]*(?:-[a-z0-9]+)+)[\"'=]")
_KEY = re.compile(r"[\"'](?P<name>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+)[\"']")
_PACKAGE_SCRIPT = re.compile(r"\s*\"(?P<name>[a-z][a-z0-9]*(?:[:_-][a-z0-9]+)+)\"\s*:\s*\"")
_TARGET = re.compile(r"(?P<name>[a-z][a-z0-9]*(?:[_-][a-z0-9]+)+)\s*:(?![=:])")
# What declares an option, beside its name on the line or on the one or two lines before it.
DECLARES = re.compile(
    r"add_argument|add_option|addoption|\boption|\bflag|\barg\(|\bcase\b|argument|\blong\b|addopt|getopt|setting|config",
    re.IGNORECASE,
)
_MAKEFILES = frozenset({"Makefile", "makefile", "GNUmakefile", "justfile"})
_TYPES = frozenset("class struct enum trait interface record object".split())
_PARTS = re.compile(r"[a-z0-9]+|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")
# Variables of the system, of tools and of hosts: another part of the repository means the same.
_FOREIGN = re.compile(
    r"(GITHUB|GH|GITLAB|RUNNER|ACTIONS|CI|XDG|LC|PYTHON|PIP|NPM|NODE|GO|CARGO|RUST|JAVA|AWS|AZURE|GOOGLE|DOCKER|HTTP|HTTPS|"
    r"NO|SSH|SSL|GIT|TRAVIS|CIRCLE|APPVEYOR|BUILDKITE|VIRTUAL|TOX|PYTEST|TERM|SOURCE_DATE|KUBERNETES|DOTNET|MSYS|"
    r"UV|CONDA|LD|DYLD)_"
)


def is_telling_name(name: str) -> bool:
    """Return whether a name has at least two parts and eight characters."""
    bare = name.strip("-_")
    return len(bare) >= _LEAST_NAME and len(_PARTS.findall(bare)) > 1


def removed_names(files: Sequence[FileChange]) -> list[RemovedName]:
    """Return the telling names that the change removes, at most `MAX_NAMES`: files first, keys last."""
    files = files[:MAX_FILES]
    found: dict[str, RemovedName] = {}
    in_code = (one for file in files if _defines(file) for one in _in_code(file))
    scripts = (one for file in files for one in _scripts(file))
    for one in (*removed_paths(files), *islice(scripts, _MAX_CANDIDATES), *islice(in_code, _MAX_CANDIDATES)):
        found.setdefault(one.name, one)
    added = _added_words(files) if found else set()
    order = list(NameKind)
    kept = [one for one in found.values() if one.kind in PATHS or one.name not in added]
    return sorted(kept, key=lambda one: order.index(one.kind))[:MAX_NAMES]


def _defines(file: FileChange) -> bool:
    old = file.old_path or file.path
    return (
        file.before is not None
        and file.left_out is None
        and paths.is_code(old)
        and not paths.is_test(old)
        and is_written_here(old)
    )


def _scripts(file: FileChange) -> Iterator[RemovedName]:
    """Yield the scripts of a `package.json` and the targets of a makefile that are gone."""
    name = PurePosixPath(file.path).name
    form = _PACKAGE_SCRIPT if name == "package.json" else _TARGET if name in _MAKEFILES else None
    if form is None or file.before is None or file.left_out is not None or not is_written_here(file.path):
        return
    lines = file.before.split("\n")
    for hunk in file.hunks:
        for number in range(hunk.old_start, hunk.old_start + hunk.old_count):
            found = form.match(lines[number - 1][:MAX_LINE])
            if found and not _holds(file.after or "", found["name"]):
                yield RemovedName(found["name"], NameKind.SCRIPT, file.path, number)


def _in_code(file: FileChange) -> Iterator[RemovedName]:
    """Yield the names on the deleted lines of a file that its text at head no longer holds."""
    lines = (file.before or "").split("\n")
    after = file.after or ""
    head = after.split("\n")
    path = file.old_path or file.path
    seen: set[str] = set()
    left = _MAX_LINES
    for hunk in file.hunks:
        is_replacement = hunk.new_count and hunk.new_count <= hunk.old_count + _RENAMED_LINES
        added = head[hunk.new_start - 1 : hunk.new_start - 1 + hunk.new_count] if is_replacement else []
        for number in range(hunk.old_start, min(hunk.old_start + hunk.old_count, len(lines) + 1)):
            if (left := left - 1) < 0:
                return
            around = "\n".join(line[:MAX_LINE] for line in lines[max(0, number - 3) : number])
            for name, kind in _names(lines[number - 1][:MAX_LINE], around):
                if name not in seen and len(seen) < _MAX_CANDIDATES and is_telling_name(name):
                    seen.add(name)
                    if not _holds(after, name):
                        yield RemovedName(name, kind, path, number, _new_name(name, kind, added))


def _names(line: str, around: str) -> Iterator[tuple[str, NameKind]]:
    if found := DEFINITION.match(line):
        yield found["name"], NameKind.TYPE if found["word"] in _TYPES else NameKind.FUNCTION
    elif found := _CONSTANT.match(line):
        yield found["name"], NameKind.CONSTANT
    for found in _VARIABLE.finditer(line):
        if not _FOREIGN.match(found["name"]):
            yield found["name"], NameKind.VARIABLE
    if DECLARES.search(around):
        yield from ((found["name"], NameKind.FLAG) for found in _FLAG.finditer(line))
        yield from ((found["name"], NameKind.KEY) for found in _KEY.finditer(line))


def _holds(text: str, name: str) -> bool:
    """Return whether a text holds the whole name. Most do not hold it at all, which is found fast."""
    return name in text and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _new_name(old: str, kind: NameKind, added: Iterable[str]) -> str:
    """Return the one telling name of this kind on the added lines; empty for none, several, or nothing in common."""
    lines = [line[:MAX_LINE] for line in added]
    found = {name for line in lines for name, other in _names(line, line) if other is kind and is_telling_name(name)}
    parts = {part.lower() for part in _PARTS.findall(old)}
    related = [name for name in found if parts & {part.lower() for part in _PARTS.findall(name)}]
    return related[0] if len(found) == 1 and related else ""


_ADDED = re.compile(r"--[\w-]+|[A-Za-z_][\w-]*\w|[A-Za-z_]\w*")


def _added_words(files: Iterable[FileChange]) -> set[str]:
    """Return the words on the added lines of code: what was moved or is still used is not removed."""
    words: set[str] = set()
    left = _MAX_LINES
    for file in files:
        if paths.is_code(file.path) and not paths.is_test(file.path):
            for _, line in file.added_lines()[:left]:
                words.update(_ADDED.findall(line[:MAX_LINE]))
                words.update(re.findall(r"\w+", line[:MAX_LINE]))
            left -= file.added or 0
            if left <= 0:
                break
    return words
