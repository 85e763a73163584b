"""What is synced from GitHub."""

from typing import Any

from bot.web.api.models import sync as models
from bot.web.api.models.examples.names import CREATED, LAST, page

_OCTOCAT: dict[str, Any] = {"id": 583231, "login": "octocat", "is_bot": False}
_ISSUES: dict[str, Any] = {
    "resource": "issues",
    "status": "done",
    "done": 812,
    "total": 812,
    "since": LAST,
    "completed_at": CREATED,
    "due_at": "2026-03-15T02:11:00Z",
    "reason": "",
}
_REASON = "12 of 340 pull requests are read. The sync goes on at 2026-03-14 10:00 UTC."
EXAMPLES: dict[type[object], Any] = {
    models.SyncState: {
        "status": "running",
        "sentence": "The issues are synced. The reviews are being read: 12 of 340 pull requests.",
        "missing": [{"source": "pull_requests", "reason": _REASON, "until": "2026-03-14T10:00:00Z"}],
        "resources": [
            _ISSUES,
            _ISSUES
            | {"resource": "reviews", "status": "running", "done": 12, "total": 340, "since": None}
            | {"completed_at": None, "due_at": None},
        ],
    },
    models.ItemPage: page(
        {
            "number": 42,
            "kind": "pull_request",
            "title": "Orders are settled in one place",
            "author": _OCTOCAT,
            "state": "closed",
            "state_reason": None,
            "labels": ["refactoring"],
            "milestone": None,
            "comments": 3,
            "created_at": LAST,
            "updated_at": CREATED,
            "closed_at": CREATED,
            "draft": False,
            "merged_at": CREATED,
            "merged_by": _OCTOCAT,
            "url": "https://github.com/octocat/hello-world/pull/42",
        }
    ),
    models.ContributorPage: page({"account": _OCTOCAT, "contributions": 1204}),
}
