"""The payloads of the webhooks that the stand-in sends, with the fields that GitHub's have.

Sources: docs.github.com/webhooks/webhook-events-and-payloads; tests/local/test_payloads.py compares the field names
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


def _installation() -> Json:
    return {"id": INSTALLATION_ID, "node_id": node_id("IntegrationInstallation", INSTALLATION_ID)}


def _unix(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())


def installation_created(show: Representations) -> Json:
    """`installation`, action `created`."""
    repository = show.repository()
    return {
        "action": "created",
        "installation": show.installation(),
        "repositories": [{name: repository[name] for name in ("id", "node_id", "name", "full_name", "private")}],
        "requester": None,
        "sender": show.owner(),
    }


def pull_request(show: Representations, pull: PullRequest, state: State, action: str, **more: Any) -> Json:
    """`pull_request` with the action; `more` are the fields that only some actions have."""
    return {
        "action": action,
        "number": pull.number,
        "pull_request": pull_full(show, pull, state),
        **more,
        "repository": show.repository(open_issues=_open(state)),
        "sender": show.owner(),
        "installation": _installation(),
    }


def _open(state: State) -> int:
    return sum(pull.state == "open" for pull in state.pulls)


@dataclass(frozen=True)
class Push:
    """What happened to a branch. before or after is forty zeros when it was made or deleted."""

    branch: str
    before: str
    after: str
    forced: bool
    commits: tuple[Commit, ...]
    head: Commit | None
    base_ref: str | None = None


def push(show: Representations, what: Push) -> Json:
    """`push`, with the commits oldest first."""
    identity = show.identity
    owner = {"name": identity.owner, "email": _EMAIL} | show.owner()
    since = _unix(show.created_at)
    repository = show.repository() | {
        "owner": owner,
        "created_at": since,
        "pushed_at": int(datetime.now(UTC).timestamp()),
        "stargazers": 0,
        "master_branch": show.default_branch,
    }
    created, deleted = what.before == ZERO, what.after == ZERO
    compared = what.after[:12] if created else f"{what.before[:12]}...{what.after[:12]}"
    return {
        "ref": f"refs/heads/{what.branch}",
        "before": what.before,
        "after": what.after,
        "repository": repository,
        "pusher": {"name": identity.owner, "email": _EMAIL},
        "sender": show.owner(),
        "installation": _installation(),
        "created": created,
        "deleted": deleted,
        "forced": what.forced,
        "base_ref": what.base_ref,
        "compare": f"{show.html}/{'commit' if created else 'compare'}/{compared}",
        "commits": [_commit(show, commit) for commit in what.commits],
        "head_commit": _commit(show, what.head) if what.head else None,
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
    """`check_run`, action `rerequested`: someone pressed "Re-run"."""
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
        "repository": show.repository(open_issues=_open(state)),
        "sender": show.owner(),
        "installation": _installation(),
    }
