"""The payloads of the webhooks that the stand-in sends, with the same fields as GitHub's.

Source: docs.github.com/webhooks/webhook-events-and-payloads. tests/local/test_payloads.py compares the field names
with published examples.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.git.run import ZERO
from bot.local.config import INSTALLATION_ID
from bot.local.git_commits import Commit
from bot.local.pull_json import check_run, minimal_pulls, pull_full, suite_id
from bot.local.records import CheckRun, PullRequest
from bot.local.representations import Json, Representations, node_id
from bot.local.state import State

_EMAIL = "noreply@localhost"


def installation_named() -> Json:
    """Return the installation as most payloads name it: by its id."""
    return {"id": INSTALLATION_ID, "node_id": node_id("IntegrationInstallation", INSTALLATION_ID)}


def _unix(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())


def installation(show: Representations, action: str) -> Json:
    """Return the payload of `installation`, action `created` or `new_permissions_accepted`."""
    repository = show.repository()
    return {
        "action": action,
        "installation": show.installation(),
        "repositories": [{name: repository[name] for name in ("id", "node_id", "name", "full_name", "private")}],
        "requester": None,
        "sender": show.owner(),
    }


def pull_request(show: Representations, pull: PullRequest, state: State, action: str, **more: Any) -> Json:
    """Return the payload of `pull_request`. more: the fields that only some actions have."""
    return {
        "action": action,
        "number": pull.number,
        "pull_request": pull_full(show, pull, state),
        **more,
        "repository": show.repository(open_issues=state.items.open_count()),
        "sender": show.owner(),
        "installation": installation_named(),
    }


@dataclass(frozen=True)
class Push:
    """A push to a branch.

    before: the old head; forty zeros for a new branch.
    after: the new head; forty zeros for a deleted branch.
    commits: the new commits, oldest first.
    head: the commit `after`; None for a deleted branch.
    """

    branch: str
    before: str
    after: str
    forced: bool
    commits: tuple[Commit, ...]
    head: Commit | None
    base_ref: str | None = None


def push(show: Representations, change: Push) -> Json:
    """Return the payload of `push`."""
    identity = show.identity
    owner = {"name": identity.owner, "email": _EMAIL} | show.owner()
    created_at = _unix(show.created_at)
    repository = show.repository() | {
        "owner": owner,
        "created_at": created_at,
        "pushed_at": int(datetime.now(UTC).timestamp()),
        "stargazers": 0,
        "master_branch": show.default_branch,
    }
    created, deleted = change.before == ZERO, change.after == ZERO
    compared = change.after[:12] if created else f"{change.before[:12]}...{change.after[:12]}"
    return {
        "ref": f"refs/heads/{change.branch}",
        "before": change.before,
        "after": change.after,
        "repository": repository,
        "pusher": {"name": identity.owner, "email": _EMAIL},
        "sender": show.owner(),
        "installation": installation_named(),
        "created": created,
        "deleted": deleted,
        "forced": change.forced,
        "base_ref": change.base_ref,
        "compare": f"{show.html}/{'commit' if created else 'compare'}/{compared}",
        "commits": [_commit(show, commit) for commit in change.commits],
        "head_commit": _commit(show, change.head) if change.head else None,
    }


def _commit(show: Representations, commit: Commit) -> Json:
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": commit.timestamp,
        "url": f"{show.html}/commit/{commit.sha}",
        "author": {"name": commit.author_name, "email": commit.author_email, "username": None},
        "committer": {"name": commit.committer_name, "email": commit.committer_email, "username": None},
        "added": list(commit.added),
        "removed": list(commit.removed),
        "modified": list(commit.modified),
    }


def check_run_rerequested(show: Representations, run: CheckRun, state: State, before: str) -> Json:
    """Return the payload of `check_run`, action `rerequested`: a person pressed "Re-run"."""
    shown = check_run(show, run, state)
    pulls = minimal_pulls(show, state, run.head_sha)
    shown["check_suite"] = {
        "id": suite_id(run.head_sha),
        "node_id": node_id("CheckSuite", suite_id(run.head_sha)),
        "head_branch": pulls[0]["head"]["ref"] if pulls else None,
        "head_sha": run.head_sha,
        "status": run.status,
        "conclusion": run.conclusion,
        "url": f"{show.api}/check-suites/{suite_id(run.head_sha)}",
        "before": before,
        "after": run.head_sha,
        "pull_requests": pulls,
        "app": show.app(),
        "created_at": run.started_at,
        "updated_at": run.completed_at or run.started_at,
    }
    return {
        "action": "rerequested",
        "check_run": shown,
        "repository": show.repository(open_issues=state.items.open_count()),
        "sender": show.owner(),
        "installation": installation_named(),
    }
