"""The shape of a recommendation before it becomes an insight, and its words. Pure."""

from dataclasses import dataclass

from bot.domain.insights import Confidence, Insight, InsightType, Location, Severity, fingerprint
from bot.insights.receipts import Receipt, in_evidence

_AGREE = Confidence(0.8, "several findings agree")
_ONE = Confidence(0.7, "it rests on one tested finding")
_MOST_FINDINGS = 4
# A number below ten may be half as large in the next year by chance.
LEAST_MEASURED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The number by which we will know.

    today: its value now. usual: what it is elsewhere; None if unknown. goal: what it should be, in words.
    until: the day on which it is looked at again; empty if any day will do.
    """

    name: str
    today: float
    unit: str
    usual: float | None = None
    goal: str = ""
    until: str = ""

    def sentence(self) -> str:
        """Such as `fixes of the file in 365 days: 26 today, 12 would be usual; look again on 2027-06-01`."""
        usual = "" if self.usual is None else f", {_number(self.usual, '%' if self.unit == '%' else '')} would be usual"
        goal = f", should be {self.goal}" if self.goal else ""
        until = f"; look again on {self.until}" if self.until else ""
        return f"{self.name}: {_number(self.today, self.unit)} today{usual}{goal}{until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to do.

    name: its kind, the end of the rule. target: what it is about: paths, or words.
    title: what to do. first: the first step. facts: what it rests on, with the commits. effect: what it would change.
    benefit, effort: see `recommendations.py`. receipts: commands that count the facts again.
    """

    name: str
    target: tuple[str, ...]
    title: str
    first: str
    effect: str
    measure: Measure
    findings: tuple[Insight, ...]
    benefit: float
    effort: float
    locations: tuple[Location, ...] = ()
    facts: str = ""
    receipts: tuple[Receipt, ...] = ()

    @property
    def worth(self) -> float:
        """Benefit per effort."""
        return self.benefit / max(1.0, self.effort)

    @property
    def severity(self) -> Severity:
        """That of the most severe finding."""
        return max((one.severity for one in self.findings[:_MOST_FINDINGS]), key=lambda one: one.rank)

    def insight(self) -> Insight:
        """The recommendation. Of the evidence, only the receipts name commits and items, because these change often."""
        shown = self.findings[:_MOST_FINDINGS]
        why = f"Why: {'; '.join(one.title for one in shown)}."
        return Insight(
            type=InsightType.RECOMMENDATION,
            rule=f"repository/recommendation/{self.name}",
            title=self.title,
            description=f"{why} {f'{self.facts} ' if self.facts else ''}{self.effect} "
            f"How we will know: {self.measure.sentence()}.",
            remedy=f"First: {self.first}",
            severity=self.severity,
            confidence=_AGREE if len(shown) > 1 else _ONE,
            evidence={
                "findings": [{"fingerprint": one.fingerprint, "rule": one.rule, "title": one.title} for one in shown],
                "measure": {"name": self.measure.name, "today": self.measure.today, "usual": self.measure.usual},
                "benefit": round(self.benefit, 1),
                "effort": round(self.effort, 1),
                **({"receipts": in_evidence(self.receipts)} if self.receipts else {}),
            },
            locations=self.locations,
            tags=tuple(sorted({_source(tag) for one in shown for tag in one.tags} & _SOURCES)),
            fingerprint=fingerprint(f"repository/recommendation/{self.name}", *self.target),
        )


_SOURCES = frozenset({"commits", "issues", "pull_requests"})


def _source(tag: str) -> str:
    return "commits" if tag in ("history", "complexity") else tag


def _number(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.0%}"
    figure = f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.1f}"
    return f"{figure} {unit}".strip()
