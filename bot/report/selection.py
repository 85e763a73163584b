"""What of a report is shown: marked by the analyzers, decided here. Nothing is dropped, the rest is counted."""

from dataclasses import dataclass

from bot.domain.change import Report
from bot.domain.insights import Insight, Severity, Standing

SHOWN_REMARKS = 10
_WORTH_A_COMMENT = Severity.MEDIUM


@dataclass(frozen=True, slots=True)
class Selection:
    """remarks are worst first; failures are analyzers that failed."""

    remarks: tuple[Insight, ...]
    praise: tuple[Insight, ...]
    notes: tuple[Insight, ...]
    failures: tuple[Insight, ...]


def select(report: Report) -> Selection:
    """The report's insights by standing, remarks ranked by severity, then confidence."""
    ranked = sorted(report.insights, key=lambda one: (-one.severity.rank, -one.confidence.score, one.fingerprint))

    def of(standing: Standing) -> tuple[Insight, ...]:
        return tuple(insight for insight in ranked if insight.standing is standing)

    return Selection(of(Standing.REMARK), of(Standing.PRAISE), of(Standing.NOTE), of(Standing.FAILURE))


def conclusion(report: Report) -> str:
    """The check run's conclusion: red only where the repository's own configuration sets a gate."""
    chosen = select(report)
    gate = report.config.gate
    if gate is not None and any(remark.severity.rank >= gate.rank for remark in chosen.remarks):
        return "failure"
    if chosen.remarks or chosen.failures or report.config_problem:
        return "neutral"
    return "success" if report.files_analyzed else "skipped"


def worth_a_comment(report: Report) -> bool:
    """Whether the pull request gets a comment: a remark of medium severity or more, and comments are on."""
    worst = select(report).remarks[:1]
    return report.config.comment and any(remark.severity.rank >= _WORTH_A_COMMENT.rank for remark in worst)
