"""Insights with their dismissals, and a pull request with its insights."""

from typing import Any

from bot.web.api.models import analyses, insight_detail
from bot.web.api.models import insights as models
from bot.web.api.models.examples.analyses import CHANGE, RISK
from bot.web.api.models.examples.names import CHANGE_ANALYSIS, CREATED, HEAD, INSIGHT, LAST, REPOSITORY, page

INSIGHT_ANSWER: dict[str, Any] = {
    "id": INSIGHT,
    "repository_id": REPOSITORY,
    "type": "code_quality",
    "title": "In `settle`, the cognitive complexity grew from 14 to 31",
    "description": "The cognitive complexity of `settle` went from 14 to 31; the threshold is 20.",
    "severity": "medium",
    "confidence_score": 0.9,
    "data": {
        "function": "settle",
        "before": {"ccn": 9, "cognitive": 14},
        "after": {"ccn": 17, "cognitive": 31},
        "thresholds": {"ccn": 15, "cognitive": 20},
        "rule": "complexity/function-grew",
        "standing": "remark",
        "way_out": "Move the inner loop into a function of its own.",
        "confidence_reason": "counted in both versions",
    },
    "model_version": "gitinsight 0.1.0",
    "tags": ["complexity", "python"],
    "locations": [{"path": "app/orders.py", "start_line": 12, "end_line": 58}],
    "fingerprint": "5f0c1d2e3a4b5c6d",
    "analysis_id": CHANGE_ANALYSIS,
    "pull_request": 42,
    "pull_request_title": "Orders are settled in one place",
    "pull_request_author": "octocat",
    "head_sha": HEAD,
    "created_at": CREATED,
    "updated_at": CREATED,
    "dismissed": False,
}
DISMISSAL: dict[str, Any] = {
    "reason": "by_design",
    "note": "A table of cases reads best in one place.",
    "by": "octocat",
    "created_at": LAST,
    "ends_at": None,
}
_EARLIER = INSIGHT_ANSWER | {"id": "1c5e9d70-2b4a-4e6f-8d3c-9f0a1b2c3d4e", "created_at": "2026-03-01T16:02:10Z"}
_EARLIER |= {"updated_at": LAST, "dismissed": True}
EXAMPLES: dict[type[object], Any] = {
    analyses.PullRequestView: {
        "repository_id": REPOSITORY,
        "number": 42,
        "title": "Orders are settled in one place",
        "author": "octocat",
        "head_sha": HEAD,
        "analyses": [CHANGE],
        "insights": [INSIGHT_ANSWER],
        "risk": RISK,
    },
    models.InsightPage: page(INSIGHT_ANSWER) | {"next": None},
    models.DismissInsight: {"reason": "by_design", "note": "A table of cases reads best in one place."},
    models.DismissalView: DISMISSAL,
    insight_detail.InsightDetail: INSIGHT_ANSWER
    | {
        "updated_at": LAST,
        "dismissed": True,
        "dismissal": DISMISSAL,
        "earlier": [{"insight": _EARLIER, "analysis": CHANGE}],
        "later": [],
    },
}
