"""The first page for admins: whether the instance keeps up, and with what it runs. It shows nothing secret."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from redis.exceptions import RedisError

from bot.db import schema
from bot.db.engine import now
from bot.db.instance import accounts_of, busiest_repositories, mail_state, waiting_by_kind
from bot.github.budget import InstallationBudget, read_installations
from bot.web.health import DATABASE, LEAST_FREE_MB, REDIS
from bot.web.metrics import Observed, observe
from bot.web.pages import plotly
from bot.web.pages.access import admin as must_be_admin
from bot.web.pages.frame import page

HAS_MAIL = web.AppKey("has_mail", bool)
_DAY = timedelta(hours=24)
_MOST = 20
# What waits longer than this deserves a look; docs/operate.md alerts later.
_LONG = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that waits. oldest: since when; None if nothing waits. is_late: whether for longer than usual."""

    name: str
    number: int | None
    oldest: datetime | None
    is_late: bool


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/admin", status)


@page("admin_status.html")
async def status(request: web.Request) -> dict[str, object]:
    """The state of the instance."""
    await must_be_admin(request)
    db, moment = request.app[DATABASE], now()
    observed = await observe(request.app)
    budgets = await _budgets(request)
    accounts = await accounts_of(db, [one.installation_id for one in budgets or ()])
    return {
        "observed": observed,
        "waits": waits(observed, moment),
        "kinds": await waiting_by_kind(db),
        "busy": await busiest_repositories(db, moment - _DAY, limit=_MOST),
        "budgets": budgets,
        "accounts": accounts,
        "mail": await mail_state(db),
        "has_mail": request.app[HAS_MAIL],
        "least_free": LEAST_FREE_MB * 1024 * 1024,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "schema": schema.NEWEST,
        "database": "SQLite" if db.is_sqlite else "PostgreSQL",
        "plotly": plotly.VERSION,
    }


def waits(observed: Observed, moment: datetime) -> Sequence[Waits]:
    """What waits, by kind; empty if the database does not answer."""
    known = observed.waiting
    if known is None:
        return ()

    def waiting(name: str, number: int | None, oldest: datetime | None) -> Waits:
        return Waits(name, number, oldest, oldest is not None and moment - oldest > _LONG)

    return (
        waiting("Deliveries to dispatch", None, known.oldest_delivery),
        waiting("Analyses for a worker", known.queued, known.oldest_analysis),
        waiting("Webhooks to send", known.notifications, known.oldest_notification),
    )


async def _budgets(request: web.Request) -> list[InstallationBudget] | None:
    try:
        return await read_installations(request.app[REDIS], _MOST)
    except (RedisError, OSError):
        return None
