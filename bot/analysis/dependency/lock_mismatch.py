"""Compare a manifest with its lock: requirements that the lock does not satisfy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.analysis.dependency.compare import Difference, Kind
from bot.analysis.dependency.facts import FileFacts
from bot.analysis.dependency.locks import manifests_of
from bot.analysis.dependency.packages import Scope, Source
from bot.analysis.dependency.versions import locked_range, read_range


@dataclass(frozen=True, slots=True)
class LockMismatch:
    """A difference of a manifest that its lock does not satisfy.

    locked: the versions in the lock; () if the package is missing.
    """

    manifest: str
    lock: str
    difference: Difference
    locked: tuple[str, ...]


def lock_mismatches(facts: Mapping[str, FileFacts]) -> list[LockMismatch]:
    """Added or raised direct dependencies that a changed lock of the manifest lacks or has in an older version."""
    return [
        found
        for lock, locked in facts.items()
        if locked.manifest and locked.versions is not None
        for manifest in manifests_of(lock, facts)
        for difference in facts[manifest].differences
        if _must_be_locked(difference, facts[manifest], PurePosixPath(lock).name)
        and (found := _missing(manifest, lock, difference, facts))
    ]


def _must_be_locked(difference: Difference, manifest: FileFacts, lock: str) -> bool:
    """Whether every environment needs the package, from a registry, and this kind of lock has it."""
    package = difference.after
    if package is None or difference.kind not in {Kind.ADDED, Kind.RAISED} or package.direct is not True:
        return False
    if package.source is not Source.REGISTRY or package.conditional or package.scope in {Scope.PEER, Scope.OPTIONAL}:
        return False
    if package.locked_by is not None and lock not in package.locked_by:
        return False
    # `workspace:` and `catalog:` refer to the repository itself, as does the project that asks for its own extras.
    return ":" not in package.version and package.name != manifest.project and package.name not in manifest.own


def _missing(manifest: str, lock: str, difference: Difference, facts: Mapping[str, FileFacts]) -> LockMismatch | None:
    package, there = difference.package, facts[lock]
    if package.name in there.own:
        return None
    locked = (there.versions or {}).get(package.name)
    if locked is None:
        # A lock that names no member of the workspace may lack the package because it is one.
        unknown = facts[manifest].workspace and not there.own and not there.members
        return None if unknown else LockMismatch(manifest, lock, difference, ())
    required = read_range(package.version, there.ecosystem)
    ranges = [locked_range(version, there.ecosystem) for version in locked]
    if required is None or required.lower is None:
        return None
    if any(one is None or one.lower is None or one.lower >= required.lower for one in ranges):
        return None
    return LockMismatch(manifest, lock, difference, locked)
