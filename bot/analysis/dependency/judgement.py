"""Which differences become remarks. A version bump does not: the reviewer sees it in the diff."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from bot import paths
from bot.analysis.dependency.compare import Difference, Kind
from bot.analysis.dependency.facts import FileFacts
from bot.analysis.dependency.formats import format_of
from bot.analysis.dependency.locks import differences_of
from bot.analysis.dependency.packages import Ecosystem, Scope, Source, for_development
from bot.analysis.dependency.versions import read_range
from bot.domain.change import Change

_ON_PURPOSE = re.compile(r"\b(revert|downgrade|roll(ing)?[ -]?back|pin|unpin|loosen|relax)", re.IGNORECASE)
_ABOUT_VERSIONS = re.compile(r"\b(bump|upgrade|update|migrate|port|move|merge|release)s?\b|\b(deps|dependenc(y|ies))\b")
_LEAST_NAME = 5
# They name the versions of all modules in one place, those of linters and test tools too.
_CATALOGS = frozenset({"libs.versions.toml", "directory.packages.props"})


@dataclass(frozen=True, slots=True)
class Row:
    """One difference and the files that contain it, manifest first.

    own: whether the package is a project of this repository, whose manifest is changed too.
    """

    ecosystem: Ecosystem
    difference: Difference
    paths: tuple[str, ...]
    own: bool = False

    @property
    def path(self) -> str:
        """The file of the insight's location."""
        return self.paths[0]

    @property
    def needed(self) -> bool:
        """Whether users of the project get the package, by its section and its file."""
        return self.difference.needed and is_for_users(self.path) and not self.own

    @property
    def may_be_needed(self) -> bool:
        """Whether users may get the package, by a lock that does not tell what is direct."""
        package = self.difference.package
        return package.direct is None and package.scope is not Scope.DEV and is_for_users(self.path) and not self.own


@lru_cache(maxsize=1024)
def is_for_users(path: str) -> bool:
    """Whether the path is not of tests, examples, documentation or development tools."""
    pure = PurePosixPath(path)
    own_name = path if pure.suffix not in {".txt", ".in", ".lock"} else f"{pure.parent}/{pure.stem}"
    parts = PurePosixPath(own_name).parts
    if pure.name.startswith(("build.gradle", "Directory.Build.")):
        parts = parts[:-1]  # the tool's word for the file, not for its use
    return not (paths.is_test(path) or any(for_development(part) for part in parts))


def merge_differences(facts: Mapping[str, FileFacts]) -> list[Row]:
    """Merge the differences of all files: equal ones become one row, and a manifest overrides its own lock."""
    found: dict[tuple[Ecosystem, str, str], list[tuple[str, Difference]]] = {}
    for path, one in sorted(facts.items(), key=lambda item: bool(item[1].manifest)):
        for difference in differences_of(path, facts):
            key = (one.ecosystem, difference.package.name, _ends(difference))
            found.setdefault(key, []).append((path, difference))
    projects = {(one.ecosystem, one.project) for one in facts.values() if one.project}
    return [
        _row(ecosystem, standing, own=(ecosystem, name) in projects) for (ecosystem, name, _), standing in found.items()
    ]


def _row(ecosystem: Ecosystem, standing: list[tuple[str, Difference]], *, own: bool) -> Row:
    standing = sorted(standing, key=lambda item: not (item[1].needed and is_for_users(item[0])))
    return Row(ecosystem, standing[0][1], tuple(path for path, _ in standing), own)


def _ends(difference: Difference) -> str:
    return "\0".join(
        "" if end is None else f"{end.version} {end.source.value} {end.url}"
        for end in (difference.before, difference.after)
    )


def updates_versions(change: Change, rows: Iterable[Row]) -> bool:
    """Whether the change is meant to update versions: by its title, or if most of its files are about the build.

    Those are manifests, lock files, workflows, tooling and docs: who rewrites a build raises its tools with it.
    """
    title = change.title.lower()
    if _ABOUT_VERSIONS.search(title) or any(row.difference.package.written.lower() in title for row in rows):
        return True
    about_build = sum(_is_about_build(file.path) for file in change.files)
    return 2 * about_build > len(change.files)


def _is_about_build(path: str) -> bool:
    known = format_of(path) or paths.is_lock(path) or paths.is_manifest(path)
    return bool(known or paths.is_tooling(path) or paths.is_docs(path))


