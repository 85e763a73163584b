"""The facts of one manifest or lock file: its differences, and what is needed to compare a manifest with its lock."""

import re
from dataclasses import dataclass, field, replace

from bot.analysis.dependency.compare import Difference, Kind, compare
from bot.analysis.dependency.formats import Format, format_of
from bot.analysis.dependency.packages import Contents, Ecosystem, Package, Scope, Source, Unreadable, is_plain_http
from bot.domain.files import FileChange, FileStatus

# Each search for a line reads the text again; the number of searches in a long lock is limited.
_LOCATED = 100
_READ_AGAIN = 20_000_000
_OCCURRENCES = 1_000
_ROOT_LOCK = re.compile(r"\.txt$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One manifest or lock file.

    manifest: for a lock, the name of its manifest as in `Format`; "" for a manifest.
    problem: why the file could not be read; "" if it could.
    declared: the number of packages of a new or deleted file.
    insecure: (address, line) of each new plain-http source.
    unhashed: names of packages that lost their checksum.
    hashed: the number of entries at base that had a checksum.
    versions: of a lock at head, by name.
    scopes: of the packages of a manifest at head, by name.
    project, own, members, workspace: as in `Contents`, at head.
    """

    ecosystem: Ecosystem
    manifest: str = ""
    problem: str = ""
    declared: int = 0
    differences: tuple[Difference, ...] = ()
    insecure: tuple[tuple[str, int], ...] = ()
    unhashed: tuple[str, ...] = ()
    hashed: int = 0
    versions: dict[str, tuple[str, ...]] | None = None
    scopes: dict[str, Scope] = field(default_factory=dict)
    project: str = ""
    own: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    workspace: bool = False

    @property
    def goes_back(self) -> bool:
        """Whether versions become older and nothing becomes newer, as when an older file is taken over."""
        kinds = {one.kind for one in self.differences}
        return Kind.LOWERED in kinds and not kinds & {Kind.RAISED, Kind.ADDED}


def measure(file: FileChange) -> FileFacts | None:
    """Both ends of one file through the same parser; None for other files, and where there is no base to compare."""
    form = format_of(file.path)
    if form is None or (file.before is None and file.status is not FileStatus.ADDED):
        return None
    old_form = (format_of(file.old_path) if file.old_path else None) or form
    if old_form.ecosystem is not form.ecosystem:
        return None
    try:
        end = "base"
        before = None if file.before is None else _read(old_form, file.before)
        end = "head"
        after = None if file.after is None else _read(form, file.after)
    except Unreadable as problem:
        return FileFacts(ecosystem=form.ecosystem, problem=f"at {end}: {problem}")
    return _facts(form, file, before, after)


def _read(form: Format, text: str) -> Contents:
    if "\0" in text:
        raise Unreadable("it holds a NUL character")
    return form.read(text.removeprefix("\ufeff"))


def _facts(form: Format, file: FileChange, before: Contents | None, after: Contents | None) -> FileFacts:
    head = after or Contents(())
    lost = _unhashed(before, after)
    manifest = form.manifest or (_ROOT_LOCK.sub(".in", file.path.rpartition("/")[2]) if head.locked else "")
    shared = FileFacts(
        ecosystem=form.ecosystem,
        manifest=manifest,
        insecure=_insecure(before, head, file.after or ""),
        unhashed=lost,
        hashed=sum(package.hashed for package in before.packages) if before and lost else 0,
        versions=_versions(head.packages) if manifest else None,
        scopes={} if head.locked else _scopes(head.packages),
        project=head.project,
        own=head.own,
        members=head.members,
        workspace=head.workspace,
    )
    if before is None or after is None:
        # For a new or deleted file, only the number of packages is reported.
        return replace(shared, declared=len(head.packages))
    locked = (before.locked, after.locked)
    differences = compare(before.packages, after.packages, form.ecosystem, locked=locked)
    return replace(shared, differences=_located(differences, file.after or ""))


def _scopes(packages: tuple[Package, ...]) -> dict[str, Scope]:
    """By name; of several entries, what users get counts."""
    ordered = sorted(packages, key=lambda one: one.scope is not Scope.RUNTIME, reverse=True)
    return {package.name: package.scope for package in ordered}


def _versions(packages: tuple[Package, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for package in packages:
        found[package.name] = (*found.get(package.name, ()), package.version)
    return found


def _unhashed(before: Contents | None, after: Contents | None) -> tuple[str, ...]:
    """Packages that lost their checksum in an otherwise equal entry; () if the format of the file changed.

    What now comes from git or a folder has none by design; that it does is told of itself.
    """
    if before is None or after is None or before.form != after.form:
        return ()
    kept = {(one.name, one.version) for one in before.packages if one.hashed}
    still = {(one.name, one.version) for one in after.packages if one.hashed}
    lost = kept - still
    from_registry = (one for one in after.packages if one.source is Source.REGISTRY)
    return tuple(sorted({one.name for one in from_registry if (one.name, one.version) in lost}))


def _insecure(before: Contents | None, after: Contents, text: str) -> tuple[tuple[str, int], ...]:
    """New plain-http addresses, one per host: a lock repeats the host for every package."""
    known = {_host(url) for url in _urls(before)} if before else set()
    fresh = {_host(url): url for url in reversed(_urls(after)) if _host(url) not in known}
    return tuple((url, _line_of(text, url)) for url in fresh.values())


def _urls(contents: Contents) -> list[str]:
    found = (*contents.indexes, *(package.url for package in contents.packages if package.url))
    return [url for url in found if is_plain_http(url)]


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _line_of(text: str, url: str) -> int:
    """The line of an address; with credentials in the text, the line of its host."""
    at = text.find(url)
    if at < 0:
        at = text.find(_host(url))
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _located(differences: tuple[Difference, ...], text: str) -> tuple[Difference, ...]:
    """Set the lines of the first differences that can become remarks; a lock can have thousands."""
    remarkable = [
        index
        for index, one in enumerate(differences)
        if one.kind is not Kind.REMOVED and (one.needed or (one.package.direct is None and one.kind is Kind.LOWERED))
    ]
    chosen = set(remarkable[: min(_LOCATED, 1 + _READ_AGAIN // (len(text) + 1))])
    return tuple(
        replace(one, line=one.package.line or _find(text, one.package)) if index in chosen else one
        for index, one in enumerate(differences)
    )


def _find(text: str, package: Package) -> int:
    """The line that names the package, preferably with its version on the same line or on the next one.

    Plain searches: a pattern that looks at each character takes a second in a long lock.
    """
    name, version = package.written[:200], package.version[:200]
    with_version = re.compile(rf"[^\n]{{0,300}}?(?:\n\W{{0,20}}version\W{{1,9}})?{re.escape(version)}")
    first = -1
    at = text.find(name) if name else -1
    for _ in range(_OCCURRENCES):
        if at < 0:
            break
        if _is_whole(text, at, at + len(name)):
            if with_version.match(text, at + len(name)):
                return text.count("\n", 0, at) + 1
            first = at if first < 0 else first
        at = text.find(name, at + 1)
    return text.count("\n", 0, first) + 1 if first >= 0 else 0


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a name is no part of a longer one; npm's lock has it behind a folder."""
    before, after = text[max(0, start - 13) : start], text[end : end + 1]
    return not re.search(r"(?<!node_modules)/$|[\w@.-]$", before) and not re.match(r"[\w.-]", after)
