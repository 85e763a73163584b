"""The HTML pages: the list of pull requests, one pull request, the branches, one commit.

The server renders them. The only script reloads the content (`static/refresh.js`).
"""

from dataclasses import dataclass

from aiohttp import web

from bot.git.run import SHA, GitError
from bot.git.shallow import is_shallow
from bot.local import git_commits
from bot.local.config import BOT_LOGIN
from bot.local.diff_view import DiffView, view
from bot.local.hub import Hub
from bot.local.keys import HUB, STATE
from bot.local.page_frame import HERE, page, protected_page
from bot.local.records import CheckRun, PullRequest
from bot.local.responses import Handler

_MAX_PATCH = 8 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """A row of a list: a pull request or the head of a branch, with its latest check run.

    commented: whether the App has commented on the pull request.
    """

    sha: str
    title: str
    run: CheckRun | None
    pull: PullRequest | None = None
    commented: bool = False
    when: str = ""


def add_routes(app: web.Application) -> None:
    """Add the routes of the pages."""
    repository = "/{owner}/{repo}"
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "/", index),
        ("GET", repository, index),
        ("GET", f"{repository}/pulls", pulls),
        ("GET", f"{repository}/pushes", pushes),
        ("GET", f"{repository}/pull/{{number:\\d+}}", pull),
        ("GET", f"{repository}/commit/{{sha}}", commit),
        ("GET", f"{repository}/runs/{{id:\\d+}}", run),
        ("POST", f"{repository}/runs/{{id:\\d+}}/rerequest", rerequest),
    ]
    for method, path, handler in routes:
        app.router.add_route(method, path, protected_page(handler))
    app.router.add_static("/_static/", HERE / "static")


async def index(request: web.Request) -> web.StreamResponse:
    """Redirect to the list of pull requests."""
    raise web.HTTPFound(f"/{request.app[HUB].identity.full_name}/pulls")


async def pulls(request: web.Request) -> web.StreamResponse:
    """List all pull requests: first those of branches, then the replayed ones."""
    newest_first = sorted(request.app[STATE].pulls, key=lambda pull: -pull.number)
    rows = [_row_of_pull(request, pull) for pull in newest_first]
    live = [row for row in rows if row.pull and not row.pull.replayed]
    past = [row for row in rows if row.pull and row.pull.replayed]
    past.sort(key=lambda row: not _has_remark(row.run))
    done = sum(row.run is not None and row.run.status == "completed" for row in rows)
    silent = bool(done) and not any(_has_remark(row.run) for row in rows)
    return page(request, "pulls.html", live=live, past=past, silent=done if silent else 0)


def _has_remark(run: CheckRun | None) -> bool:
    return run is not None and bool(run.annotations) and run.conclusion in {"neutral", "failure"}


def _row_of_pull(request: web.Request, pull: PullRequest) -> Row:
    state = request.app[STATE]
    commented = any(comment.user == BOT_LOGIN for comment in state.comments_on(pull.number))
    return Row(pull.head_sha, pull.title, _latest(request, pull.head_sha), pull, commented, pull.created_at)


async def pushes(request: web.Request) -> web.StreamResponse:
    """List the head of each branch, the default branch first."""
    hub, state = request.app[HUB], request.app[STATE]
    branches = sorted(state.branches, key=lambda branch: (branch.name != hub.default_branch, branch.name))
    rows = [Row(branch.sha, branch.name, _latest(request, branch.sha)) for branch in branches]
    return page(request, "pushes.html", rows=rows)


def _latest(request: web.Request, sha: str) -> CheckRun | None:
    return next(iter(request.app[STATE].runs_at(sha)), None)


async def pull(request: web.Request) -> web.StreamResponse:
    """Show a pull request: the conversation, the check runs, and the diff with its annotations."""
    state = request.app[STATE]
    shown = state.pulls.get(int(request.match_info["number"]))
    if shown is None:
        raise web.HTTPNotFound
    runs = _latest_by_name(state.runs_at(shown.head_sha))
    diff = await _diff(request.app[HUB], shown.base_sha, shown.head_sha, runs)
    return page(request, "pull.html", pull=shown, runs=runs, comments=state.comments_on(shown.number), diff=diff)


def _latest_by_name(newest_first: list[CheckRun]) -> list[CheckRun]:
    latest: dict[str, CheckRun] = {}
    for check_run in newest_first:
        latest.setdefault(check_run.name, check_run)
    return list(latest.values())


async def _diff(hub: Hub, base: str | None, head: str, runs: list[CheckRun]) -> DiffView:
    annotations = [annotation for check_run in runs for annotation in check_run.annotations]
    try:
        if base:
            ancestor = await git_commits.merge_base(hub.served, base, head)
            if ancestor is None and is_shallow(hub.served):
                return DiffView([], annotations, "This clone is shallow. Run `git fetch --unshallow` to see the diff.")
            base = ancestor or base
        patch = await git_commits.patch(hub.served, base, head, max_output=_MAX_PATCH)
    except GitError:
        return DiffView([], annotations, "The diff is too large to show, or this clone lacks parts of it.")
    return view(patch, annotations)


async def commit(request: web.Request) -> web.StreamResponse:
    """Show a commit: its message, its check runs, and its diff against its first parent."""
    sha = request.match_info["sha"]
    hub, state = request.app[HUB], request.app[STATE]
    shown = await git_commits.commit(hub.served, sha) if SHA.fullmatch(sha) else None
    if shown is None:
        raise web.HTTPNotFound
    runs = _latest_by_name(state.runs_at(sha))
    diff = await _diff(hub, shown.parents[0] if shown.parents else None, sha, runs)
    branches = [branch.name for branch in state.branches if branch.sha == sha]
    return page(request, "commit.html", commit=shown, runs=runs, diff=diff, branches=branches)


async def run(request: web.Request) -> web.StreamResponse:
    """Redirect to the page that shows the check run. A check run has no page of its own here."""
    raise web.HTTPFound(_url_of(request, _run(request)))


async def rerequest(request: web.Request) -> web.StreamResponse:
    """Request the check run again: the button "Re-run"."""
    check_run = _run(request)
    await request.app[HUB].rerequest(check_run.id)
    raise web.HTTPSeeOther(_url_of(request, check_run))


def _run(request: web.Request) -> CheckRun:
    check_run = request.app[STATE].check_runs.get(int(request.match_info["id"]))
    if check_run is None:
        raise web.HTTPNotFound
    return check_run


def _url_of(request: web.Request, check_run: CheckRun) -> str:
    base = f"/{request.app[HUB].identity.full_name}"
    for pull in request.app[STATE].pulls:
        if pull.head_sha == check_run.head_sha:
            return f"{base}/pull/{pull.number}#checks"
    return f"{base}/commit/{check_run.head_sha}#checks"
