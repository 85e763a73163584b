"""Names that a change removes or renames while documentation, workflows, templates or comments still hold them.

What compilers and tests find is left to them: a name that is alive anywhere in code is not removed. One search of the
tree at the head (`Change.tree`) finds the places.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.analyzer import Analyzer
from bot.analysis.measured import share_of
from bot.analysis.places import is_written_here
from bot.analysis.removed_names import removed_names
from bot.analysis.removed_paths import PATHS, NameKind, RemovedName
from bot.domain.change import Change
from bot.domain.insights import Insight, InsightType, Location, Severity, fingerprint
from bot.domain.tree import Mention
from bot.text import code, count

NAME = "leftover"
_PLACES_SHOWN = 3
_MOST_PLACES = 20
_KEPT = 3
# Code whose lines name things without defining them: an `ENV=1 tool --flag` of a script is a place to change.
_SCRIPTS = frozenset("sh bash zsh fish ps1 bat".split())
# A line that tells of the past.
TOLD = re.compile(
    r"^\s*(?:[-*]\s+)?(added|changed|fixed)\b"
    r"|\b(remov(e|ed|es|al)|renam(e|ed|es)|deprecat\w*|former(ly)?|previous(ly)?|no longer|legacy|used to|obsolete"
    r"|replaced|was called|old|before v?\d|until v?\d|since v?\d|in v?\d+\.\d)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s*(#(?!\[|!|include|define|if|endif)|//|\*|/\*|--\s|;|<!--|%\s)")
_SPAN_IN_DOCSTRING = re.compile(r"``[^`]*``|:\w+:`[^`]*`")


def analyze(change: Change, measured: Mapping[str, object]) -> list[Insight]:
    """One remark per removed name that is still named."""
    if not change.tree.searched:
        return []
    added = {(file.path, number) for file in change.files for number, _ in file.added_lines()}
    found = []
    # What is said of a file is not said again of its folder.
    said: set[tuple[str, int]] = set()
    for name in removed_names(change.files):
        mentions = [one for one in change.tree.mentions if _holds(one.text, name)]
        named = [one for one in _naming(mentions, name, change) if _is_left_behind(one)]
        known = added | said if name.kind in PATHS else added
        left = [one for one in named if (one.path, one.line) not in known]
        if left and len({one.path for one in left}) <= _MOST_PLACES:
            found.append(_insight(name, left))
            said |= {(one.path, one.line) for one in left} if name.kind in PATHS else set()
    return found


def _holds(text: str, name: RemovedName) -> bool:
    at = text.find(name.name)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(name.name) :][:1]
        if not (before.isalnum() or before in {"_", "-"} or after.isalnum() or after in {"_", "-"}):
            return True
        at = text.find(name.name, at + 1)
    return False


def _is_left_behind(mention: Mention) -> bool:
    """Return whether a line is about the present."""
    return is_written_here(mention.path) and not paths.is_test(mention.path) and not TOLD.search(mention.text)


def _is_alive(mention: Mention, name: RemovedName) -> bool:
    """Return whether code still has the name, so that it was not removed."""
    if paths.is_test(mention.path) or not paths.is_code(mention.path) or is_script(mention.path):
        return False
    if is_in_comment(mention, name.name):
        return False
    if name.kind is NameKind.FLAG:
        return re.search(rf"[\"']{re.escape(name.name)}[\"'= ]", mention.text) is not None
    return True


def is_script(path: str) -> bool:
    """Return whether a file is a script of a shell."""
    return PurePosixPath(path).suffix.lower().lstrip(".") in _SCRIPTS


def is_in_comment(mention: Mention, name: str) -> bool:
    """Return whether a line of code names something in a comment, or marked as code in a docstring."""
    text = mention.text
    if _COMMENT.match(text):
        return True
    at = text.find(name)
    if any(0 <= text.find(mark) < at for mark in (" # ", " // ", "/* ")):
        return True
    return mention.path.endswith((".py", ".pyi")) and any(name in span for span in _SPAN_IN_DOCSTRING.findall(text))


def _naming(mentions: Sequence[Mention], name: RemovedName, change: Change) -> list[Mention]:
    """Return the lines that mean the removed name; none if it is still alive."""
    if name.kind in PATHS:
        names = _names_folder if name.kind is NameKind.FOLDER else _names_file
        # The list of what is not tracked names what was taken out on purpose, and what is made of the files that are.
        return [one for one in mentions if _is_untracked(one) == name.is_compiled and names(one, name, change)]
    if name.kind is NameKind.SCRIPT:
        alive = any(_is_script_of(one.text, name.name) for one in mentions)
        return [] if alive else _of_script(mentions, name.name)
    return [] if any(_is_alive(one, name) for one in mentions) else _dead(mentions, name, change)


def _of_script(mentions: Sequence[Mention], name: str) -> list[Mention]:
    """Return the lines that run a script, and those of the same files that name it as code."""
    running = [one for one in mentions if _runs(one.text, name)]
    files = {one.path for one in running}
    named = re.compile(rf"`{re.escape(name)}`")
    return [one for one in mentions if one in running or (one.path in files and named.search(one.text))]


def _runs(text: str, name: str) -> bool:
    """Return whether a line runs a script of a package or a target of a makefile."""
    form = rf"\b(npm run(-script)?|yarn( run)?|pnpm( run)?|bun run|make|just)\s+{re.escape(name)}(?![\w:-])"
    return re.search(form, text) is not None


def _is_script_of(text: str, name: str) -> bool:
    """Return whether a line defines a script or a target of this name, in another package or makefile."""
    return re.match(rf"\s*\"{re.escape(name)}\"\s*:|{re.escape(name)}\s*:", text) is not None


def _dead(mentions: Sequence[Mention], name: RemovedName, change: Change) -> list[Mention]:
    """Return the lines that mean a name which no code has."""
    own = {one.path for one in mentions if _defines(one.text, name.name)}
    edited = {file.path for file in change.files}
    uses = Counter(one.path for one in mentions)
    before = next((file.before or "" for file in change.files if name.path in {file.path, file.old_path}), "")
    return [
        one
        for one in mentions
        # Who edits a document and leaves many lines means to leave them.
        if one.path not in own and not (one.path in edited and uses[one.path] >= _KEPT) and _means(one, name, before)
    ]


def _defines(text: str, name: str) -> bool:
    """Return whether a line, for example of documentation, defines a thing of this name by itself."""
    return re.search(rf"\b(def|class|function|func|fn|const|let|var|import)\s+{re.escape(name)}\b", text) is not None


def _means(mention: Mention, name: RemovedName, before: str) -> bool:
    """Return whether a line means the removed thing, as far as its form tells.

    A qualified name (`redis.from_url`) is another thing, unless the removed one's file has the qualifier too.
    """
    at = mention.text.find(name.name)
    if name.kind is NameKind.KEY:
        form = rf"[`\"']{re.escape(name.name)}[`\"']|^\s*{re.escape(name.name)}\s*[:=]"
        return re.search(form, mention.text) is not None and not paths.is_code(mention.path)
    owner = re.search(r"(\w+)(\.|::|#)$", mention.text[:at])
    return owner is None or owner[1] in {*re.findall(r"\w+", name.path), *re.findall(r"\w+", before)}


def _is_untracked(mention: Mention) -> bool:
    """Return whether a line says what git does not track."""
    return PurePosixPath(mention.path).name == ".gitignore"


_PATH_END = re.compile(r"[^\w./@+~-]")


def _names_file(mention: Mention, name: RemovedName, change: Change) -> bool:
    """Return whether a line names the removed file by its path, from the end, and no other file that exists."""
    text = mention.text
    at = text.find(name.name)
    start = max((found.end() for found in _PATH_END.finditer(text[:at])), default=0)
    token = text[start : at + len(name.name)]
    if text[:start].endswith("<") and text[at + len(name.name) :].startswith(">"):
        return False  # a header of the system or of a library
    is_url = text[:start].endswith("://")
    old = PurePosixPath(name.name if name.is_compiled else name.path).parts
    if is_url:
        return re.search(rf"/(blob|tree|raw)/(main|master|HEAD)/{re.escape(name.path)}$", token) is not None and (
            f"{change.repository}/" in token
        )
    parts = tuple(part for part in token.split("/") if part not in {"", ".", ".."})
    if parts != old[len(old) - len(parts) :]:
        return False
    if paths.is_code(mention.path) and not is_script(mention.path):
        return len(parts) > 1 and len(parts) == len(old)
    return not any(PurePosixPath(path).parts[-len(parts) :] == parts for path in change.tree.same_named)


_LISTS = re.compile(
    r"(^|/)(\.\w+ignore|\.gitattributes|CODEOWNERS|MANIFEST\.in|Makefile|Dockerfile[\w.-]*|[\w.-]+\.(toml|ya?ml|jsonc?|json5|cfg|ini))$"
)


def _names_folder(mention: Mention, name: RemovedName, change: Change) -> bool:
    """Return whether a list of paths, as in a setting, holds the folder or a path in it, and it is gone at the head."""
    inside = f"{name.name}/"
    if not _LISTS.search(mention.path) or any(path.startswith(inside) for path in change.tree.same_named):
        return False
    for found in re.finditer(
        rf"(?<![\w.@~+/-])(?:\.?/)?{re.escape(name.name)}(?P<rest>/[\w./*-]*)?(?![\w.@~+-])", mention.text
    ):
        if "/" in found[0]:
            return True
    return False


def _insight(name: RemovedName, left: Sequence[Mention]) -> Insight:
    first = left[0]
    shown = name.path if name.kind in PATHS else name.name
    done = f"is renamed to {code(name.renamed)}" if name.renamed else "is removed"
    places = ", ".join(f"{code(one.path)}:{one.line}" for one in left[:_PLACES_SHOWN])
    more = f" and {count(len(left) - _PLACES_SHOWN, 'more line')}" if len(left) > _PLACES_SHOWN else ""
    alive = "" if name.kind in PATHS else f" It was in {code(name.path)}:{name.line}, and no code has it now."
    return Insight(
        type=InsightType.CODE_QUALITY,
        rule="leftover/reference",
        title=f"The {name.kind} {code(shown)} {done} here, and {code(first.path)}:{first.line} still names"
        + (" what it was compiled to" if name.is_compiled else " it"),
        description=f"It is named at {places}{more}.{alive} The first line is {code(first.text.strip(), 120)}.",
        remedy="Change or delete these lines with it.",
        severity=Severity.LOW,
        confidence=share_of("leftover/reference", "the whole tree at the head was searched for the name"),
        evidence={
            "name": name.name,
            "kind": name.kind.value,
            "defined": {"path": name.path, "line": name.line},
            "renamed": name.renamed,
            "places": [asdict(one) for one in left[:_MOST_PLACES]],
        },
        locations=tuple(Location(one.path, one.line, one.line) for one in left[:_MOST_PLACES]),
        fingerprint=fingerprint("leftover/reference", name.kind.value, name.name),
    )


ANALYZER: Analyzer[object] = Analyzer(name=NAME, analyze=analyze)
