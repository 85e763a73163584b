"""Minimum versions of languages that a manifest changes, and the lines elsewhere that still state the old one.

Only what a file says of this language and of a minimum counts: the version beside the name of the language and beside a
word such as "requires" or "or newer", a setting of a tool that means the minimum, a condition or a comment that waits
for it. Expressions read one line of at most 300 characters, or a manifest that has them once.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.edits import MAX_LINE
from bot.analysis.places import is_written_here
from bot.analysis.stale.facts import Fact, FactKind
from bot.analysis.stale.languages import LANGUAGES, Language
from bot.domain.files import FileChange
from bot.domain.tree import Mention

Version = tuple[int, ...]
_PROSE = ("*.md", "*.mdx", "*.rst", "*.txt", "*.adoc", "*.org", "README*", "INSTALL*", "CONTRIBUTING*", "*.1")
_CONFIGURATION = ("*.toml", "*.cfg", "*.ini", "*.yml", "*.yaml", "Dockerfile*", "setup.py", "pyrightconfig.json")
_BY_NAME = {language.name: language for language in LANGUAGES}
_ANY_MANIFEST = re.compile("|".join(f"{name}\\Z" for one in LANGUAGES for name, _ in one.manifests))
_PART = re.compile(r"(?P<op>[<>=!~^]*)\s*v?(?P<version>\d+(?:[._]\d+){0,2})")
# What makes a version a minimum: straight before it, or straight after it.
_ASKS_BEFORE = re.compile(
    r"(>=|≥|&gt;=|requir\w*|minimum|minimal|at least|support\w*|\bneeds?|msrv|prerequisite\w*|depends on)"
    r"(?:(?!\. |;).)*$",
    re.IGNORECASE,
)
_ASKS_AFTER = re.compile(
    r"[*`_)\]\"']*\s*(\+|\b(or|and) (newer|later|higher|above|greater|up|more recent|over|upwards|any newer)\b"
    r"|(is|are) (the )?(required|needed|supported|minimum)|required)",
    re.IGNORECASE,
)
_LEAVES = re.compile(r"\bdrop(s|ped|ping)?\b|end[ -]of[ -](life|support)|\beol\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)+)")
_BEFORE = 80
_LISTED = r"(?=[*`_]*(?:\s*[,/|]|\s+(?:and|to|through)\b|\s*[-–]\s*\d))"
# What may stand between the name of a language and its version.
_BETWEEN = (
    r"(?:[\s*`_~^>=≥:(\[|\"'+]|&gt;|v(?=\d)|versions?|releases?|toolchain|compiler|runtime|at|least|is|of|to|minimum|than|greater"
    r"|higher|later|newer|or|currently)*"
)
# Parts of a repository that have a minimum of their own.
_OTHER_PARTS = frozenset(
    "packages crates examples example libs modules plugins extensions apps integrations bindings sdk clients".split()
)


def requirements(files: Sequence[FileChange]) -> Iterator[Fact]:
    """Yield the minimum versions that the manifests of a change alter."""
    for file in files:
        name = file.path.rpartition("/")[2]
        if file.before is None or file.after is None or not _ANY_MANIFEST.match(name):
            continue
        for language in LANGUAGES:
            for pattern, form in language.manifests:
                fact = _fact(file, language, form) if re.fullmatch(pattern, name) else None
                if fact and is_written_here(file.path) and not paths.is_test(file.path):
                    yield fact


def _fact(file: FileChange, language: Language, form: str) -> Fact | None:
    """Return the changed minimum, if each end has one."""
    expression = re.compile(form, re.MULTILINE)
    ends = [{found[1].strip() for found in expression.finditer(text or "")} for text in (file.before, file.after)]
    if any(len(end) != 1 for end in ends):
        return None
    old, new = (_lowest(end.pop()) for end in ends)
    if not old or not new or _parts(old) == _parts(new):
        return None
    found = expression.search(file.after or "")
    line = (file.after or "").count("\n", 0, found.start(1)) + 1 if found else 1
    only = (*_PROSE, *_CONFIGURATION, *language.code)
    if not (spellings := _spellings(old, new)):
        return None
    return Fact(
        kind=FactKind.REQUIREMENT,
        name=language.name,
        old=old,
        new=new,
        path=file.path,
        line=line,
        texts=(*spellings, *language.waits),
        only=only,
    )


def _lowest(constraint: str) -> str:
    """Return the lowest version that a constraint allows, as it is written; empty if there is no lower bound."""
    found = [one["version"] for one in _PART.finditer(constraint[:200]) if one["op"][:1] not in {"<", "!"}]
    return min(found, key=_parts, default="").replace("_", ".")


def _parts(version: str) -> Version:
    """Return the numbers of a version without zeros at the end; 1.8 of Java is 8."""
    numbers = [int(part) for part in re.split(r"[._]", version)[:4] if len(part) < 6]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _spellings(old: str, new: str) -> list[str]:
    """Return the ways to write the old version that do not hold for the new one, as 18 does for 18.3.

    There are none for a patch: who raises 1.77.0 to 1.77.2 leaves "1.77" true.
    """
    numbers, wanted = old.split("."), new.split(".")
    found = [numbers]
    while len(found[-1]) > 1 and found[-1][-1] == "0" and len(numbers) > 2:
        found.append(found[-1][:-1])
    is_patch = len(numbers) > 2 and numbers[:2] == wanted[:2]
    return [".".join(one) for one in found if wanted[: len(one)] != one and not is_patch]


def states_requirement(fact: Fact, mention: Mention) -> bool:
    """Return whether a line states the old minimum of the language."""
    language = _BY_NAME[fact.name]
    text = mention.text[:MAX_LINE]
    if not _concerns(fact, mention.path) and not (fact.name == "Rust" and paths.is_code(mention.path)):
        return False
    if paths.is_docs(mention.path):
        return _says(fact, language, text)
    raised = _parts(fact.old) < _parts(fact.new)
    if not raised or (paths.is_code(mention.path) and not language.code):
        return False
    return _is_setting(fact, language, text) or waits_for(fact, mention)


def waits_for(fact: Fact, mention: Mention) -> bool:
    """Return whether a line is a condition or a comment that waited for the new minimum."""
    text = mention.text[:MAX_LINE]
    return not paths.is_docs(mention.path) and (_awaits(fact, _BY_NAME[fact.name], text) or _is_decided(fact, text))


def _concerns(fact: Fact, path: str) -> bool:
    """Return whether the manifest's part of the repository has the file."""
    folder = PurePosixPath(fact.path).parent.parts
    parts = PurePosixPath(path).parts
    return parts[: len(folder)] == folder and not _OTHER_PARTS & {part.lower() for part in parts[len(folder) : -1]}


