"""The differences of packages between base and head."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.analysis.dependency.packages import Ecosystem, Package, Scope, Source
from bot.analysis.dependency.versions import Range, read_range

# A first number in this range is a year (https://calver.org), whose increase is no new major version.
_YEARS = range(17, 40)


class Kind(StrEnum):
    """The kinds of difference, as the evidence names them."""

    ADDED = "added"
    REMOVED = "removed"
    RAISED = "raised"
    LOWERED = "lowered"
    UNPINNED = "unpinned"
    OPENED = "opened"
    REPINNED = "repinned"
    WIDENED = "widened"
    SOURCE_CHANGED = "source_changed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of one package.

    before, after: None if it was added or removed.
    major: whether the version moved to a new major version.
    line: of the package at head; 0 if unknown.
    """

    kind: Kind
    before: Package | None
    after: Package | None
    major: bool = False
    line: int = 0

    @property
    def package(self) -> Package:
        """The package at head; at base if it was removed."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - at most one end is None
        return found

    @property
    def needed(self) -> bool:
        """Whether it is declared directly and users of the project get it."""
        return self.package.direct is True and self.package.scope in {Scope.RUNTIME, Scope.OPTIONAL}


def compare(before: Iterable[Package], after: Iterable[Package], ecosystem: Ecosystem) -> tuple[Difference, ...]:
    """The differences by name. The order of entries does not matter."""
    old, new = _by_name(before), _by_name(after)
    differences: list[Difference] = []
    for name in dict.fromkeys((*new, *old)):
        differences += _one_name(old.get(name, []), new.get(name, []), ecosystem)
    return tuple(differences)


def _by_name(packages: Iterable[Package]) -> dict[str, list[Package]]:
    found: dict[str, list[Package]] = defaultdict(list)
    for package in packages:
        found[package.name].append(package)
    return found


def _one_name(old: list[Package], new: list[Package], ecosystem: Ecosystem) -> list[Difference]:
    if not old:
        return [Difference(Kind.ADDED, None, _foremost(new))]
    if not new:
        return [Difference(Kind.REMOVED, _foremost(old), None)]
    kept = {_identity(one) for one in old} & {_identity(one) for one in new}
    removed = sorted((one for one in old if _identity(one) not in kept), key=_order)
    added = sorted((one for one in new if _identity(one) not in kept), key=_order)
    # A lock can contain several versions of a name; an additional or a missing one is not reported.
    pairs = [_pair(one, other, ecosystem) for one, other in zip(removed, added, strict=False)]
    return list(dict.fromkeys(pair for pair in pairs if pair))


def _foremost(packages: list[Package]) -> Package:
    return min(packages, key=_order)


def _identity(package: Package) -> tuple[str, Source, str]:
    return "".join(package.version.split()), package.source, package.url


def _order(package: Package) -> tuple[bool, bool]:
    """Sort key: direct packages first, then those that users get."""
    return package.direct is not True, package.scope is Scope.DEV


def _pair(before: Package, after: Package, ecosystem: Ecosystem) -> Difference | None:
    if before.source is not after.source:
        left = before.source is Source.REGISTRY
        return Difference(Kind.SOURCE_CHANGED if left else Kind.CHANGED, before, after)
    if after.source is not Source.REGISTRY or before.url != after.url:
        return Difference(Kind.CHANGED, before, after)
    old, new = read_range(before.version, ecosystem), read_range(after.version, ecosystem)
    if old is None or new is None:
        return Difference(Kind.CHANGED, before, after)
    if old == new:
        return None
    kind = _kind(old, new)
    return Difference(kind, before, after, major=kind is Kind.RAISED and _major(old, new, ecosystem))


def _kind(old: Range, new: Range) -> Kind:
    if new.lies_below(old):
        return Kind.LOWERED
    if old.lies_below(new):
        return Kind.RAISED
    if old.exact and not new.exact:
        return Kind.UNPINNED
    if new.exact and not old.exact:
        return Kind.REPINNED
    if not old.anything and (new.anything or (old.upper is not None and new.upper is None)):
        return Kind.OPENED
    if old.lower is not None and new.lower is not None and old.lower != new.lower:
        return Kind.RAISED if new.lower > old.lower else Kind.WIDENED
    return Kind.RAISED if old.lower is None and new.lower is not None else Kind.CHANGED


def _major(old: Range, new: Range, ecosystem: Ecosystem) -> bool:
    if not old.lies_below(new) or new.major <= old.major or not old.major:
        return False
    years = ecosystem is Ecosystem.PYPI and old.major in _YEARS and new.major in _YEARS
    return not years and new.major < 1_000
