"""Manifest and lock side by side: what the manifest asks for and the lock beside it does not have."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.analysis.dependency.compare import Difference, Kind
from bot.analysis.dependency.facts import FileFacts
from bot.analysis.dependency.packages import Ecosystem, Scope, Source
from bot.analysis.dependency.versions import key_of, read_range


@dataclass(frozen=True, slots=True)
class OutOfStep:
    """A difference of a manifest that its lock does not follow. locked: the versions the lock has, none if absent."""

    manifest: str
    lock: str
    difference: Difference
    locked: tuple[str, ...]


def out_of_step(facts: Mapping[str, FileFacts]) -> list[OutOfStep]:
    """Added or raised direct dependencies that a lock of the same folder, changed as well, lacks or has older."""
    return [
        found
        for lock, locked in facts.items()
        if locked.answers_to and locked.versions is not None
        for manifest in [str(PurePosixPath(lock).parent / locked.answers_to)]
        if manifest in facts
        for difference in facts[manifest].differences
        if (found := _missing(manifest, lock, difference, locked.versions, locked.ecosystem))
    ]


def _missing(
    manifest: str, lock: str, difference: Difference, versions: Mapping[str, tuple[str, ...]], ecosystem: Ecosystem
) -> OutOfStep | None:
    package = difference.after
    if package is None or difference.kind not in {Kind.ADDED, Kind.RAISED} or package.direct is not True:
        return None
    if package.source is not Source.REGISTRY or package.conditional or package.scope in {Scope.PEER, Scope.OPTIONAL}:
        return None
    if ":" in package.version:
        return None  # `workspace:` and `catalog:` are the tree's own
    locked = versions.get(package.name)
    if locked is None:
        return OutOfStep(manifest, lock, difference, ())
    asked = read_range(package.version, ecosystem)
    keys = [key_of(version, ecosystem) for version in locked]
    if asked is None or asked.lower is None or any(key is None or key >= asked.lower for key in keys):
        return None
    return OutOfStep(manifest, lock, difference, locked)
