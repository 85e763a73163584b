"""A report as JSON."""

from typing import Any

from bot.report.insight_json import report_json
from bot.report.markdown import verdict
from bot.report.selection import Selection, conclusion


def as_json(chosen: Selection) -> dict[str, Any]:
    """The whole report; insights in the names of the REST API."""
    report = chosen.report
    return {
        "verdict": verdict(chosen),
        "conclusion": conclusion(chosen),
        "repository": report.repository,
        "head_sha": report.head_sha,
        "merge_base": report.merge_base,
        "engine": report.engine,
        "files_analyzed": report.files_analyzed,
        "config_problem": report.config_problem,
        "left_out": [{"path": item.path, "reason": item.reason} for item in report.left_out],
        "insights": [report_json(insight) for insight in report.insights],
    }
