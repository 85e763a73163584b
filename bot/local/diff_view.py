"""A unified diff as lines for a page. The annotations of check runs appear below the lines that they belong to.

Pure functions on the text of `git diff`. A large diff is cut, and a note gives the number of lines or files left out.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.local.records import Annotation

MAX_FILE_LINES = 600
MAX_LINES = 4_000
MAX_FILES = 200
_MAX_LINE_LENGTH = 2_000
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)")
_ESCAPE = re.compile(r"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11}


@dataclass
class Line:
    """One line of a diff.

    kind: `hunk`, `same`, `added`, `removed` or `note`.
    old: the line number before the change, if there is one.
    new: the line number after the change, if there is one.
    annotations: the annotations that appear below the line.
    """

    kind: str
    text: str
    old: int | None = None
    new: int | None = None
    annotations: list[Annotation] = field(default_factory=list)


@dataclass
class FileDiff:
    """One file of a diff.

    old_path: the previous path of a renamed file.
    status: `modified`, `added`, `removed` or `renamed`.
    note: why lines are not shown; empty if all are.
    added: the number of added lines that are shown.
    removed: the number of removed lines that are shown.
    """

    path: str
    old_path: str | None = None
    status: str = "modified"
    lines: list[Line] = field(default_factory=list)
    note: str = ""
    added: int = 0
    removed: int = 0


@dataclass
class DiffView:
    """A change as a page shows it.

    elsewhere: the annotations on lines that are not shown.
    note: why files are not shown; empty if all are.
    """

    files: list[FileDiff]
    elsewhere: list[Annotation]
    note: str = ""


def view(patch: str, annotations: Sequence[Annotation] = ()) -> DiffView:
    """Return the diff with its annotations, within the limits on lines and files."""
    files = []
    lines_left = MAX_LINES
    blocks = re.split(r"^(?=diff --git )", patch, flags=re.MULTILINE)[1:]
    for block in blocks[:MAX_FILES]:
        file = _file(block)
        keep = max(0, min(MAX_FILE_LINES, lines_left))
        if len(file.lines) > keep:
            file.note = f"{len(file.lines) - keep:,} more lines are not shown."
            del file.lines[keep:]
        lines_left -= len(file.lines)
        files.append(file)
    cut = len(blocks) - len(files)
    return DiffView(files, _place(files, annotations), f"{cut:,} more files are not shown." if cut else "")


def _place(files: Sequence[FileDiff], annotations: Sequence[Annotation]) -> list[Annotation]:
    """Attach each annotation to its line. Returns those whose line is not shown."""
    shown: dict[str, dict[int, Line]] = defaultdict(dict)
    for file in files:
        for line in file.lines:
            if line.new is not None:
                shown[file.path][line.new] = line
    elsewhere = []
    for remark in annotations:
        lines = shown[remark.path]
        line_shown = next((lines[n] for n in (remark.end_line, remark.start_line) if n in lines), None)
        if line_shown is None:
            elsewhere.append(remark)
        else:
            line_shown.annotations.append(remark)
    return elsewhere


def _file(block: str) -> FileDiff:
    # Split at \n only. Other line ends are part of the text of the file.
    rows = block.removesuffix("\n").split("\n")
    file = FileDiff(_path_of_header(rows[0]))
    start = next((number for number, row in enumerate(rows) if row.startswith("@@ ")), len(rows))
    for row in rows[1:start]:
        _read_header(file, row)
    file.lines = list(_lines(rows[start:]))
    file.added = sum(line.kind == "added" for line in file.lines)
    file.removed = sum(line.kind == "removed" for line in file.lines)
    if not file.lines and not file.note:
        file.note = "Renamed without changes." if file.status == "renamed" else "No lines to show."
    return file


def _read_header(file: FileDiff, row: str) -> None:
    if row.startswith("new file"):
        file.status = "added"
    elif row.startswith("deleted file"):
        file.status = "removed"
    elif row.startswith("rename from "):
        file.status, file.old_path = "renamed", _unquoted(row.removeprefix("rename from "))
    elif row.startswith("rename to "):
        file.path = _unquoted(row.removeprefix("rename to "))
    elif row.startswith("+++ ") and not row.startswith("+++ /dev/null"):
        file.path = _unquoted(row[4:].rstrip("\t")).removeprefix("b/")
    elif row.startswith("Binary files "):
        file.note = "Binary file not shown."


def _path_of_header(row: str) -> str:
    names = row.removeprefix("diff --git ")
    if names.endswith('"'):
        quoted = re.search(r'"(?:[^"\\]|\\.)*"$', names)
        return _unquoted(quoted[0]).removeprefix("b/") if quoted else names
    # Both names are the same unless a rename line follows: `a/X b/X`.
    return names[len(names) // 2 + 1 :].removeprefix("b/")


def _unquoted(name: str) -> str:
    """Return the name without git's quoting in diffs; see core.quotePath in git-config(1)."""
    if not (name.startswith('"') and name.endswith('"') and len(name) > 1):
        return name
    raw = bytearray()
    end = 0
    inner = name[1:-1]
    for match in _ESCAPE.finditer(inner):
        raw += inner[end : match.start()].encode()
        escape = match[1]
        raw.append(int(escape, 8) & 255 if len(escape) == 3 else _ESCAPES.get(escape, ord(escape) & 255))
        end = match.end()
    raw += inner[end:].encode()
    return raw.decode("utf-8", "replace")


def _lines(rows: Sequence[str]) -> Iterator[Line]:
    old = new = 0
    for row in rows:
        mark, text = row[:1], row[1:].removesuffix("\r")
        if len(text) > _MAX_LINE_LENGTH:
            text = f"{text[:_MAX_LINE_LENGTH]}…"
        if match := _HUNK.match(row):
            old, new = int(match[1]), int(match[2])
            yield Line("hunk", row[:_MAX_LINE_LENGTH])
        elif mark == "+":
            yield Line("added", text, new=new)
            new += 1
        elif mark == "-":
            yield Line("removed", text, old=old)
            old += 1
        elif mark == "\\":
            yield Line("note", text.strip())
        else:
            yield Line("same", text, old=old, new=new)
            old, new = old + 1, new + 1
