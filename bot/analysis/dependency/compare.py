"""The differences of packages between base and head."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.analysis.dependency.packages import Ecosystem, Package, Scope, Source
from bot.analysis.dependency.versions import Range, locked_range, read_range

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


def compare(
    before: Iterable[Package],
    after: Iterable[Package],
    ecosystem: Ecosystem,
    *,
    locked: tuple[bool, bool] = (False, False),
) -> tuple[Difference, ...]:
    """The differences by name. The order of entries does not matter.

    locked: whether the versions before and after are resolved versions instead of constraints.
    """
    reader = _Reader(ecosystem, *locked)
    old, new = _grouped(before, lambda one: one.name), _grouped(after, lambda one: one.name)
    differences: list[Difference] = []
    for name in dict.fromkeys((*new, *old)):
        differences += _one_name(old.get(name, []), new.get(name, []), reader)
    return tuple(differences)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the versions of both ends."""

    ecosystem: Ecosystem
    locked_before: bool
    locked_after: bool

    def before(self, package: Package) -> Range | None:
        return self._read(package, locked=self.locked_before)

    def after(self, package: Package) -> Range | None:
        return self._read(package, locked=self.locked_after)

    def _read(self, package: Package, *, locked: bool) -> Range | None:
        return (locked_range if locked and package.version else read_range)(package.version, self.ecosystem)


def _grouped(packages: Iterable[Package], key: Callable[[Package], Any]) -> dict[Any, list[Package]]:
    found: dict[Any, list[Package]] = defaultdict(list)
    for package in packages:
        found[key(package)].append(package)
    return found


def _one_name(old: list[Package], new: list[Package], reader: _Reader) -> list[Difference]:
    """Each environment's entry before with its entry now; environments of one end only are compared as two sets."""
    if not old:
        return [Difference(Kind.ADDED, None, min(new, key=_order))]
    if not new:
        return [Difference(Kind.REMOVED, min(old, key=_order), None)]
    if len(old) == len(new) == 1:
        pairs = [_pair(old[0], new[0], reader)]
    else:
        before, after = (_grouped(ends, lambda one: one.environment) for ends in (old, new))
        same = [place for place in after if place in before]
        pairs = [pair for place in same for pair in _one_environment(before[place], after[place], reader)]
        left = [one for place, group in before.items() if place not in after for one in group]
        come = [one for place, group in after.items() if place not in before for one in group]
        if left and come:
            pairs += _sets(left, come, reader)
    return list(dict.fromkeys(pair for pair in pairs if pair))


def _one_environment(old: list[Package], new: list[Package], reader: _Reader) -> list[Difference | None]:
    """Several entries that nothing but their versions tells apart: those of one major version belong together."""
    if len(old) == 1 or len(new) == 1:
        return _sets(old, new, reader)
    before = _grouped(old, lambda one: _line_of_versions(reader.before(one)))
    after = _grouped(new, lambda one: _line_of_versions(reader.after(one)))
    return [pair for line in after if line in before for pair in _sets(before[line], after[line], reader)]


def _line_of_versions(found: Range | None) -> Any:
    """The numbers that a caret would keep; None if unknown."""
    lower = found.lower[0] if found and found.lower else None
    if not isinstance(lower, tuple):
        return found.major if found else None
    return next((lower[: place + 1] for place, number in enumerate(lower) if number), lower)


def _sets(old: list[Package], new: list[Package], reader: _Reader) -> list[Difference | None]:
    """The newest before and now: older ones beside it are there for older environments."""
    kept = {_identity(one) for one in old} & {_identity(one) for one in new}
    removed = sorted((one for one in old if _identity(one) not in kept), key=_order)
    added = sorted((one for one in new if _identity(one) not in kept), key=_order)
    direct = [[one for one in ends if one.direct is True] for ends in (old, new)]
    if not removed or not (added or all(direct)):
        return []  # an additional version replaces none, and an indirect one may not be needed any more
    highest, newest = (
        _newest(chosen, read)
        for chosen, read in zip(direct if all(direct) else (old, new), (reader.before, reader.after), strict=True)
    )
    if highest and newest:
        return [_pair(highest, newest, reader)]
    return [_pair(one, other, reader) for one, other in zip(removed, added, strict=False)]


def _newest(packages: list[Package], read: Callable[[Package], Range | None]) -> Package | None:
    """The entry of the highest version; None if one of them has no version to compare."""
    found: tuple[Range, Package] | None = None
    for package in packages:
        this = read(package)
        if this is None or this.lower is None or package.source is not Source.REGISTRY:
            return None
        if found is None or (found[0].lower is not None and this.lower > found[0].lower):
            found = (this, package)
    return found[1] if found else None


def _identity(package: Package) -> tuple[str, Source, str]:
    return "".join(package.version.split()), package.source, package.url


def _order(package: Package) -> tuple[bool, bool]:
    """Sort key: direct packages first, then those that users get."""
    return package.direct is not True, package.scope is Scope.DEV


def _pair(before: Package, after: Package, reader: _Reader) -> Difference | None:
    if _identity(before) == _identity(after):
        return None
    if before.source is not after.source:
        left = before.source is Source.REGISTRY
        return Difference(Kind.SOURCE_CHANGED if left else Kind.CHANGED, before, after)
    if after.source is not Source.REGISTRY or before.url != after.url:
        return Difference(Kind.CHANGED, before, after)
    old, new = reader.before(before), reader.after(after)
    if old is None or new is None:
        return Difference(Kind.CHANGED, before, after)
    if old == new:
        return None
    kind = _kind(old, new)
    return Difference(kind, before, after, major=kind is Kind.RAISED and _major(old, new, reader.ecosystem))


def _kind(old: Range, new: Range) -> Kind:
    if old.is_beside(new):
        return Kind.CHANGED
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
