"""`/repositories`: register, list, read, change and delete repositories."""

import logging
from typing import Any

from aiohttp import ClientSession, web
from gidgethub import BadRequest

from bot.db import repositories, whole_analyses
from bot.db.repositories import Given
from bot.db.repository_views import RepositoryFilter, get_repository
from bot.db.repository_views import list_repositories as find_repositories
from bot.domain.analyses import Scope
from bot.domain.orders import RepositoryRef
from bot.errors import RetryLater
from bot.github.repositories import NotInstalled, find_repository, install_url
from bot.github.tokens import App
from bot.queue.enqueue import enqueue_delete_mirror, enqueue_repository_analyses
from bot.web.api.calls import RequestContext, call
from bot.web.api.github_url import owner_and_name
from bot.web.api.models.repositories import (
    ChangeRepository,
    RegisterRepository,
    Repository,
    RepositoryPage,
    RepositoryQuery,
    repository_answer,
)
from bot.web.api.notifications import OUTBOUND, SEALER, check_webhook
from bot.web.api.problems import forbidden, not_found, problem
from bot.web.auth import Role
from bot.web.enqueueing import enqueued

GITHUB = web.AppKey("github", App)
GITHUB_URL = web.AppKey("github_url", str)
SESSION = web.AppKey("github_session", ClientSession)
log = logging.getLogger(__name__)


@call("POST", "/repositories", status=201, problems=(403, 404, 409, 502, 503))
async def register_repository(context: RequestContext, body: RegisterRepository) -> Repository:
    """Register a repository that the GitHub App is installed on.

    With `auto_analyze`, its pushes and pull requests are analyzed, and a first full analysis starts now.
    404: the App is not installed on the repository; `install_url` is the address of the installation page.
    409: the repository is already registered; `repository_id` is its id.
    """
    if context.identity.role is Role.VIEWER:
        raise forbidden("maintainer")
    try:
        owner, name = owner_and_name(body.github_url, context.request.app[GITHUB_URL])
    except ValueError as wrong:
        raise problem(422, "not-a-repository-url", str(wrong), "github_url") from None
    ref = await _find_on_github(context, owner, name)
    if not context.identity.may_see(ref.github_id):
        # The same answer as for a repository that does not exist: what GitHub hides from the caller stays hidden.
        app = context.request.app
        raise _not_installed(await install_url(app[SESSION], app[GITHUB]))
    if not context.identity.may_change(ref.github_id):
        raise forbidden("maintainer")
    check_webhook(context.request.app[OUTBOUND], body.notification_settings.webhook_url)
    registered = await repositories.register(
        context.db,
        context.request.app[SEALER],
        ref,
        auto_analyze=body.auto_analyze,
        notification_settings=body.notification_settings.model_dump(),
        given=Given(body.description or None, body.language or None),
        by=context.actor,
    )
    if not registered.fresh:
        sentence = f"{ref.full_name} is already registered."
        raise problem(409, "known", sentence, "github_url", repository_id=str(registered.id))
    if body.auto_analyze and (row := await whole_analyses.start(context.db, registered.id, Scope(), context.actor)):
        await enqueued(context.request, enqueue_repository_analyses, [row.id])
    view = await get_repository(context.db, registered.id)
    if view is None:
        raise not_found()
    return repository_answer(view)


async def _find_on_github(context: RequestContext, owner: str, name: str) -> RepositoryRef:
    """The repository, as GitHub shows it to the App. Raises 404, 502 and 503."""
    app = context.request.app
    try:
        return await find_repository(app[SESSION], app[GITHUB], owner, name)
    except NotInstalled as missing:
        raise _not_installed(missing.install_url) from None
    except RetryLater as later:
        seconds = str(max(1, int(later.after)))
        raise problem(503, "github-away", f"{later}.", headers={"Retry-After": seconds}) from None
    except BadRequest as refused:
        log.warning("GitHub refused the request for %s/%s: %s", owner, name, refused)
        sentence = "GitHub refused the request. The operator's log has its answer."
        raise problem(502, "github-refused", sentence) from None


def _not_installed(url: str | None) -> web.HTTPException:
    more: dict[str, Any] = {"install_url": url} if url else {}
    remedy = f" Install it at {url}." if url else ""
    sentence = f"The GitHub App is not installed on this repository.{remedy}"
    return problem(404, "not-installed", sentence, "github_url", **more)


@call("GET", "/repositories")
async def list_repositories(context: RequestContext, query: RepositoryQuery) -> RepositoryPage:
    """List the repositories that you may see, by name."""
    filters = RepositoryFilter(
        language=query.language,
        q=query.q,
        analysis_status=query.analysis_status,
        github_ids=context.identity.repositories,
    )
    page = await find_repositories(context.db, limit=query.limit, offset=query.offset, filters=filters)
    items = [repository_answer(view) for view in page.items]
    return RepositoryPage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("GET", "/repositories/{id}", problems=(404,), cached=True)
async def read_repository(context: RequestContext) -> Repository:
    """Read one repository."""
    return repository_answer(await context.repository())


@call("PUT", "/repositories/{id}", problems=(403, 404))
async def change_repository(context: RequestContext, body: ChangeRepository) -> Repository:
    """Change the settings of a repository. Fields that are left out keep their values.

    `notification_settings` is a merge patch (RFC 7396): in it, too, fields that are left out keep their values, and
    null removes a value. A webhook whose address does not change keeps its secret.
    """
    view = await context.repository(change=True)
    settings = body.notification_settings
    check_webhook(context.request.app[OUTBOUND], settings.webhook_url if settings else None)
    changed = await repositories.change(
        context.db,
        context.request.app[SEALER],
        view.id,
        auto_analyze=body.auto_analyze,
        notification_settings=settings.patch() if settings else None,
        by=context.actor,
    )
    if changed is None:
        raise not_found()
    return repository_answer(await context.repository())


@call("DELETE", "/repositories/{id}", problems=(403, 404))
async def delete_repository(context: RequestContext) -> None:
    """Delete a repository with everything that is stored about it, even while it is being analyzed.

    The GitHub App stays installed: the next push or pull request adds the repository again. To prevent that, uninstall
    the App.
    """
    view = await context.repository(change=True)
    if not await repositories.remove(context.db, view.id, context.actor):
        raise not_found()
    await enqueued(context.request, enqueue_delete_mirror, view.github_id)
