"""For admins: users, deliveries and their replay, the work that waits, and who changed what."""

import logging
from typing import Annotated, Literal

from aiohttp import web
from pydantic import StringConstraints
from redis.exceptions import RedisError

from bot.db import access, audit, inbox_list, page_queries
from bot.db.access import ROLES
from bot.domain.deliveries import DeliveryStatus
from bot.queue import wake
from bot.web.api.models.base import Query
from bot.web.api.problems import path_id
from bot.web.auth import Identity
from bot.web.health import DATABASE, REDIS
from bot.web.pages.access import actor
from bot.web.pages.access import admin as must_be_admin
from bot.web.pages.frame import action, done, page
from bot.web.pages.inputs import PAGE_SIZE, DeliveriesAsked, Paged, WorkAsked, asked, pager, sent

log = logging.getLogger(__name__)


class NewRole(Query):
    """The role that holds from now on."""

    role: Literal["admin", "maintainer", "viewer"]


class Replay(Query):
    """A delivery's id, which is GitHub's word."""

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
    """Everybody, by login."""
    who, wanted = await must_be_admin(request), asked(request, Paged)
    found = await access.list_users(request.app[DATABASE], limit=PAGE_SIZE, offset=wanted.offset)
    return {"users": found.items, "who": who, "roles": ROLES, "pager": pager(request, wanted.page, found.total)}


@action
async def change_role(request: web.Request) -> web.StreamResponse:
    """Give somebody else another role."""
    who = _other(request, await must_be_admin(request))
    wanted = await sent(request, NewRole)
    if await access.change_role(request.app[DATABASE], path_id(request), wanted.role, actor(request, who)) is None:
        raise web.HTTPNotFound
    raise done("/admin/users", "role")


@action
async def delete_user(request: web.Request) -> web.StreamResponse:
    """Delete somebody else, and end their tokens."""
    who = _other(request, await must_be_admin(request))
    if not await access.remove_user(request.app[DATABASE], path_id(request), actor(request, who)):
        raise web.HTTPNotFound
    raise done("/admin/users", "deleted")


def _other(request: web.Request, who: Identity) -> Identity:
    if who.user_id == path_id(request):
        raise web.HTTPConflict(text="An admin cannot change or delete the own user; another admin can.")
    return who


@page("admin_deliveries.html")
async def deliveries(request: web.Request) -> dict[str, object]:
    """What GitHub sent."""
    await must_be_admin(request)
    wanted = asked(request, DeliveriesAsked)
    found = await inbox_list.list_deliveries(
        request.app[DATABASE], wanted.status, limit=PAGE_SIZE, offset=wanted.offset
    )
    return {
        "deliveries": found.items,
        "asked": wanted,
        "statuses": list(DeliveryStatus),
        "pager": pager(request, wanted.page, found.total),
    }


@action
async def replay(request: web.Request) -> web.StreamResponse:
    """Have a delivery dispatched again by the scheduler, as when it came in."""
    who = await must_be_admin(request)
    wanted = await sent(request, Replay)
    if not await inbox_list.receive_again(request.app[DATABASE], wanted.id, actor(request, who)):
        raise web.HTTPNotFound
    try:
        await wake.wake(request.app[REDIS])
    except (RedisError, OSError) as away:
        log.warning("the scheduler cannot be told, and looks by itself: %s", away)
    raise done("/admin/deliveries", "replayed")


@page("admin_jobs.html")
async def jobs(request: web.Request) -> dict[str, object]:
    """Analyses of all repositories that wait, run or failed."""
    await must_be_admin(request)
    wanted = asked(request, WorkAsked)
    found = await page_queries.list_work(request.app[DATABASE], wanted.status, limit=PAGE_SIZE, offset=wanted.offset)
    return {
        "work": found.items,
        "asked": wanted,
        "statuses": page_queries.WORK,
        "pager": pager(request, wanted.page, found.total),
    }


@page("admin_audit.html")
async def audit_log(request: web.Request) -> dict[str, object]:
    """Who changed what."""
    await must_be_admin(request)
    wanted = asked(request, Paged)
    found = await audit.list_entries(request.app[DATABASE], limit=PAGE_SIZE, offset=wanted.offset)
    return {"entries": found.items, "pager": pager(request, wanted.page, found.total)}
