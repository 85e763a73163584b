"""Lines of a repository that name a file or a folder which is gone: in documents, settings, scripts and code. Pure.

A path is taken for one only where it can hardly mean something else: it has a folder, it is complete from the top of
the repository or resolves from the folder of the line, the repository had exactly this file, and no file ends like it.
"""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.leftover import TOLD, is_in_comment, is_script
from bot.analysis.places import is_written_here
from bot.analysis.removed_paths import has_common_name
from bot.domain.files import FileChange
from bot.domain.removed import GonePaths
from bot.domain.tree import Mention

_MAX_LINE = 400
_MOST_IN_FILE = 200
# To number a line is to count those before it: a file that is full of such names must not take long.
_MOST_LOOKED = 1_000
_TOKEN = re.compile(r"(?<![\w.@+~*{}$%/-])[\w.@+~/-]*/[\w.@+~-]+")
# Documents that a project has at its top, and that others send their readers to.
_DOCUMENT = re.compile(r"(?<![\w./-])/?([A-Z][A-Z_]{6,30}\.(?:md|rst|markdown|adoc|txt))\b")
_NO_DOCUMENT = ("README", "CHANGE", "LICENSE", "RELEASE")
# A link to a commit or a version shows the file as it was.
_PERMALINK = re.compile(r"/(?:blob|tree|raw|blame|commit)/(?:[0-9a-f]{7,64}|v?\d[\w.-]*)(?:/|\b)")
_HOSTED = re.compile(
    r"(?:github\.com/(?P<page>[\w.-]+/[\w.-]+)/(?:blob|tree|raw|edit)|raw\.githubusercontent\.com/(?P<raw>[\w.-]+/[\w.-]+))"
    r"/(?:main|master|HEAD)/(?P<path>[\w./@+~-]+)"
)
# What stands before or after a path that is part of something else: an address, a variable, a pattern, a place.
_NO_START = ("://", "//", ":/", "}", ">", "$", ")", "=~")
_NO_END = tuple("*{$(<:\\")
# A line of a document that is typed into a shell.
_COMMAND = re.compile(r"\s*(\$|pip|python3?|go|sh|bash|source|cp|cat|psql|cargo|npm|node|ruby|docker)\s")
_MARKS = " \t#*/;-"
# A line of a summary of changes: `lib/a.c | 2 +-`.
_DIFF_STAT = re.compile(r"\s+\|\s+\d+ [+-]+\s*$")
# What a relative path in a script or a workflow resolves from is not known if it changes the folder.
_ELSEWHERE = re.compile(r"\bworking-directory:|(?:^|[;&(]|run:)[ \t]*(?:- )?(?:cd|pushd)[ \t]", re.MULTILINE)
# Where something came from, and the command that made it.
_ORIGIN = re.compile(r"\$ |\b(from|based on|ported|copied|adapted|derived)\W*$", re.IGNORECASE)
_SETTINGS = re.compile(
    r"(^|/)(\.gitattributes|CODEOWNERS|MANIFEST\.in|Makefile|Dockerfile[\w.-]*|[\w.-]+\.(toml|ya?ml|jsonc?|json5|cfg|ini))$"
)
_JSON = re.compile(r"\.(jsonc?|json5|ipynb)$")
# Settings that are switched off, and what a build makes.
_OFF = re.compile(r"^\s*(#|//)\s*-|\bouts?\s*=")
# What tests and builds make and remove.
_PASSING = re.compile(r"(^|[/_.-])(te?mp|cache|build|dist|out|target)([/_.-]|$)", re.IGNORECASE)
# Lines of what is to come, of what is made, and of what is not there.
_ABSENT = re.compile(
    r"\b(will|shall|todo|planned|is (generated|created|written|produced)|(there|that) (is|are) no|not exist)\b"
    r"|\brelease-\d",
    re.IGNORECASE,
)
# Recorded inputs of tests, and forms, in which a path is the name of a component.
_NO_TEXT = re.compile(r"test[-_]?data|(^|/)ISSUE_TEMPLATE/")
_IGNORE_LIST = re.compile(r"(^|/)\.\w*ignore$")
_ADDRESS_KEY = re.compile(r"\b(url|link|href|permalink|route|path|redirect\w*)[\"']?\s*[:=]", re.IGNORECASE)


def dead_references(files: Iterable[FileChange], gone: GonePaths, repository: str) -> Iterator[tuple[str, Mention]]:
    """Yield the gone paths with the lines that name them, in the order of the files.

    files: with their texts in `after`. repository: `owner/name`, for links to its own files.
    """
    for file in files:
        if file.after is not None and _is_read(file.path):
            found = {
                (path, mention.line): mention for path, mention in _of_file(file.path, file.after, gone, repository)
            }
            yield from islice(((path, mention) for (path, _), mention in found.items()), _MOST_IN_FILE)


def untracked_names(files: Iterable[FileChange]) -> Iterator[str]:
    """Yield the names in lists of ignored files: what is made by a build is not missing from a repository."""
    for file in files:
        if file.after is not None and _IGNORE_LIST.search(file.path):
            yield from (PurePosixPath(line.strip().strip("/")).name for line in file.after.split("\n"))


def by_path(references: Iterable[tuple[str, Mention]], untracked: Iterable[str]) -> dict[str, list[Mention]]:
    """The lines by the gone path that they name, without paths that a build makes."""
    names = set(untracked)
    found: dict[str, list[Mention]] = defaultdict(list)
    for path, mention in references:
        pure = PurePosixPath(path)
        if pure.name not in names and (not pure.suffix or f"*{pure.suffix}" not in names):
            found[path].append(mention)
    return found


