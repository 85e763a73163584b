"""Compare a manifest with its lock: requirements that the lock does not satisfy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.analysis.dependency.compare import Difference, Kind
from bot.analysis.dependency.facts import FileFacts
from bot.analysis.dependency.packages import Ecosystem, Scope, Source
from bot.analysis.dependency.versions import key_of, read_range


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
    """Added or raised direct dependencies that a changed lock in the same folder lacks or has in an older version."""
    return [
        found
        for lock, locked in facts.items()
        if locked.manifest and locked.versions is not None
        for manifest in [str(PurePosixPath(lock).parent / locked.manifest)]
        if manifest in facts
        for difference in facts[manifest].differences
        if (found := _missing(manifest, lock, difference, locked.versions, locked.ecosystem))
    ]


def _missing(
    manifest: str, lock: str, difference: Difference, versions: Mapping[str, tuple[str, ...]], ecosystem: Ecosystem
) -> LockMismatch | None:
    package = difference.after
    if package is None or difference.kind not in {Kind.ADDED, Kind.RAISED} or package.direct is not True:
        return None
    if package.source is not Source.REGISTRY or package.conditional or package.scope in {Scope.PEER, Scope.OPTIONAL}:
        return None
    if ":" in package.version:
        return None  # `workspace:` and `catalog:` refer to the repository itself
    locked = versions.get(package.name)
    if locked is None:
        return LockMismatch(manifest, lock, difference, ())
    required = read_range(package.version, ecosystem)
    keys = [key_of(version, ecosystem) for version in locked]
    if required is None or required.lower is None or any(key is None or key >= required.lower for key in keys):
        return None
    return LockMismatch(manifest, lock, difference, locked)
