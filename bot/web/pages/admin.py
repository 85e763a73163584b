"""The pages for admins: users, deliveries and their replay, analyses in progress, and the audit log."""

import logging
from typing import Annotated, Literal

from aiohttp import web
from pydantic import StringConstraints
from redis.exceptions import RedisError

from bot.db import access, audit, inbox_list, page_queries
from bot.db.access import ROLES
from bot.domain.deliveries import DeliveryStatus
from bot.github.app_key import key_problem
from bot.queue import wake
from bot.web.api.models.base import Query
from bot.web.api.problems import path_id
from bot.web.auth import Identity
from bot.web.health import DATABASE, REDIS
from bot.web.pages.access import actor
from bot.web.pages.access import admin as must_be_admin
from bot.web.pages.frame import action, page, redirect
from bot.web.pages.inputs import PAGE_SIZE, DeliveriesQuery, PagedQuery, WorkQuery, pager, read_form, read_query

log = logging.getLogger(__name__)


class NewRole(Query):
    """The new role of a user."""

    role: Literal["admin", "maintainer", "viewer"]


class Replay(Query):
    """The delivery to replay. id: the one that GitHub gave it."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


def setup(app: web.Application) -> None:
    """Add the routes."""
    for path, handler in (("users", users), ("deliveries", deliveries), ("jobs", jobs), ("audit", audit_log)):
        app.router.add_get(f"/admin/{path}", handler)
    app.router.add_post("/admin/users/{id}/role", change_role)
    app.router.add_post("/admin/users/{id}/delete", delete_user)
    app.router.add_post("/admin/deliveries/replay", replay)


@page("admin_users.html")
async def users(request: web.Request) -> dict[str, object]:
    """All users, by login."""
    identity, query = await must_be_admin(request), read_query(request, PagedQuery)
    listed = await access.list_users(request.app[DATABASE], limit=PAGE_SIZE, offset=query.offset)
    return {
        "users": listed.items,
        "identity": identity,
        "roles": ROLES,
        "pager": pager(request, query.page, listed.total),
    }


@action
async def change_role(request: web.Request) -> web.StreamResponse:
    """Change the role of another user."""
    identity = _check_other_user(request, await must_be_admin(request))
    form = await read_form(request, NewRole)
    if await access.change_role(request.app[DATABASE], path_id(request), form.role, actor(request, identity)) is None:
        raise web.HTTPNotFound
    raise redirect("/admin/users", "role")


@action
async def delete_user(request: web.Request) -> web.StreamResponse:
    """Delete another user and revoke all tokens of that user."""
    identity = _check_other_user(request, await must_be_admin(request))
    if not await access.remove_user(request.app[DATABASE], path_id(request), actor(request, identity)):
        raise web.HTTPNotFound
    raise redirect("/admin/users", "deleted")


def _check_other_user(request: web.Request, identity: Identity) -> Identity:
    if identity.user_id == path_id(request):
        raise web.HTTPConflict(text="You cannot change or delete your own user. Another admin can.")
    return identity


@page("admin_deliveries.html")
async def deliveries(request: web.Request) -> dict[str, object]:
    """The stored deliveries, all or those of one repository."""
    await must_be_admin(request)
    query = read_query(request, DeliveriesQuery)
    wanted = inbox_list.DeliveryFilter(query.status, (query.repository or "").strip())
    listed = await inbox_list.list_deliveries(request.app[DATABASE], wanted, limit=PAGE_SIZE, offset=query.offset)
    return {
        "deliveries": listed.items,
        "query": query,
        "statuses": list(DeliveryStatus),
        "pager": pager(request, query.page, listed.total),
    }


@action
async def replay(request: web.Request) -> web.StreamResponse:
    """Mark a delivery as received again, so that the scheduler dispatches it once more."""
    identity = await must_be_admin(request)
    form = await read_form(request, Replay)
    if not await inbox_list.replay_delivery(request.app[DATABASE], form.id, actor(request, identity)):
        raise web.HTTPNotFound
    try:
        await wake.wake(request.app[REDIS])
    except (RedisError, OSError) as problem:
        log.warning("the scheduler was not woken; its next sweep finds the delivery: %s", problem)
    raise redirect("/admin/deliveries", "replayed")


@page("admin_jobs.html")
async def jobs(request: web.Request) -> dict[str, object]:
    """The analyses of all repositories that are queued, in progress or failed."""
    await must_be_admin(request)
    query = read_query(request, WorkQuery)
    listed = await page_queries.list_work(request.app[DATABASE], query.status, limit=PAGE_SIZE, offset=query.offset)
    return {
        "key_problem": await _key_problem(request),
        "work": listed.items,
        "query": query,
        "statuses": page_queries.WORK,
        "pager": pager(request, query.page, listed.total),
    }


async def _key_problem(request: web.Request) -> str | None:
    """Why GitHub refuses the App's key, if it does: then no analysis goes on."""
    try:
        return await key_problem(request.app[REDIS])
    except (RedisError, OSError):
        return None


@page("admin_audit.html")
async def audit_log(request: web.Request) -> dict[str, object]:
    """The audit log."""
    await must_be_admin(request)
    query = read_query(request, PagedQuery)
    listed = await audit.list_entries(request.app[DATABASE], limit=PAGE_SIZE, offset=query.offset)
    return {"entries": listed.items, "pager": pager(request, query.page, listed.total)}