def _says(fact: Fact, language: Language, line: str) -> bool:
    """Return whether a line of documentation asks for the old version, and for no older or the new one."""
    text = _unescaped(line)
    old, new = _parts(fact.old), _parts(fact.new)
    others = {_parts(found[1]) for found in _NUMBER.finditer(text)} - {old}
    if _LEAVES.search(text) or any(other <= old or other[0] != old[0] for other in others):
        return False
    # With the new version on the line it is a list of supported versions, or two facts.
    listed = _LISTED if new in others else ""
    for written in _spellings(fact.old, fact.new):
        form = rf"(?<![\w.])v?{re.escape(written)}(?:\.0|\.x){{0,2}}(?![\w-]|\.\d|\.x){listed}"
        for found in re.finditer(form, text):
            before, after = text[max(0, found.start() - _BEFORE) : found.start()], text[found.end() :]
            named = re.search(rf"(?<![\w.-])(?:{language.words})(?![\w-]){_BETWEEN}$", before, re.IGNORECASE)
            if named and (text is not line or _ASKS_BEFORE.search(before) or _ASKS_AFTER.match(after)):
                return True
    return False


def _unescaped(text: str) -> str:
    """Return a line with the separators of badges as blanks: `python-3.8%2B-blue`."""
    if "shields.io" not in text and "badge" not in text:
        return text
    return text.replace("%20", " ").replace("%2B", "+").replace("%3E%3D", " >= ").replace("-", " ")


def _is_setting(fact: Fact, language: Language, text: str) -> bool:
    return any(
        re.match(form.replace("{dotted}", re.escape(one)).replace("{compact}", one.replace(".", "")), text)
        for one in _spellings(fact.old, fact.new)
        for form in language.forms()
    )


_COMMENT = re.compile(r"(?:^|\s)(?:#|//+!?|/\*|\*)\s(?P<text>.*)")
_TASK = re.compile(
    r"\b(todo|fixme|xxx|hack|remove|drop(ped|ping)?|change to|replace|switch|once|when|until|bump|raise)\b",
    re.IGNORECASE,
)
_DROPS = re.compile(r"\b(drop|end of|eol|no longer|past)", re.IGNORECASE)


def _awaits(fact: Fact, language: Language, text: str) -> bool:
    """Return whether a comment says what to do from a version on that the new minimum has, and the old one had not."""
    found = _COMMENT.search(text)
    if found is None:
        return False
    version = re.search(
        rf"(?<![\w.-])(?:{language.words})(?![\w-]){_BETWEEN}(\d+\.\d+)(?:\.\d+)?(?![\w-]|\.\d)",
        found["text"],
        re.IGNORECASE,
    )
    if version is None:
        return False
    old, new, named = _parts(fact.old), _parts(fact.new), _parts(version[1])
    before = found["text"][: version.start(1)]
    if not _TASK.search(before):
        return False
    above = before.rstrip().endswith(">") or _DROPS.search(before)
    return old[:2] <= named < new[:2] if above else old[:2] < named <= new


_VERSION_INFO = re.compile(r"sys\.version_info\s*(?:<|>=)\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)")


def _is_decided(fact: Fact, text: str) -> bool:
    """Return whether a condition of Python code has only one outcome from the new minimum on, and had two before."""
    if text.lstrip().startswith("#"):
        return False
    found = _VERSION_INFO.search(text)
    return found is not None and _parts(fact.old) < (int(found[1]), int(found[2])) <= _parts(fact.new)
