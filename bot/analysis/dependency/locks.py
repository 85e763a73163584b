"""Which manifests a lock file belongs to, and what a changed lock says of packages that the manifest names."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from bot.analysis.dependency.compare import Difference, Kind
from bot.analysis.dependency.facts import FileFacts
from bot.analysis.dependency.packages import Package


def manifests_of(lock: str, facts: Mapping[str, FileFacts]) -> list[str]:
    """The changed manifests whose packages are locked here: the one beside it, and those of the workspace's members."""
    locked = facts[lock]
    if not locked.manifest:
        return []
    folder = PurePosixPath(lock).parent
    return [
        path
        for path, manifest in facts.items()
        if not manifest.manifest
        and manifest.ecosystem is locked.ecosystem
        and _is_named(PurePosixPath(path).name, locked.manifest)
        and _belongs(folder, locked, PurePosixPath(path).parent, manifest)
    ]


def _is_named(name: str, manifest: str) -> bool:
    if manifest.startswith("*"):
        return name.endswith(manifest[1:])
    return name.removesuffix(".kts") == manifest


def _belongs(folder: PurePosixPath, locked: FileFacts, place: PurePosixPath, manifest: FileFacts) -> bool:
    if place == folder:
        return True
    if folder not in place.parents:
        return False
    # Cargo's lock tells the names of the members, the others tell their folders.
    return str(place.relative_to(folder)) in locked.members or (
        bool(manifest.project) and manifest.project in locked.own and not locked.members
    )


def differences_of(path: str, facts: Mapping[str, FileFacts]) -> list[Difference]:
    """The differences of one file. Of a lock, those that its manifests tell already are left out.

    A version that the lock lowers is told unless the manifest lowers it as well: it may stay within the manifest's
    range, or leave it.
    """
    one = facts[path]
    if not one.manifest:
        return list(one.differences)
    manifests = [facts[manifest] for manifest in manifests_of(path, facts)]
    told: dict[str, set[Kind]] = {}
    for manifest in manifests:
        for difference in manifest.differences:
            told.setdefault(difference.package.name, set()).add(difference.kind)
    kept = []
    for difference in one.differences:
        kinds = told.get(difference.package.name, set())
        if not kinds or (difference.kind is Kind.LOWERED and Kind.LOWERED not in kinds):
            kept.append(_declared(difference, manifests))
    return kept


def _declared(difference: Difference, manifests: list[FileFacts]) -> Difference:
    """The package as a manifest of the lock declares it: many locks tell neither what is direct nor what it is for."""
    name = difference.package.name
    scope = next((manifest.scopes[name] for manifest in manifests if name in manifest.scopes), None)
    if scope is None or difference.package.direct is False:
        return difference

    def told(package: Package | None) -> Package | None:
        return None if package is None else replace(package, direct=True, scope=scope)

    return replace(difference, before=told(difference.before), after=told(difference.after))
