"""Dismissals: a person says that an insight is not useful. It stays away until its evidence has changed."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from bot.domain.insights import Insight, Standing

LATER = timedelta(days=30)
_SHARE = 0.25
_MIN_COUNT = 1.0
_MIN_FRACTION = 0.1
_VERSIONS = ("engine", "model_version", "version")
_RECEIPTS = "receipts"  # commands that name the newest commits, which change every week
_POSITIONS = ("line", "lines", "start_line", "end_line", "heaviest_block")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?")
# A number in prose: "changed 1,204 times", "40% of". Not a part of a name, a path, a version or "#12".
_NUMBER = re.compile(r"(?<![\w#/.-])\d[\d,]*(?:\.\d+)?(?![\w/-]|\.\w)")
Place = tuple[str, ...]


class DismissReason(StrEnum):
    """Why an insight was dismissed, as the REST API promises it."""

    NOT_USEFUL = "not_useful"
    WRONG = "wrong"
    LATER = "later"
    BY_DESIGN = "by_design"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """One dismissal. It holds for all insights of the repository with this fingerprint.

    evidence: of the insight when it was dismissed.
    by: the login of the person.
    """

    fingerprint: str
    reason: DismissReason
    note: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    by: str
    at: datetime

    @property
    def ends_at(self) -> datetime | None:
        """When a dismissal for `later` ends; None for the other reasons, which have no end."""
        return self.at + LATER if self.reason is DismissReason.LATER else None

    def covers(self, insight: Insight) -> bool:
        """Whether the insight is the dismissed one and its evidence has not changed. The end is not looked at."""
        return insight.fingerprint == self.fingerprint and not evidence_changed(self.evidence, insight.evidence)

    def has_ended(self, at: datetime) -> bool:
        """Whether the dismissal had ended at this time."""
        return self.ends_at is not None and self.ends_at <= at


# The dismissals of a repository that have not ended, by fingerprint.
Dismissals = Mapping[str, Dismissal]


def is_dismissed(dismissals: Dismissals, insight: Insight) -> bool:
    """Whether one of the dismissals covers the insight. An analyzer that failed is never dismissed."""
    dismissal = dismissals.get(insight.fingerprint)
    return dismissal is not None and insight.standing is not Standing.FAILURE and dismissal.covers(insight)


def dismissed_fingerprints(dismissals: Dismissals, insights: Iterable[Insight]) -> frozenset[str]:
    """The fingerprints of which all insights are dismissed."""
    found = [(insight.fingerprint, is_dismissed(dismissals, insight)) for insight in insights]
    return frozenset(one for one, covered in found if covered) - {one for one, covered in found if not covered}


def evidence_changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the evidence of an insight is no longer what it was.

    It has changed if
    - a count differs by more than a quarter of the earlier count, and by at least 1; a fraction between -1 and 1 by
      more than a quarter, and by at least 0.1 (a change of 1 would be all of it);
    - of a list of numbers, their count, smallest, median or largest value differs by that much;
    - the set of named things (findings, paths, commits, words) differs.

    Numbers in a sentence count as numbers. These do not count: the order of lists, keys that only one side has, empty
    values, dates (the period of a trend moves every day), positions in a file, receipts, and versions of this program.
    """
    shared = [key for key in before if before[key] is not None and now.get(key) is not None]
    if not shared:
        return any(before.values()) and any(now.values())
    names_before, numbers_before = _facts({key: before[key] for key in shared})
    names_now, numbers_now = _facts({key: now[key] for key in shared})
    if names_before != names_now:
        return True
    return any(
        _moved(one, other)
        for place in numbers_before.keys() & numbers_now.keys()
        for one, other in zip(_summary(numbers_before[place]), _summary(numbers_now[place]), strict=True)
    )


def _moved(before: float, now: float) -> bool:
    difference = abs(now - before)
    fractions = max(abs(before), abs(now)) <= 1 and not (before.is_integer() and now.is_integer())
    return difference > _SHARE * abs(before) and difference >= (_MIN_FRACTION if fractions else _MIN_COUNT)


def _summary(numbers: Sequence[float]) -> tuple[float, ...]:
    """(count, smallest, median, largest): a series whose window moved by a day stays nearly the same."""
    return (float(len(numbers)), min(numbers), median(numbers), max(numbers))


def _facts(evidence: Mapping[str, Any]) -> tuple[set[Place], dict[Place, list[float]]]:
    """The names in the evidence, and its numbers by place. An element of a list is found by its names."""
    names: set[Place] = set()
    numbers: dict[Place, list[float]] = {}
    for place, value in _leaves((), evidence):
        if isinstance(value, str):
            names.add((*place, value))
        else:
            numbers.setdefault(place, []).append(value)
    return names, numbers


def _leaves(place: Place, value: Any) -> Iterator[tuple[Place, str | float]]:
    match value:
        case bool():
            yield place, str(value)
        case int() | float():
            yield place, float(value)
        case str() if not _DATE.fullmatch(value):
            yield place, _NUMBER.sub("#", value)
            for number in _NUMBER.findall(value):
                yield (*place, _NUMBER.sub("#", value)), float(number.replace(",", ""))
        case Mapping():
            for key, inner in value.items():
                if key != _RECEIPTS and key not in _VERSIONS and (key not in _POSITIONS or isinstance(inner, str)):
                    yield from _leaves((*place, str(key)), inner)
        case list() | tuple():
            for inner in value:
                yield from _leaves((*place, _name(inner)), inner)


def _name(value: Any) -> str:
    """The name of an element of a list: all its texts, sorted."""
    return "\0".join(sorted(one for _, one in _leaves((), value) if isinstance(one, str)))
