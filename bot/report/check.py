"""A report as the check run's output: conclusion, summary and ranked annotations."""

from collections.abc import Sequence

from bot.domain.github_files import NO_FILES, GitHubFiles
from bot.domain.insights import Insight, Severity
from bot.domain.published import Annotation, CheckOutput, Conclusion
from bot.report.markdown import MAX_TITLE, summary, title
from bot.report.selection import Selection, conclusion
from bot.text import without_spans

_LEVEL = {
    Severity.INFO: "notice",
    Severity.LOW: "notice",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "warning",
    Severity.CRITICAL: "failure",
}
_MAX_MESSAGE = 4_000


def check_output(
    selection: Selection, details_url: str, notes: Sequence[str] = (), files: GitHubFiles = NO_FILES
) -> CheckOutput:
    """Everything the concluded check run shows.

    notes: sentences on what could not be posted, as Markdown.
    files: the files at the head on GitHub, which places link.
    """
    return CheckOutput(
        conclusion=conclusion(selection),
        title=title(selection),
        summary=summary(selection, details_url, notes, files),
        annotations=annotations(selection),
        text=selection.details,
    )


def annotations(selection: Selection) -> tuple[Annotation, ...]:
    """The worst remarks that have a place, at most as many as the configuration allows."""
    placed = [remark for remark in selection.remarks if remark.locations]
    return tuple(_annotation(remark) for remark in placed[: selection.report.config.max_annotations])


def _annotation(remark: Insight) -> Annotation:
    """GitHub shows title and message as plain text."""
    place = remark.locations[0]
    lines = [
        remark.description,
        remark.remedy,
        f"Confidence {remark.confidence.score:.0%}: {remark.confidence.reason}.",
        f"{remark.rule}. If it is intended, say so; a maintainer can dismiss it under Details.",
    ]
    return Annotation(
        path=place.path,
        start_line=max(1, place.start_line),
        end_line=max(1, place.start_line, place.end_line),
        level=_LEVEL[remark.severity],
        title=without_spans(remark.title)[:MAX_TITLE],
        message="\n".join(without_spans(line) for line in lines if line)[:_MAX_MESSAGE],
    )


def ended(conclusion: Conclusion, title: str, reason: str) -> CheckOutput:
    """The output of a run that ends without a report: superseded, given up, failed. `reason` is ours."""
    return CheckOutput(conclusion=conclusion, title=title[:MAX_TITLE], summary=reason)
