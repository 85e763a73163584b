"""The table of docs/signal.md: how often a rule speaks, and what came after, with and without it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, log, sqrt

from signal_history import Later
from signal_outcomes import OUTCOMES, Case, Outcome, cases, first_of, is_of, outcomes_of
from signal_replay import Place, Replayed, bring_up, stored

from bot.history.index import opened

_Z = 1.959964
_FEWEST = 10
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Lift:
    """How many times as often the outcome came with the remark: the ratio of two shares and its 95 % interval."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One rule and outcome. spoken: changes with the rule, of `changes` replayed ones in `repositories`."""

    rule: str
    standing: str
    outcome: Outcome
    spoken: int
    changes: int
    repositories: int
    cases: Sequence[Case]

    @property
    def came(self) -> int:
        return sum(case.came for case in self.cases)

    @property
    def usual(self) -> float:
        """The share without the remark: the mean over the cases of the share among the changes like them."""
        return sum(case.usual for case in self.cases) / len(self.cases) if self.cases else 0.0

    @property
    def lift(self) -> Lift | None:
        others = {(case.repository, sha) for case in self.cases for sha in case.others}
        return lift(self.came, len(self.cases), self.usual * len(others), len(others))


@dataclass(slots=True)
class _Found:
    """What was found of one rule, standing and outcome."""

    spoken: int = 0
    repositories: int = 0
    cases: list[Case] = field(default_factory=list)


def rows_of(places: Sequence[Place]) -> list[Row]:
    """One row per rule, standing and outcome, over all replayed changes. A rule that speaks mostly is left out."""
    found: dict[tuple[str, str, Outcome], _Found] = {}
    total = 0
    for place in places:
        changes = [change for change in stored(place.store) if not change.problem and change.paths]
        total += len(changes)
        if changes:
            _add(found, place, changes)
    return [
        Row(rule, standing, outcome, one.spoken, total, one.repositories, one.cases)
        for (rule, standing, outcome), one in found.items()
        if one.spoken < _MOSTLY * total
    ]


def _add(found: dict[tuple[str, str, Outcome], _Found], place: Place, changes: Sequence[Replayed]) -> None:
    bring_up(place)
    with opened(place.newest) as index:
        later = Later(index.connection, place.git_dir, min(changes, key=lambda one: one.when).sha)
        for rule, standing in sorted({(one["rule"], one["standing"]) for change in changes for one in change.insights}):
            spoken = sum(first_of(change, rule, standing) is not None for change in changes)
            for outcome in outcomes_of(rule):
                one = found.setdefault((rule, standing, outcome), _Found())
                one.spoken += spoken
                one.repositories += 1
                one.cases.extend(cases(changes, later, rule, standing, outcome))


def lift(came: float, cases: int, usual: float, others: int) -> Lift | None:
    """The risk ratio with the log interval of Katz et al., Biometrics 34 (3), 1978; None without both groups.

    A half is added to each count if one is zero (Walter, Biometrika 62 (2), 1975), to the totals too.
    """
    if not cases or not others:
        return None
    if came == 0 or usual == 0:
        came, usual = came + 0.5, usual + 0.5
        first, second = cases + 0.5, others + 0.5
    else:
        first, second = float(cases), float(others)
    ratio = (came / first) / (usual / second)
    spread = _Z * sqrt(max(0.0, 1 / came - 1 / first + 1 / usual - 1 / second))
    return Lift(ratio, exp(log(ratio) - spread), exp(log(ratio) + spread))


def print_shares(rows: Sequence[Row]) -> None:
    """The remarks of the rules of `OUTCOMES` after which their first outcome came, for `bot/analysis/measured.py`."""
    for name, outcome in dict(reversed(OUTCOMES)).items():
        own = [row for row in rows if row.standing == "remark" and row.outcome is outcome and is_of(row.rule, name)]
        came, total = sum(row.came for row in own), sum(len(row.cases) for row in own)
        print(f"{name}: {came} of {total}, {outcome}")


def print_table(rows: Sequence[Row]) -> None:
    """Markdown, remarks first, those that speak most often first. Of the rest, those with enough cases."""
    print("| rule | as | changes | of 100 | in repositories | within 90 days | with it | without it | lift |")
    print("|---|---|---|---|---|---|---|---|---|")
    shown = [row for row in rows if row.standing == "remark" or len(row.cases) >= _FEWEST]
    for row in sorted(shown, key=lambda row: (row.standing != "remark", -row.spoken, row.rule)):
        print(_line(row))


def _line(row: Row) -> str:
    spoken = f"{row.spoken} | {100 * row.spoken / row.changes:.1f} | {row.repositories}"
    start = f"| `{row.rule}` | {row.standing} | {spoken} | {row.outcome} |"
    total = len(row.cases)
    found = row.lift
    if found is None:
        return f"{start} – | – | – |"
    ratio = f"{found.ratio:.2f} " if row.came and row.usual else ""  # from nothing it says nothing
    shown = f"{ratio}[{found.low:.2f}, {found.high:.2f}]"
    few = " (few)" if total < _FEWEST else ""
    return f"{start} {row.came} of {total} ({row.came / total:.0%}) | {row.usual:.0%} | {shown}{few} |"
