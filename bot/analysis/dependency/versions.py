"""Ranges of constraints and of locked versions, to tell raised from lowered and pinned from open."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.analysis.dependency.packages import Ecosystem
from bot.analysis.dependency.version_order import Key, Order, order_of

_TOKEN = re.compile(
    r"(===|==|~=|~>|>=|<=|!=|\^|~|=|>|<)?\s*([vV]?(?:\d+!)?\d[0-9A-Za-z.+_*-]*+|[*xX](?:\.[*xX])*)(?=[\s,|)]|$)"
)
# Composer's stability flag and the commit of a branch.
_FLAG = re.compile(r"(?<=\S)(@(dev|alpha|beta|rc|stable)|#[0-9a-f]{6,40})\b", re.IGNORECASE)
_WILDCARD = re.compile(r"\.(?:\*|[xX]|\+)(?:\..*)?$|\.?\+$")
_INTERVAL = re.compile(r"^([\[(])\s*([^,\[\])]*?)\s*(?:(,)\s*([^,\[\])]*?)\s*)?([\])])$")
_ANYTHING = {"", "*", "x", "X", "latest", "latest.release", "+", ">=0", ">=0.0.0", "any"}
_CARET_BY_DEFAULT = {Ecosystem.CRATES}
_INTERVALS = {Ecosystem.MAVEN, Ecosystem.NUGET}
_FLOATING = re.compile(r"^(?P<numbers>\d+(?:\.\d+){0,3})(?P<label>-[0-9A-Za-z.-]*)\*$")


@dataclass(frozen=True, slots=True)
class Range:
    """The versions that a constraint allows.

    lower, upper: None for no bound.
    upper_inclusive: else the upper bound is exclusive.
    variant: of an exact version, as in `Order`.
    """

    lower: Key | None = None
    upper: Key | None = None
    upper_inclusive: bool = False
    exact: bool = False
    major: int = 0
    variant: str = ""

    @property
    def anything(self) -> bool:
        """Whether every version is allowed."""
        return self.lower is None and self.upper is None

    def is_beside(self, other: "Range") -> bool:
        """Whether both are one version, of the same numbers and different variants: neither is the older one."""
        if not (self.exact and other.exact) or self.variant == other.variant:
            return False
        return self.lower is not None and other.lower is not None and self.lower[0] == other.lower[0]

    def lies_below(self, other: "Range") -> bool:
        """Whether every version of this range is older than every version of the other."""
        if self.upper is None or other.lower is None or self.is_beside(other):
            return False
        return bool(self.upper < other.lower or (self.upper == other.lower and not self.upper_inclusive))


def key_of(version: str, ecosystem: Ecosystem) -> Key | None:
    """A sort key, comparable within one ecosystem; None for an invalid version."""
    order = order_of(version, ecosystem)
    return order.key if order else None


@lru_cache(maxsize=4096)
def locked_range(version: str, ecosystem: Ecosystem) -> Range | None:
    """The one version that a lock file names; None if it cannot be parsed."""
    bare = version.strip().lstrip("=").strip()
    order = order_of(bare, ecosystem)
    return _one_version(order, _numbers(bare)[0]) if order else None


def _one_version(order: Order, major: int) -> Range:
    return Range(order.key, order.key, upper_inclusive=True, exact=True, major=major, variant=order.variant)


@lru_cache(maxsize=4096)
def read_range(constraint: str, ecosystem: Ecosystem) -> Range | None:
    """The range of a constraint or a locked version; None if it cannot be parsed."""
    text = constraint.strip()
    if text.lower() in _ANYTHING:
        return Range()
    if len(text) > 500:
        return None
    if ecosystem in _INTERVALS and text[0] in "[(":
        return _interval(text, ecosystem)
    if ecosystem is Ecosystem.NUGET:
        return _floating(text)
    if ecosystem is Ecosystem.PACKAGIST:
        text = _FLAG.sub("", text)
    parts = [part for part in re.split(r"\|\|?", text) if part.strip()]
    ranges = [_conjunction(part, ecosystem) for part in parts]
    known = [one for one in ranges if one is not None]
    if not known or len(known) != len(ranges):
        return None
    return known[0] if len(known) == 1 else _either(known)


def _either(ranges: list[Range]) -> Range:
    lowers = [one.lower for one in ranges if one.lower is not None]
    uppers = [one.upper for one in ranges if one.upper is not None]
    highest = max(uppers) if len(uppers) == len(ranges) else None
    return Range(
        lower=min(lowers) if len(lowers) == len(ranges) else None,
        upper=highest,
        upper_inclusive=any(one.upper_inclusive for one in ranges if one.upper == highest),
        major=max(one.major for one in ranges),
    )


def _floating(text: str) -> Range | None:
    """A version of NuGet outside of brackets. It is a lower bound in name only: NuGet takes the lowest one.

    https://learn.microsoft.com/nuget/concepts/package-versioning: `1.*`, `1.0.0-beta*` and `*-*` float.
    """
    bare = text.removesuffix("-*") if text.endswith("*-*") else text
    if bare == "*":
        return Range()
    match = _FLOATING.match(bare)
    if match is None:
        return _conjunction(bare, Ecosystem.NUGET)
    label = match["label"].rstrip(".-") or "-0"
    lower, upper = (key_of(match["numbers"] + end, Ecosystem.NUGET) for end in (label, ""))
    return Range(lower, upper, upper_inclusive=True, major=_numbers(bare)[0])


def _interval(text: str, ecosystem: Ecosystem) -> Range | None:
    """A range of Maven or NuGet in brackets."""
    match = _INTERVAL.match(text)
    if match is None:
        return None
    low, high = match[2], match[4] if match[3] else match[2]
    if not match[3]:
        return locked_range(low, ecosystem)
    lower, upper = (key_of(one, ecosystem) if one else None for one in (low, high))
    return Range(lower, upper, match[5] == "]", major=_numbers(low or high)[0])


def _conjunction(text: str, ecosystem: Ecosystem) -> Range | None:
    """Comparators that must all hold."""
    text = re.sub(r"(\d\S*)\s+-\s+(\S+)", r">=\1 <=\2", text.strip(" ()"))
    if _TOKEN.sub("", text).strip(" ,"):
        return None
    found = [_comparator(operator, version, ecosystem) for operator, version in _TOKEN.findall(text)]
    known = [one for one in found if one is not None]
    if not known or len(known) != len(found):
        return None
    lowers = [one.lower for one in known if one.lower is not None]
    uppers = [one.upper for one in known if one.upper is not None]
    upper = min(uppers, default=None)
    return Range(
        lower=max(lowers, default=None),
        upper=upper,
        upper_inclusive=all(one.upper_inclusive for one in known if one.upper == upper),
        exact=any(one.exact for one in known),
        major=max(one.major for one in known),
        variant=next((one.variant for one in known if one.exact), ""),
    )


def _comparator(operator: str, version: str, ecosystem: Ecosystem) -> Range | None:
    if version[0] in "*xX":
        return Range()
    wildcard = _WILDCARD.search(version)
    bare = version[: wildcard.start()] if wildcard else version
    numbers = _numbers(bare)
    order = order_of(bare, ecosystem)
    if order is None:
        return None
    key, major = order.key, numbers[0]
    if operator == "!=":
        return Range()
    if operator in {">=", ">"}:
        return Range(lower=key, major=major)
    if operator in {"<=", "<"}:
        return Range(upper=key, upper_inclusive=operator == "<=")
    if not operator and ecosystem in _CARET_BY_DEFAULT and not wildcard:
        operator = "^"
    size = _fixed(operator, numbers, ecosystem, wildcard=bool(wildcard))
    if size is None:
        return _one_version(order, major)
    bumped = ".".join(map(str, [*numbers[: size - 1], numbers[size - 1] + 1]))
    epoch = bare.partition("!")[0] + "!" if "!" in bare else ""
    return Range(lower=key, upper=key_of(epoch + bumped, ecosystem), major=major)


def _fixed(operator: str, numbers: list[int], ecosystem: Ecosystem, *, wildcard: bool) -> int | None:
    """How many leading numbers are fixed; None if the version is exact."""
    if operator == "^":
        return next((place for place, number in enumerate(numbers, start=1) if number), len(numbers))
    if operator in {"~=", "~>"} or (operator == "~" and ecosystem is Ecosystem.PACKAGIST):
        return max(1, len(numbers) - 1)
    if operator == "~":
        return min(2, len(numbers))
    if wildcard:
        return len(numbers)
    # npm reads a bare `1` or `1.2` as any version that starts so.
    return len(numbers) if ecosystem is Ecosystem.NPM and len(numbers) < 3 else None


def _numbers(version: str) -> list[int]:
    """The numbers of the release, without an epoch."""
    match = re.match(r"(?:\d+!)?[^\d]*(\d{1,18}(?:\.\d{1,18})*)", version)
    return [int(part) for part in match[1].split(".")] if match else [0]
