"""The stand-in as an aiohttp application: its routes, its parts and its background tasks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from bot.local import (
    app_api,
    checks_api,
    comments_api,
    deliveries_api,
    git_http,
    items_api,
    manifests,
    pages,
    repositories_api,
    reviews_api,
    sign_in,
    users_api,
)
from bot.local.config import LocalConfig
from bot.local.grants import Manifests, SignIns
from bot.local.hub import Hub
from bot.local.keys import CONFIG, FAULTS, HUB, MANIFESTS, RATE, SIGN_INS, STATE, UNKNOWN_FIELDS, WATCH, WEBHOOKS
from bot.local.page_frame import protected_page
from bot.local.rate_limit import RateLimit
from bot.local.responses import Handler, not_found, rest_handler
from bot.local.state import State
from bot.local.watch import Watch
from bot.local.webhooks import Webhooks

# The largest request is a check run with fifty annotations of more than 64 KB each.
_MAX_BODY = 16 * 1024 * 1024
_REPOSITORY = "/repos/{owner}/{repo}"
_NUMBER = r"{number:\d+}"
_ID = r"{id:\d+}"
ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/app", app_api.get_app),
    ("GET", "/app/installations", app_api.list_installations),
    ("GET", r"/app/installations/{installation_id:\d+}", app_api.get_installation),
    ("POST", r"/app/installations/{installation_id:\d+}/access_tokens", app_api.create_token),
    ("GET", "/app/hook/deliveries", deliveries_api.list_deliveries),
    ("GET", f"/app/hook/deliveries/{_ID}", deliveries_api.get),
    ("POST", f"/app/hook/deliveries/{_ID}/attempts", deliveries_api.redeliver),
    ("GET", "/installation/repositories", app_api.list_repositories),
    ("DELETE", "/installation/token", app_api.revoke_token),
    ("GET", "/rate_limit", app_api.get_rate_limit),
    ("GET", r"/repositories/{repository_id:\d+}", repositories_api.get_repository),
    ("GET", _REPOSITORY, repositories_api.get_repository),
    ("GET", f"{_REPOSITORY}/git/ref/heads/{{branch:.+}}", repositories_api.get_branch),
    ("GET", f"{_REPOSITORY}/installation", app_api.get_repository_installation),
    ("GET", f"{_REPOSITORY}/pulls", repositories_api.list_pulls),
    ("GET", f"{_REPOSITORY}/pulls/{_NUMBER}", repositories_api.get_pull),
    ("GET", f"{_REPOSITORY}/commits/{{sha}}/pulls", repositories_api.list_pulls_of_commit),
    *(("GET", f"{_REPOSITORY}{path}", handler) for path, handler in (*items_api.ROUTES, *reviews_api.ROUTES)),
    ("POST", f"{_REPOSITORY}/check-runs", checks_api.create),
    ("PATCH", f"{_REPOSITORY}/check-runs/{_ID}", checks_api.update),
    ("GET", f"{_REPOSITORY}/check-runs/{_ID}", checks_api.get),
    ("GET", f"{_REPOSITORY}/check-runs/{_ID}/annotations", checks_api.list_annotations),
    ("POST", f"{_REPOSITORY}/check-runs/{_ID}/rerequest", checks_api.rerequest),
    ("GET", f"{_REPOSITORY}/commits/{{ref:.+}}/check-runs", checks_api.list_for_ref),
    ("GET", f"{_REPOSITORY}/issues/{_NUMBER}/comments", comments_api.list_comments),
    ("POST", f"{_REPOSITORY}/issues/{_NUMBER}/comments", comments_api.create),
    ("GET", f"{_REPOSITORY}/issues/comments/{_ID}", comments_api.get),
    ("PATCH", f"{_REPOSITORY}/issues/comments/{_ID}", comments_api.update),
    ("DELETE", f"{_REPOSITORY}/issues/comments/{_ID}", comments_api.delete),
    ("POST", "/app-manifests/{code}/conversions", manifests.convert),
    ("GET", "/user", users_api.get_user),
    ("GET", "/user/installations", users_api.list_installations),
    ("GET", r"/user/installations/{installation_id:\d+}/repositories", users_api.list_repositories),
]


def create_app(config: LocalConfig, *, middlewares: tuple[Handler, ...] = ()) -> web.Application:
    """Create the stand-in. It opens the repository when it starts."""
    app = web.Application(client_max_size=_MAX_BODY, middlewares=middlewares)  # type: ignore[arg-type]
    state = State(config.home / "github.sqlite")
    webhooks = Webhooks(config, state)
    hub = Hub(config, state, webhooks)
    app[CONFIG], app[STATE], app[WEBHOOKS], app[HUB] = config, state, webhooks, hub
    app[WATCH], app[RATE], app[FAULTS], app[UNKNOWN_FIELDS] = Watch(hub), RateLimit(), [], []
    app[SIGN_INS], app[MANIFESTS] = SignIns(), Manifests()
    for method, path, handler in ROUTES:
        for root in ("", "/api/v3"):
            app.router.add_route(method, root + path, rest_handler(handler))
    app.router.add_get("/{owner}/{repo}.git/info/refs", git_http.info_refs)
    app.router.add_post("/{owner}/{repo}.git/git-upload-pack", git_http.fetch)
    app.router.add_get("/login/oauth/authorize", protected_page(sign_in.authorize))
    app.router.add_post("/login/oauth/access_token", sign_in.exchange)
    app.router.add_post("/settings/apps/new", manifests.register)
    app.router.add_post("/organizations/{org}/settings/apps/new", manifests.register)
    pages.add_routes(app)
    for root in ("/api/v3", "/repos", "/app", "/installation", "/user"):
        app.router.add_route("*", root + "/{rest:.*}", rest_handler(_unknown))
    app.cleanup_ctx.append(_running)
    return app


async def _unknown(_request: web.Request) -> web.StreamResponse:
    return not_found().response()


async def _running(app: web.Application) -> AsyncIterator[None]:
    await app[HUB].open()
    await app[HUB].write_refs()
    await app[WATCH].look()
    running = (app[WEBHOOKS].run(), app[WATCH].run(), app[WATCH].replay_remarked())
    tasks = [asyncio.create_task(work) for work in running]
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    app[STATE].close()
