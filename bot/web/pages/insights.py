"""The list of a repository's insights: remarks first, equal ones in one entry, with filters and a search by words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from aiohttp import web

from bot.db import insight_lists
from bot.db.insight_lists import MOST_WORDS, SEARCHED, InsightFilter
from bot.db.stored_insights import StoredInsight
from bot.db.stored_items import titles_of
from bot.domain.insights import InsightType, Severity, Standing
from bot.web.health import DATABASE
from bot.web.pages.access import may_change, seen_repository
from bot.web.pages.frame import page
from bot.web.pages.inputs import PAGE_SIZE, InsightsQuery, pager, read_query

_STANDINGS = {"open": Standing.REMARK, "remarks": Standing.REMARK, "praise": Standing.PRAISE, "notes": Standing.NOTE}
SHOWN = {
    "remarks": "remarks",
    "open": "open remarks",
    "praise": "improvements",
    "notes": "notes",
    "all": "everything",
}


@dataclass(frozen=True, slots=True)
class Folded:
    """An entry of the list. others: insights on the same page that say the same of other places or analyses."""

    first: StoredInsight
    others: tuple[StoredInsight, ...]


def setup(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get("/repositories/{id}/insights", insights)


@page("insights.html")
async def insights(request: web.Request) -> dict[str, object]:
    """The current insights of a repository, newest first."""
    view, identity = await seen_repository(request)
    query = read_query(request, InsightsQuery)
    words = tuple((query.q or "").split()[:MOST_WORDS])
    filters = InsightFilter(
        type=query.type,
        severity=query.severity,
        pull_request=query.pull_request,
        since=datetime.combine(query.since, time(), UTC) if query.since else None,
        dismissed=None if query.dismissed == "any" else query.dismissed == "true",
        standing=_STANDINGS.get(query.show),
        is_open=query.show == "open",
        words=words,
    )
    db = request.app[DATABASE]
    listed = await insight_lists.list_insights(db, view.id, filters, limit=PAGE_SIZE, offset=query.offset)
    return {
        "repository": view,
        "may_change": may_change(identity, view),
        "folded": folded(listed.items),
        "titles": await titles_of(db, view.id, [stored.pull_request for stored in listed.items]),
        "query": query,
        "shown": SHOWN,
        "searched": SEARCHED if words else None,
        "types": list(InsightType),
        "severities": list(reversed(Severity)),
        "pager": pager(request, query.page, listed.total),
    }


def folded(listed: Iterable[StoredInsight]) -> list[Folded]:
    """One entry for insights that say the same: with one fingerprint, or with one rule and one title."""
    groups: list[list[StoredInsight]] = []
    known: dict[tuple[str, ...], list[StoredInsight]] = {}
    for stored in listed:
        keys = (("fingerprint", stored.insight.fingerprint), ("title", stored.insight.rule, stored.insight.title))
        group = next((known[key] for key in keys if key in known), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(stored)
        for key in keys:
            known.setdefault(key, group)
    return [Folded(group[0], tuple(group[1:])) for group in groups]
