"""An insight as JSON: the names that the REST API and `preview --format json` have for it."""

from typing import Any

from bot.domain.insights import Insight


def report_json(insight: Insight) -> dict[str, Any]:
    """An insight of a report; `data` is its evidence."""
    return _statement(insight) | _origin(insight) | {"data": dict(insight.evidence)}


def rest_json(insight: Insight) -> dict[str, Any]:
    """An insight of the REST API, without its ids; `data` is its evidence, with the rule and the remedy."""
    return _statement(insight) | {"data": dict(insight.evidence) | _origin(insight)}


def _statement(insight: Insight) -> dict[str, Any]:
    return {
        "type": insight.type.value,
        "title": insight.title,
        "description": insight.description,
        "severity": insight.severity.value,
        "confidence_score": insight.confidence.score,
        "tags": list(insight.tags),
        "locations": [
            {"path": place.path, "start_line": place.start_line, "end_line": place.end_line}
            for place in insight.locations
        ],
        "fingerprint": insight.fingerprint,
    }


def _origin(insight: Insight) -> dict[str, Any]:
    return {
        "rule": insight.rule,
        "standing": insight.standing.value,
        "way_out": insight.remedy,
        "confidence_reason": insight.confidence.reason,
    }
