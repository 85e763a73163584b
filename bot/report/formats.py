"""A report as JSON and as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)."""

from typing import Any
from urllib.parse import quote

from bot.domain.insights import Insight, Severity, Standing
from bot.report.insight_json import report_json
from bot.report.markdown import verdict
from bot.report.selection import Selection, conclusion
from bot.text import without_spans

_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SARIF_LEVEL = {
    Severity.INFO: "note",
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}


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


def as_sarif(chosen: Selection) -> dict[str, Any]:
    """The remarks as SARIF results; other insights have no place in it."""
    report, remarks = chosen.report, chosen.remarks
    rules = list(dict.fromkeys(remark.rule for remark in remarks))
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "GitInsight",
                        "semanticVersion": report.engine.rpartition(" ")[2],
                        "rules": [{"id": rule, "shortDescription": {"text": rule}} for rule in rules],
                    }
                },
                "results": [_result(remark, rules) for remark in remarks if remark.standing is Standing.REMARK],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _result(remark: Insight, rules: list[str]) -> dict[str, Any]:
    message = (remark.title + ".", remark.description, remark.remedy)
    return {
        "ruleId": remark.rule,
        "ruleIndex": rules.index(remark.rule),
        "level": _SARIF_LEVEL[remark.severity],
        "message": {"text": " ".join(without_spans(text) for text in message if text)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.path), "uriBaseId": "%SRCROOT%"},
                    "region": {
                        "startLine": max(1, place.start_line),
                        "endLine": max(1, place.start_line, place.end_line),
                    },
                }
            }
            for place in remark.locations[:1]
        ],
        "partialFingerprints": {"gitinsight/v1": remark.fingerprint},
        "properties": {
            "confidence": remark.confidence.score,
            "severity": remark.severity.value,
            "evidence": dict(remark.evidence),
        },
    }
