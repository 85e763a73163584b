"""Pages for people: the pull requests, one of them, one commit. Server rendered, no script but the refresher."""

from dataclasses import dataclass

from aiohttp import web

from bot.git.run import SHA, GitError
from bot.local import git_commits
from bot.local.config import BOT_LOGIN
from bot.local.diff_view import DiffView, view
from bot.local.hub import Hub
from bot.local.keys import HUB, STATE
from bot.local.page_frame import HERE, page, protected_page
from bot.local.records import CheckRun, PullRequest
from bot.local.responses import Handler

_LARGEST_PATCH = 8 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """A line of the list: a pull request or the head of a branch, and what the App said of it."""

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
    """The way to the list."""
    raise web.HTTPFound(f"/{request.app[HUB].identity.full_name}/pulls")


async def pulls(request: web.Request) -> web.StreamResponse:
    """All pull requests, those of today above those of the past."""
    found = sorted(request.app[STATE].pulls, key=lambda one: -one.number)
    rows = [_row_of_pull(request, one) for one in found]
    live = [row for row in rows if row.pull and not row.pull.replayed]
    past = [row for row in rows if row.pull and row.pull.replayed]
    return page(request, "pulls.html", live=live, past=past)


def _row_of_pull(request: web.Request, one: PullRequest) -> Row:
    state = request.app[STATE]
    commented = any(comment.author == BOT_LOGIN for comment in state.comments_on(one.number))
    return Row(one.head_sha, one.title, _latest(request, one.head_sha), one, commented, one.created_at)


async def pushes(request: web.Request) -> web.StreamResponse:
    """The head of each branch, the default branch first."""
    hub, state = request.app[HUB], request.app[STATE]
    branches = sorted(state.branches, key=lambda branch: (branch.name != hub.default_branch, branch.name))
    rows = [Row(one.sha, one.name, _latest(request, one.sha)) for one in branches]
    return page(request, "pushes.html", rows=rows)


def _latest(request: web.Request, sha: str) -> CheckRun | None:
    return next(iter(request.app[STATE].runs_at(sha)), None)


async def pull(request: web.Request) -> web.StreamResponse:
    """One pull request: conversation, check runs, the diff with its remarks."""
    state = request.app[STATE]
    one = state.pulls.get(int(request.match_info["number"]))
    if one is None:
        raise web.HTTPNotFound
    runs = _of_each_name(state.runs_at(one.head_sha))
    shown = await _diff(request.app[HUB], one.base_sha, one.head_sha, runs)
    return page(request, "pull.html", pull=one, runs=runs, comments=state.comments_on(one.number), diff=shown)


def _of_each_name(runs: list[CheckRun]) -> list[CheckRun]:
    latest: dict[str, CheckRun] = {}
    for one in runs:
        latest.setdefault(one.name, one)
    return list(latest.values())


async def _diff(hub: Hub, base: str | None, head: str, runs: list[CheckRun]) -> DiffView:
    remarks = [remark for one in runs for remark in one.annotations]
    try:
        if base:
            base = await git_commits.merge_base(hub.served, base, head) or base
        patch = await git_commits.patch(hub.served, base, head, max_output=_LARGEST_PATCH)
    except GitError:
        return DiffView([], remarks, "The diff is too large to show, or parts of it are missing here.")
    return view(patch, remarks)


async def commit(request: web.Request) -> web.StreamResponse:
    """One commit: its message, its check runs, its diff against its first parent."""
    sha = request.match_info["sha"]
    hub, state = request.app[HUB], request.app[STATE]
    found = await git_commits.commit(hub.served, sha) if SHA.fullmatch(sha) else None
    if found is None:
        raise web.HTTPNotFound
    runs = _of_each_name(state.runs_at(sha))
    shown = await _diff(hub, found.parents[0] if found.parents else None, sha, runs)
    branches = [branch.name for branch in state.branches if branch.sha == sha]
    return page(request, "commit.html", commit=found, runs=runs, diff=shown, branches=branches)


async def run(request: web.Request) -> web.StreamResponse:
    """A check run has no page of its own here: the way to the page that shows it."""
    raise web.HTTPFound(_place_of(request, _run(request)))


async def rerequest(request: web.Request) -> web.StreamResponse:
    """The button "Re-run"."""
    found = _run(request)
    await request.app[HUB].rerequest(found.id)
    raise web.HTTPSeeOther(_place_of(request, found))


def _run(request: web.Request) -> CheckRun:
    found = request.app[STATE].check_runs.get(int(request.match_info["id"]))
    if found is None:
        raise web.HTTPNotFound
    return found


def _place_of(request: web.Request, found: CheckRun) -> str:
    base = f"/{request.app[HUB].identity.full_name}"
    for one in request.app[STATE].pulls:
        if one.head_sha == found.head_sha:
            return f"{base}/pull/{one.number}#checks"
    return f"{base}/commit/{found.head_sha}#checks"
