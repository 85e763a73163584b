"""Analyses of whole repositories and of changes."""

from typing import Any

from bot.web.api.models import analyses as models
from bot.web.api.models.examples.names import (
    ANALYSIS,
    BASE,
    CHANGE_ANALYSIS,
    CREATED,
    HEAD,
    LATER,
    REPOSITORY,
    page,
)

CHANGE: dict[str, Any] = {
    "id": CHANGE_ANALYSIS,
    "repository_id": REPOSITORY,
    "kind": "pull_request",
    "pull_request": 42,
    "pull_request_title": "Orders are settled in one place",
    "pull_request_author": "octocat",
    "ref": "main",
    "head_sha": HEAD,
    "merge_base": BASE,
    "status": "completed",
    "step": "done",
    "step_name": "Done",
    "progress": 1.0,
    "conclusion": "neutral",
    "error": None,
    "seconds": {"start": 0.4, "fetch": 1.2, "history": 0.3, "read": 0.2, "scan": 1.9, "analyze": 0.8, "save": 0.1},
    "created_at": CREATED,
    "started_at": CREATED,
    "finished_at": LATER,
}
RISK: dict[str, Any] = {
    "model_version": "own-1812",
    "probability": 0.21,
    "percentile": 0.87,
    "made_at": LATER,
    "outcome": None,
    "outcome_at": None,
}
EXAMPLES: dict[type[object], Any] = {
    models.StartAnalysis: {
        "analysis_type": "full",
        "options": {
            "include_code_quality": True,
            "include_security_scan": True,
            "include_dependency_analysis": False,
            "ai_insights": True,
        },
    },
    models.Job: {"job_id": ANALYSIS, "status": "queued", "estimated_duration": 48.5, "created_at": CREATED},
    models.JobState: {
        "job_id": ANALYSIS,
        "status": "in_progress",
        "step": "history",
        "step_name": "Reading the history",
        "progress": 0.31,
        "created_at": CREATED,
        "started_at": CREATED,
        "finished_at": None,
        "error": None,
        "insights_count": 0,
    },
    models.AnalysisPage: page(CHANGE),
}
