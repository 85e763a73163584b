"""What is shown of a report: analyzers mark their insights, this module decides. What is not shown is counted."""

from dataclasses import dataclass

from bot.domain.change import Report
from bot.domain.insights import Insight, Severity, Standing
from bot.domain.published import Conclusion

SHOWN_REMARKS = 10
_WORTH_A_COMMENT = Severity.MEDIUM


@dataclass(frozen=True, slots=True)
class Group:
    """Remarks of one rule, shown as one. others: those beside the worst, in the order of paths and lines."""

    lead: Insight
    others: tuple[Insight, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """A report with its insights by standing, worst first.

    failures: analyzers that failed.
    dismissed: remarks that a person dismissed. They are not in `remarks`: they are not shown, and the gate and the
    conclusion do not count them.
    details: Markdown that only the check run shows, at its end.

    Made once per report and passed on: everything that renders a report takes one.
    """

    report: Report
    remarks: tuple[Insight, ...]
    praise: tuple[Insight, ...]
    notes: tuple[Insight, ...]
    failures: tuple[Insight, ...]
    dismissed: tuple[Insight, ...] = ()
    details: str = ""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The remarks folded by rule, in the order of the worst of each."""
        by_rule: dict[str, list[Insight]] = {}
        for remark in self.remarks:
            by_rule.setdefault(remark.rule, []).append(remark)
        return tuple(Group(first, tuple(sorted(rest, key=_place))) for first, *rest in by_rule.values())


def _place(insight: Insight) -> tuple[str, int, str]:
    first = insight.locations[0] if insight.locations else None
    return (first.path, first.start_line, insight.title) if first else ("", 0, insight.title)


def select(report: Report) -> Selection:
    """The report's insights by standing, remarks ranked by severity, then confidence; dismissed ones apart."""
    ranked = sorted(report.insights, key=lambda one: (-one.severity.rank, -one.confidence.score, one.fingerprint))

    kept = [insight for insight in ranked if insight.fingerprint not in report.dismissed]
    gone = [insight for insight in ranked if insight.fingerprint in report.dismissed]

    def of(standing: Standing) -> tuple[Insight, ...]:
        return tuple(insight for insight in kept if insight.standing is standing)

    return Selection(
        report,
        of(Standing.REMARK),
        of(Standing.PRAISE),
        of(Standing.NOTE),
        of(Standing.FAILURE),
        tuple(insight for insight in gone if insight.standing is Standing.REMARK),
    )


def conclusion(selection: Selection) -> Conclusion:
    """The check run's conclusion: red only where the repository's own configuration sets a gate."""
    report = selection.report
    gate = report.config.gate
    if gate is not None and any(remark.severity.rank >= gate.rank for remark in selection.remarks):
        return Conclusion.FAILURE
    if selection.remarks or selection.failures or report.config_problem:
        return Conclusion.NEUTRAL
    return Conclusion.SUCCESS if report.files_analyzed else Conclusion.SKIPPED


def worth_a_comment(selection: Selection) -> bool:
    """Whether the pull request gets a comment: a remark of medium severity or more, and comments are on."""
    worst = selection.remarks[:1]
    return selection.report.config.comment and any(remark.severity.rank >= _WORTH_A_COMMENT.rank for remark in worst)
