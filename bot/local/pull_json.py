"""Pull requests and check runs as GitHub's JSON."""

from bot.local.label_json import labels, milestone
from bot.local.records import Annotation, CheckRun, PullRequest
from bot.local.representations import Json, Representations, node_id
from bot.local.state import State

# The merge settings of a repository. GitHub sends them only in the head and the base of a pull request.
_MERGING = {
    "allow_squash_merge": True,
    "allow_merge_commit": True,
    "allow_rebase_merge": True,
    "allow_auto_merge": False,
    "allow_update_branch": False,
    "delete_branch_on_merge": False,
    "use_squash_pr_title_as_default": False,
    "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
    "squash_merge_commit_message": "COMMIT_MESSAGES",
    "merge_commit_title": "MERGE_MESSAGE",
    "merge_commit_message": "PR_TITLE",
}
_WITHOUT = ("assignee", "active_lock_reason", "auto_merge")


def _head_or_base(show: Representations, ref: str, sha: str, full_name: str | None) -> Json:
    owner = full_name.partition("/")[0] if full_name else "ghost"
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": show.user(owner) if full_name else None,
        "repo": show.repository(full_name) | _MERGING if full_name else None,
    }


def pull_simple(show: Representations, pull: PullRequest, state: State) -> Json:
    """Return a pull request in the form of GitHub's lists."""
    pull_id = show.identity.repository_id * 1000 + pull.number
    links = _pull_links(show, pull)
    names = {"url": "self", "html_url": "html", "issue_url": "issue"}
    return {
        "id": pull_id,
        "node_id": node_id("PullRequest", pull_id),
        **links,
        "diff_url": f"{links['html_url']}.diff",
        "patch_url": f"{links['html_url']}.patch",
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": show.user_or_null(pull.author),
        "body": pull.body or None,
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "merged_at": pull.merged_at or pull.closed_at if pull.merged else None,
        "merge_commit_sha": pull.merge_commit_sha if pull.merged else None,
        **dict.fromkeys(_WITHOUT),
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": labels(show, pull.labels, state),
        "milestone": milestone(show, pull.milestone, state),
        "draft": pull.draft,
        "head": _head_or_base(show, pull.head_ref, pull.head_sha, pull.head_repository),
        "base": _head_or_base(show, pull.base_ref, pull.base_sha, show.identity.full_name),
        "_links": {names.get(name, name.removesuffix("_url")): {"href": url} for name, url in links.items()},
        "author_association": "OWNER" if pull.author == show.identity.owner else "CONTRIBUTOR",
    }


def _pull_links(show: Representations, pull: PullRequest) -> dict[str, str]:
    number = pull.number
    api, issue = f"{show.api}/pulls/{number}", f"{show.api}/issues/{number}"
    return {
        "url": api,
        "html_url": f"{show.html}/pull/{number}",
        "issue_url": issue,
        "comments_url": f"{issue}/comments",
        "review_comments_url": f"{api}/comments",
        "review_comment_url": f"{show.api}/pulls/comments{{/number}}",
        "commits_url": f"{api}/commits",
        "statuses_url": f"{show.api}/statuses/{pull.head_sha}",
    }


def pull_full(show: Representations, pull: PullRequest, state: State) -> Json:
    """Return a pull request in GitHub's full form, with its counts."""
    return pull_simple(show, pull, state) | {
        "merged": pull.merged,
        "mergeable": None,
        "rebaseable": None,
        "mergeable_state": "unknown",
        "merged_by": show.user_or_null(pull.merged_by),
        "comments": state.comments.count("number = ?", pull.number),
        "review_comments": state.items.review_comments.count("number = ?", pull.number),
        "maintainer_can_modify": False,
        "commits": pull.commits,
        "additions": pull.additions,
        "deletions": pull.deletions,
        "changed_files": pull.changed_files,
    }


def minimal_pulls(show: Representations, state: State, sha: str) -> list[Json]:
    """Return the open pull requests with that head in the served repository. As on GitHub, forks are left out."""
    return [
        _minimal_pull(show, pull)
        for pull in state.pulls
        if pull.head_sha == sha and pull.state == "open" and pull.head_repository == show.identity.full_name
    ]


def _minimal_pull(show: Representations, pull: PullRequest) -> Json:
    identity = show.identity
    repository = {"id": identity.repository_id, "url": show.api, "name": identity.name}
    return {
        "id": identity.repository_id * 1000 + pull.number,
        "number": pull.number,
        "url": f"{show.api}/pulls/{pull.number}",
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": repository},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": repository},
    }


def check_run(show: Representations, run: CheckRun, state: State) -> Json:
    """Return a check run. It contains the number of annotations, not the annotations."""
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CheckRun", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": f"{show.api}/check-runs/{run.id}",
        "html_url": f"{show.html}/runs/{run.id}",
        "details_url": run.details_url or show.config.app_url or show.root,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{show.api}/check-runs/{run.id}/annotations",
        },
        "check_suite": {"id": suite_id(run.head_sha)},
        "app": show.app(),
        "pull_requests": minimal_pulls(show, state, run.head_sha),
    }


def suite_id(sha: str) -> int:
    """Return the id of the App's check suite on a commit."""
    return int(sha[:8], 16) + 1


def annotation(show: Representations, run: CheckRun, remark: Annotation) -> Json:
    """Return an annotation in the form of GitHub's lists."""
    return {
        "path": remark.path,
        "blob_href": f"{show.html}/blob/{run.head_sha}/{remark.path}",
        "start_line": remark.start_line,
        "start_column": remark.start_column,
        "end_line": remark.end_line,
        "end_column": remark.end_column,
        "annotation_level": remark.annotation_level,
        "title": remark.title,
        "message": remark.message,
        "raw_details": remark.raw_details,
    }
