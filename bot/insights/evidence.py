"""What insights on patterns have in common. Pure."""

from dataclasses import asdict, fields
from datetime import UTC, datetime

from bot.domain.insights import Confidence
from bot.domain.patterns import CouplingCluster, FixArea, FollowUp, IssueTopic, LikePair, Period, SlowReview

TESTED = Confidence(0.9, "tested against chance, corrected for the number of groups looked at")
Pattern = CouplingCluster | FixArea | FollowUp | IssueTopic | SlowReview
_EXAMPLES = ("examples", "repaired")


def evidence_of(pattern: Pattern | LikePair, period: Period) -> dict[str, object]:
    """The numbers and names of a pattern, and the period they are of.

    The examples are left out: a dismissal holds until a name in the evidence changes (`domain.dismissals`), and the
    newest examples change with every commit. They are in the description.
    """
    known = asdict(pattern)
    named = {field.name: known[field.name] for field in fields(pattern) if field.name not in _EXAMPLES}
    return {**named, **period_facts(period)}


def period_facts(period: Period) -> dict[str, object]:
    """The period as JSON values."""
    days = {end: f"{datetime.fromtimestamp(getattr(period, end), UTC):%Y-%m-%d}" for end in ("since", "until")}
    return {**days, "sample": period.sample}


def joined(names: list[str], more: int, noun: str) -> str:
    """`a`, `a and b`, `a, b and 2 other files`."""
    shown = [*names, f"{more:,} other {noun}{'' if more == 1 else 's'}"] if more > 0 else names
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
