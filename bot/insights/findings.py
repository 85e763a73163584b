"""What is known of a whole repository, and the insights on it: what recommendations rest on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.insights import Insight, InsightType, Severity, Standing
from bot.domain.past import Past


@dataclass(frozen=True, slots=True)
class Findings:
    """The snapshots, and the insights on them, on trends and on the quality of the code.

    A recommendation names the insights that it rests on. An insight that was dismissed is not among them.
    """

    past: Past
    insights: Sequence[Insight]
    _by_fingerprint: dict[str, Insight] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the insights."""
        object.__setattr__(self, "_by_fingerprint", {one.fingerprint: one for one in self.insights})

    def get(self, fingerprint: str) -> Insight | None:
        """The insight with this fingerprint, if it is a finding."""
        return self._by_fingerprint.get(fingerprint)

    def on_file(self, path: str, *types: InsightType) -> list[Insight]:
        """The insights of these types whose first location is this file, in their order; notes are left out."""
        return [
            one
            for one in self.insights
            if one.type in types and one.locations and one.locations[0].path == path and one.standing is Standing.REMARK
        ]

    def worse_trends(self, *keys: str) -> list[Insight]:
        """At most one insight on a trend to the worse, of the metrics with these keys."""
        rules = {f"repository/trend/{key}" for key in keys}
        return [one for one in self.insights if one.rule in rules and one.severity is not Severity.INFO][:1]

    def hard_functions(self, path: str) -> list[Insight]:
        """The insights on functions of this file that are clearly hard to follow, hardest first."""
        return [
            one
            for one in self.on_file(path, InsightType.CODE_QUALITY)
            if one.rule == "repository/function" and one.severity.rank >= Severity.MEDIUM.rank
        ]