def is_intentional(change: Change) -> bool:
    """Whether the title announces lowered or loosened versions."""
    return bool(_ON_PURPOSE.search(change.title))


def lowered(rows: Iterable[Row], facts: Mapping[str, FileFacts]) -> list[Row]:
    """Dependencies of users whose version is lowered.

    Where a lock does not tell what is direct, all of them, if it is an older lock: nothing in it becomes newer.
    """
    older = {path for path, one in facts.items() if one.goes_back}
    return [
        row
        for row in rows
        if row.difference.kind is Kind.LOWERED and (row.needed or (row.may_be_needed and older.issuperset(row.paths)))
    ]


def opened(rows: Iterable[Row], facts: Mapping[str, FileFacts]) -> list[Row]:
    """Loosened versions that no lock file of the change, in the same folder or above, pins."""
    locks = [PurePosixPath(path).parent for path, one in facts.items() if one.manifest]
    return [
        row
        for row in rows
        if row.needed and _opens(row) and not any(place in PurePosixPath(row.path).parents for place in locks)
    ]


def _opens(row: Row) -> bool:
    """Whether an upper bound is removed. Outside of requirements files, only an unbounded constraint counts.

    Libraries often remove upper bounds intentionally.
    """
    before, after = row.difference.before, row.difference.after
    if before is None or after is None or row.difference.kind not in {Kind.OPENED, Kind.UNPINNED}:
        return False
    old, new = read_range(before.version, row.ecosystem), read_range(after.version, row.ecosystem)
    if old is None or new is None or old.upper is None:
        return False
    return new.anything or (new.upper is None and _is_requirements(row.path))


def _is_requirements(path: str) -> bool:
    return path.endswith((".txt", ".in"))


def off_registry(rows: Iterable[Row]) -> list[Row]:
    """Dependencies that are new or were a registry's, and come from git, a URL or a folder outside the repository."""
    return [
        row
        for row in rows
        if row.needed
        and row.difference.kind in {Kind.SOURCE_CHANGED, Kind.ADDED}
        and row.difference.package.source is not Source.REGISTRY
        and (row.difference.package.source is not Source.PATH or _outside(row.path, row.difference.package.url))
    ]


def of_the_same_owner(change: Change, row: Row) -> bool:
    """Whether a git source is of the owner of this repository."""
    owner = change.repository.partition("/")[0].lower()
    return bool(owner) and owner in re.split(r"[/:]", row.difference.package.url.lower())


def is_locked(row: Row, facts: Mapping[str, FileFacts]) -> bool:
    """Whether a lock file of the change has the package."""
    locks = [one for one in facts.values() if one.manifest and one.ecosystem is row.ecosystem]
    return any(row.difference.package.name in (one.versions or ()) for one in locks)


def _outside(manifest: str, url: str) -> bool:
    """Whether a local path is outside the repository."""
    bare = re.sub(r"^(file:(//)?|link:|portal:)", "", url)
    if bare.startswith(("/", "~")):
        return True
    depth = len(PurePosixPath(manifest).parts) - 1
    for part in bare.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return False


def new_majors(rows: Iterable[Row]) -> list[Row]:
    """Dependencies of users that move to a new major version. A catalog of versions does not tell who needs them."""
    return [
        row
        for row in rows
        if row.needed and row.difference.major and PurePosixPath(row.path).name.lower() not in _CATALOGS
    ]


def similar_names(path: str, facts: FileFacts) -> list[tuple[str, str]]:
    """(new name, existing name) pairs that differ by one letter, as typosquatters choose them."""
    fresh = {one.package.name for one in facts.differences if one.kind is Kind.ADDED and one.package.direct is True}
    known = [name for name in facts.scopes if name not in fresh]
    return [(new, old) for new in sorted(fresh) if len(new) >= _LEAST_NAME for old in known if _one_apart(new, old)]


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter is changed, added or left out, or two are swapped; digits and a plural s do not count."""
    if abs(len(one) - len(other)) > 1 or _family(one) == _family(other):
        return False
    start = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return True
    rest, other_rest = one[start:], other[start:]
    swapped = rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:]
    return swapped or rest[1:] == other_rest[1:] or rest == other_rest[1:] or rest[1:] == other_rest


def _family(name: str) -> str:
    return re.sub(r"\d", "", name).removesuffix("s")
