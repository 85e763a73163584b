"""What is kept of one file: its differences, and what a manifest must find in the lock beside it."""

import re
from dataclasses import dataclass, replace

from bot.analysis.dependency.compare import Difference, Kind, compare
from bot.analysis.dependency.formats import Format, format_of
from bot.analysis.dependency.packages import Contents, Ecosystem, Package, Unreadable, is_plain_http
from bot.domain.files import FileChange, FileStatus

# Finding a name means reading the text again; a long lock is read a few times only.
_LOCATED = 100
_READ_AGAIN = 20_000_000
_ROOT_LOCK = re.compile(r"\.txt$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One manifest or lock file.

    problem: why it could not be read, "" when it could; then there are no differences. answers_to: the manifest
    that a lock belongs to, "" for a manifest. declared: how many packages a new file names.
    insecure: (address, line) of each plain http source that is new. unhashed: names that lost their checksum,
    hashed: how many entries had one. versions: of a lock at head, by name. names: of the direct packages at head.
    """

    ecosystem: Ecosystem
    answers_to: str = ""
    problem: str = ""
    declared: int = 0
    differences: tuple[Difference, ...] = ()
    insecure: tuple[tuple[str, int], ...] = ()
    unhashed: tuple[str, ...] = ()
    hashed: int = 0
    versions: dict[str, tuple[str, ...]] | None = None
    names: tuple[str, ...] = ()


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
    answers_to = form.manifest or (_ROOT_LOCK.sub(".in", file.path.rpartition("/")[2]) if head.locked else "")
    shared = FileFacts(
        ecosystem=form.ecosystem,
        answers_to=answers_to,
        insecure=_insecure(before, head, file.after or ""),
        unhashed=lost,
        hashed=sum(package.hashed for package in before.packages) if before and lost else 0,
        versions=_versions(head.packages) if answers_to else None,
    )
    if before is None or after is None:
        # A file that comes or goes as a whole is no list of news.
        return replace(shared, declared=len(head.packages))
    differences = compare(before.packages, after.packages, form.ecosystem)
    names = () if head.locked else tuple({package.name for package in head.packages})
    return replace(shared, differences=_located(differences, file.after or ""), names=names)


def _versions(packages: tuple[Package, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for package in packages:
        found[package.name] = (*found.get(package.name, ()), package.version)
    return found


def _unhashed(before: Contents | None, after: Contents | None) -> tuple[str, ...]:
    """Packages whose entry is the same as before but for its checksum; a new format of the file may have none."""
    if before is None or after is None or before.form != after.form:
        return ()
    kept = {(one.name, one.version) for one in before.packages if one.hashed}
    still = {(one.name, one.version) for one in after.packages if one.hashed}
    lost = kept - still
    return tuple(sorted({one.name for one in after.packages if (one.name, one.version) in lost}))


def _insecure(before: Contents | None, after: Contents, text: str) -> tuple[tuple[str, int], ...]:
    """One entry per host: a lock may repeat it for every package."""
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
    """Differences with their lines, the foremost ones only: a lock may have thousands, and nobody is led there."""
    told = [index for index, one in enumerate(differences) if one.needed and one.kind is not Kind.REMOVED]
    chosen = set(told[: min(_LOCATED, 1 + _READ_AGAIN // (len(text) + 1))])
    return tuple(
        replace(one, line=one.package.line or _find(text, one.package)) if index in chosen else one
        for index, one in enumerate(differences)
    )


def _find(text: str, package: Package) -> int:
    """The line that names the package, preferably together with its version."""
    name = r"[-_.]".join(re.escape(part) for part in re.split(r"[-_.]", package.written[:200]))
    bounded = rf"(?<![\w@/.-]){name}(?![\w.-])"
    for pattern in (rf"{bounded}[^\n]*{re.escape(package.version[:200])}", bounded):
        if match := re.search(pattern, text, re.IGNORECASE):
            return text.count("\n", 0, match.start()) + 1
    return 0