def _is_read(path: str) -> bool:
    return (
        is_written_here(path)
        and not paths.is_test(path)
        and not _NO_TEXT.search(path)
        and not _IGNORE_LIST.search(path)
    )


def _of_file(path: str, text: str, gone: GonePaths, repository: str) -> Iterator[tuple[str, Mention]]:
    """Yield what the lines of a file name. Most paths are passed over at once: nothing that is gone has their name."""
    is_document = paths.is_docs(path)
    if is_document or not _ELSEWHERE.search(text):
        tokens = (one for one in _TOKEN.finditer(text) if one[0].rpartition("/")[2].rstrip(".") in gone.names)
        for token in islice(tokens, _MOST_LOOKED):
            mention, column = _line_at(path, text, token.start())
            if (
                column < _MAX_LINE
                and (named := _gone_path(mention, token[0], column, gone))
                and _is_present(mention, named)
            ):
                yield named, mention
    for named, at in islice(_linked(text, gone, repository, is_document), _MOST_LOOKED):
        mention, _ = _line_at(path, text, at)
        if _is_present(mention, named):
            yield named, mention


def _linked(text: str, gone: GonePaths, repository: str, is_document: bool) -> Iterator[tuple[str, int]]:
    """Yield the gone paths that a text names by a link to the repository, or as one of its known documents."""
    for link in _HOSTED.finditer(text):
        named = link["path"].rstrip("./")
        is_own = (link["page"] or link["raw"]).lower() == repository.lower()
        if is_own and (named in gone.files or named in gone.folders):
            yield named, link.start()
    for document in _DOCUMENT.finditer(text) if is_document else ():
        named = document[1]
        if named in gone.files and not named.startswith(_NO_DOCUMENT) and named not in gone.by_name:
            yield named, document.start()


def _line_at(path: str, text: str, at: int) -> tuple[Mention, int]:
    """The line of a place in a text, and the column of the place, from 0."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : len(text) if end < 0 else end]
    return Mention(path, text.count("\n", 0, start) + 1, line[:_MAX_LINE]), at - start


def _is_present(mention: Mention, path: str) -> bool:
    """Whether a line is about the present. The name itself does not tell."""
    if _PERMALINK.search(mention.text) or (paths.is_docs(mention.path) and mention.text.lstrip().startswith("|")):
        return False  # of a table, the heading tells what its rows are about
    text = mention.text.replace(path, "")
    return not any(form.search(text) for form in (_DIFF_STAT, _OFF, _ABSENT, TOLD))


def _gone_path(mention: Mention, token: str, column: int, gone: GonePaths) -> str | None:
    """The gone path that a token of a line means, or None."""
    before, after = mention.text[:column], mention.text[column + len(token) :]
    token = token.rstrip(".")
    is_in_template = before.rpartition("{{")[2] != before and "}}" not in before.rpartition("{{")[2]
    if before.endswith(_NO_START) or after.startswith(_NO_END) or is_in_template:
        return None
    full = posixpath.normpath(token.lstrip("/"))
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(mention.path), token))
    if not gone.here.isdisjoint({full, beside}) or gone.ends_one(full):
        return None
    if paths.is_docs(mention.path):
        return _in_document(before, token, full, beside, gone)
    if paths.is_code(mention.path) and not is_script(mention.path):
        return _in_code(mention, before, token, full, gone)
    return _in_setting(mention, (before, after), full, beside, gone)


def _in_document(before: str, token: str, full: str, beside: str, gone: GonePaths) -> str | None:
    """In a document, a link, a path that is marked as code, or that a command gets. Others may be of an example."""
    if before.endswith("]("):
        is_near = beside in gone.files and posixpath.basename(beside) not in gone.by_name
        return full if full in gone.files and token.startswith("/") else beside if is_near else None
    is_marked = before.count("`") % 2 == 1 or before.endswith("]: ") or _COMMAND.match(before)
    is_anybodys = has_common_name(full) and full.count("/") < 2
    if not is_marked or is_anybodys or paths.is_lock(full) or full.startswith(".github/workflows/"):
        return None
    return full if full in gone.files and not token.startswith("../") else None


def _in_code(mention: Mention, before: str, token: str, full: str, gone: GonePaths) -> str | None:
    """In code, a complete path. What production code does with one, for example of an older version, is not known."""
    is_comment = is_in_comment(mention, full)
    if token.startswith(("/", "../")) or (paths.is_production(mention.path) and not is_comment):
        return None
    is_origin = _ORIGIN.search(before) or not before.strip(_MARKS)
    is_anybodys = has_common_name(full) and full.count("/") < 2
    return None if (is_comment and is_origin) or is_anybodys or full not in gone.files else full


def _in_setting(mention: Mention, around: tuple[str, str], full: str, beside: str, gone: GonePaths) -> str | None:
    """In a setting or a script, a file or a folder, from the top of the repository or from the folder of the line."""
    before, after = around
    if not before.strip(_MARKS) and "#" in before:
        return None  # switched off
    suffix = PurePosixPath(mention.path).suffix
    if suffix and not _SETTINGS.search(mention.path) and not is_script(mention.path):
        return None  # of templates and data it is not known where a path begins
    if _JSON.search(mention.path) and not (before.endswith(('"', "!")) and after.startswith(('"', "/"))):
        return None
    for path in (beside, full):
        if path in gone.files and "/" in path and not _ORIGIN.search(before):
            return path
        is_folder = _SETTINGS.search(mention.path) and path in gone.folders and "/" in path
        if is_folder and not _PASSING.search(path) and not _ADDRESS_KEY.search(before):
            return path
    return None
