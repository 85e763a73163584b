"""The table of calls, and the routes made from it."""

from collections.abc import Iterable

from aiohttp import web

from bot.web.api import ai, analyses, insights, notifications, repositories, snapshots, sync, users
from bot.web.api.calls import Call
from bot.web.api.dispatch import handler

BASE = "/api/v1"
CALLS: tuple[Call, ...] = (
    repositories.register_repository,
    repositories.list_repositories,
    repositories.read_repository,
    repositories.change_repository,
    repositories.delete_repository,
    analyses.start_analysis,
    analyses.read_status,
    analyses.cancel_analysis,
    insights.list_insights,
    insights.list_similar,
    insights.read_insight,
    insights.dismiss_insight,
    insights.restore_insight,
    analyses.list_analyses,
    analyses.read_pull_request,
    snapshots.read_trends,
    snapshots.read_hotspots,
    snapshots.read_ownership,
    snapshots.read_coupling,
    snapshots.read_model_card,
    snapshots.read_back_test,
    sync.read_sync,
    sync.list_issues,
    sync.list_contributors,
    notifications.read_webhook,
    notifications.renew_secret,
    notifications.test_webhook,
    notifications.list_deliveries,
    notifications.replay_delivery,
    notifications.subscribe,
    ai.analyze_code,
    ai.generate_insights,
    users.read_me,
    users.list_users,
    users.change_user,
    users.delete_user,
    users.refresh_token,
    users.revoke_token,
)


def routes(calls: Iterable[Call] = CALLS) -> list[web.RouteDef]:
    """One route per path, for all its methods; and one for every unknown path below `/api`."""
    paths: dict[str, dict[str, Call]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method] = call
    return [
        *(web.route("*", BASE + path, handler(methods)) for path, methods in paths.items()),
        web.route("*", "/api/{rest:.*}", handler({})),
    ]
