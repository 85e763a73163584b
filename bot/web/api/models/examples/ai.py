"""Measured files, and summaries of the stored history."""

from typing import Any

from bot.web.api.models import ai as models
from bot.web.api.models.examples.insights import INSIGHT_ANSWER
from bot.web.api.models.examples.names import HEAD, LATER, REPOSITORY

_FUNCTION = {
    "name": "settle",
    "start_line": 12,
    "end_line": 58,
    "ccn": 17,
    "cognitive": 31,
    "nloc": 44,
    "parameters": 4,
    "nesting": 5,
}
_HOTSPOT = INSIGHT_ANSWER | {
    "id": "8d0c4b9a-3f6e-5a21-9c7d-e2b1a0f9d8c7",
    "type": "hotspot",
    "title": "`app/orders.py` changes often and is complex",
    "description": "It was changed 64 times within a year, 17 of them fixes.",
    "severity": "medium",
    "confidence_score": 0.8,
    "data": {
        "path": "app/orders.py",
        "revisions": 64,
        "fixes": 17,
        "rule": "repository/hotspot",
        "standing": "remark",
        "way_out": "Split it before the next feature.",
        "confidence_reason": "counted",
    },
    "tags": ["history"],
    "locations": [{"path": "app/orders.py", "start_line": 1, "end_line": 1}],
    "fingerprint": "0a1b2c3d4e5f6071",
    "analysis_id": None,
    "pull_request": None,
    "pull_request_title": None,
    "pull_request_author": None,
    "head_sha": None,
    "created_at": LATER,
    "updated_at": LATER,
}
EXAMPLES: dict[type[object], Any] = {
    models.AnalyzeCode: {
        "repository_id": REPOSITORY,
        "file_paths": ["app/orders.py", "app/no_such_file.py"],
        "analysis_types": ["complexity", "maintainability", "security"],
    },
    models.CodeResults: {
        "repository_id": REPOSITORY,
        "head_sha": HEAD,
        "results": [
            {
                "file_path": "app/orders.py",
                "language": "Python",
                "error": None,
                "complexity": {"functions": [_FUNCTION], "max_ccn": 17, "total_ccn": 17, "nloc": 44},
                "maintainability": {"index": 41.7},
                "security": {
                    "findings": [
                        {
                            "rule": "security/S602",
                            "title": "A shell runs a command: `app/orders.py` line 70",
                            "severity": "high",
                            "confidence_score": 0.8,
                            "start_line": 70,
                            "end_line": 70,
                            "way_out": "Pass the command as a list, without `shell=True`.",
                        }
                    ]
                },
            },
            {
                "file_path": "app/no_such_file.py",
                "language": None,
                "error": "There is no such file on the default branch.",
                "complexity": None,
                "maintainability": None,
                "security": None,
            },
        ],
    },
    models.GenerateInsights: {
        "repository_id": REPOSITORY,
        "data_sources": ["commits", "issues", "pull_requests"],
        "insight_types": ["trends", "patterns", "recommendations"],
    },
    models.GeneratedInsights: {
        "repository_id": REPOSITORY,
        "generated_at": LATER,
        "as_of": HEAD,
        "insights": [_HOTSPOT],
        "missing": [
            {
                "source": "issues",
                "reason": "Half of GitHub's limit is spent. The sync goes on at 2026-03-02 10:00 UTC.",
                "until": "2026-03-02T10:00:00Z",
            }
        ],
    },
}
