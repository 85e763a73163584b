"""Dependencies that a change takes out of the manifests, while the configuration of a tool still has an entry for them.

Only entries that are made for one package count: a module that mypy skips, a package that an updater groups or ignores.
Code that still imports it, or another manifest that has it, keeps it alive.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.dependency.formats import FORMATS, format_of
from bot.analysis.dependency.packages import Ecosystem, Unreadable
from bot.analysis.edits import MAX_LINE
from bot.analysis.places import is_written_here
from bot.analysis.stale.facts import Fact, FactKind
from bot.domain.files import FileChange
from bot.domain.tree import Mention

_LEAST = 5
_MOST = 12
_UPDATERS = r"renovate\.json5?|\.renovaterc(\.json5?)?|dependabot\.ya?ml"
_ENTRIES = {
    Ecosystem.PYPI: re.compile(
        rf"(pyproject\.toml|setup\.cfg|\.?mypy\.ini|\.isort\.cfg|pyrightconfig\.json|{_UPDATERS})\Z"
    ),
    Ecosystem.NPM: re.compile(
        rf"(\.?knip\.jsonc?|tsconfig[\w.-]*\.json|\.depcheckrc[\w.]*|\.ncurc[\w.]*|(jest|vite|vitest|rollup|webpack|tsup|knip)"
        rf"\.config\.[cm]?[jt]s|{_UPDATERS})\Z"
    ),
    Ecosystem.CRATES: re.compile(rf"(Cargo\.toml|deny\.toml|{_UPDATERS})\Z"),
    Ecosystem.RUBYGEMS: re.compile(rf"(\.rubocop\.yml|{_UPDATERS})\Z"),
    Ecosystem.GO: re.compile(rf"({_UPDATERS})\Z"),
    Ecosystem.PACKAGIST: re.compile(rf"(composer-require-checker\.json|{_UPDATERS})\Z"),
}
_MANIFEST = re.compile("|".join(form.pattern.pattern for form in FORMATS if not form.is_lock))
_ENTRY = re.compile(r"\s*(?:gem\s+|require\s+|\[(?:[\w-]+\.){1,4})?[\"']?(?P<name>@?[A-Za-z][\w@./-]*)")
_IMPORTS = re.compile(r"\b(import|from|require|use|extern|include|load|importlib|using)\b|@import")


def dependencies(files: Sequence[FileChange]) -> Iterator[Fact]:
    """Yield the packages that no manifest of the change has at the head, of those that one had."""
    removed: dict[tuple[Ecosystem, str], tuple[FileChange, str, int]] = {}
    kept: set[tuple[Ecosystem, str]] = set()
    for file in files:
        form = format_of(file.path)
        if form is None or form.is_lock or form.ecosystem not in _ENTRIES or not is_written_here(file.path):
            continue
        before, after = (_names(file, text) for text in (file.before, file.after))
        kept.update((form.ecosystem, name) for name in after)
        for name, (written, line) in before.items():
            if name not in after and file.after is not None:
                removed.setdefault((form.ecosystem, name), (file, written, line))
    for (ecosystem, name), (file, written, line) in list(removed.items())[:_MOST]:
        if (ecosystem, name) not in kept and len(written) >= _LEAST:
            yield _fact(ecosystem, file, written, line)


def possible_dependencies(files: Sequence[FileChange]) -> Iterator[Fact]:
    """Yield the names on deleted lines of manifests that no added line has; manifests are not parsed."""
    manifests = [file for file in files if _MANIFEST.search(file.path)]
    added = {name for file in manifests for _, line in file.added_lines() for name in _named(line)}
    for file in manifests:
        form = format_of(file.path)
        if form is None or form.is_lock or form.ecosystem not in _ENTRIES or not file.before:
            continue
        lines = file.before.split("\n")
        for hunk in file.hunks:
            for line in lines[hunk.old_start - 1 : hunk.old_start - 1 + hunk.old_count] if hunk.old_count else ():
                yield from (_fact(form.ecosystem, file, name, 0) for name in _named(line) if name not in added)


def _named(line: str) -> list[str]:
    """Return the name that an entry of a manifest could begin with."""
    found = _ENTRY.match(line[:MAX_LINE])
    return [found["name"]] if found and len(found["name"]) >= _LEAST else []


def _names(file: FileChange, text: str | None) -> dict[str, tuple[str, int]]:
    form = format_of(file.path)
    if form is None or not text:
        return {}
    try:
        found = form.read(text).packages
    except Unreadable:
        return {}
    return {one.name: (one.written or one.name, one.line) for one in found}


def _fact(ecosystem: Ecosystem, file: FileChange, written: str, line: int) -> Fact:
    at = _removed_at(file, written, line)
    spellings = dict.fromkeys((written, written.replace("-", "_"), written.lower(), written.lower().replace("-", "_")))
    texts = tuple(spellings) if ecosystem is Ecosystem.PYPI else (written,)
    return Fact(
        kind=FactKind.DEPENDENCY,
        name=written,
        old=ecosystem.value,
        new="",
        path=file.path,
        line=at,
        texts=texts,
    )


def _removed_at(file: FileChange, written: str, line: int) -> int:
    """Return the line at the head before which the dependency stood; line: its own, 0 if unknown."""
    lines = (file.before or "").split("\n")
    for hunk in file.hunks:
        numbers = range(hunk.old_start, hunk.old_start + hunk.old_count)
        if line in numbers or (not line and any(written in lines[number - 1][:MAX_LINE] for number in numbers)):
            return max(1, hunk.new_start)
    return 1


def states_dependency(fact: Fact, mention: Mention) -> bool:
    """Return whether a line of a tool's configuration is an entry for the removed package."""
    name = PurePosixPath(mention.path).name
    if not _ENTRIES[Ecosystem(fact.old)].match(name):
        return False
    spelled = "|".join(map(re.escape, fact.texts))
    quoted = rf"[\"'](?:{spelled})(?:\.\*|\.[a-z_][\w.*]*)?[\"']\s*(?:,|\]|$|#)"
    section = rf"\[mypy-(?:{spelled})[\],.]"
    item = rf"\s*-\s+(?:dependency-name\s*:\s*)?[\"']?(?:{spelled})[\"']?\s*(?:#|$)"
    form = rf"{quoted}|{section}|{item}" if name.endswith((".yml", ".yaml")) else rf"{quoted}|{section}"
    return re.search(form, mention.text[:MAX_LINE]) is not None


def keeps_dependency(fact: Fact, mention: Mention) -> bool:
    """Return whether a line shows that the package is still used: code that imports it, or another manifest."""
    form = format_of(mention.path)
    if mention.path != fact.path and form is not None and not states_dependency(fact, mention):
        return form.ecosystem.value == fact.old
    return paths.is_code(mention.path) and _IMPORTS.search(mention.text[:MAX_LINE]) is not None
