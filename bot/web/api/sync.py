"""`/repositories/{id}/sync`, `/issues` and `/contributors`: what is synced from GitHub."""

from bot.db import stored_items
from bot.db.stored_items import ItemFilter
from bot.db.sync_states import get_states, why_off
from bot.domain.sync import missing_sources, summary
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.base import PageQuery
from bot.web.api.models.sync import (
    ContributorPage,
    ItemPage,
    ItemsQuery,
    SyncState,
    contributor_answer,
    item_answer,
    sync_answer,
)
from bot.web.github_app import HAS_APP


@call("GET", "/repositories/{id}/sync", problems=(404,), cached=True)
async def read_sync(context: RequestContext) -> SyncState:
    """Read how far the issues, pull requests, reviews and the rest are synced from GitHub, and what is missing."""
    repository_id = await context.visible(context.id())
    states, off = await get_states(context.db, repository_id), await why_off(context.db, repository_id)
    has_app = context.request.app[HAS_APP]
    missing = missing_sources(states, has_app=has_app, off=off)
    return sync_answer(states, missing, summary(states, has_app=has_app, off=off))


@call("GET", "/repositories/{id}/issues", problems=(404,), cached=True)
async def list_issues(context: RequestContext, query: ItemsQuery) -> ItemPage:
    """List the issues and pull requests, the highest number first. `kind=issue` leaves the pull requests out."""
    view = await context.repository()
    filters = ItemFilter(
        kind=query.kind, state=query.state, label=query.label, author=query.author, since=query.since, q=query.q
    )
    page = await stored_items.list_items(context.db, view.id, filters, limit=query.limit, offset=query.offset)
    items = [item_answer(item, view.facts.get("url") or "") for item in page.items]
    return ItemPage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("GET", "/repositories/{id}/contributors", problems=(404,), cached=True)
async def list_contributors(context: RequestContext, query: PageQuery) -> ContributorPage:
    """List the contributors as GitHub counts them, by login. Bots are marked."""
    repository_id = await context.visible(context.id())
    page = await stored_items.list_contributors(context.db, repository_id, limit=query.limit, offset=query.offset)
    items = [contributor_answer(one) for one in page.items]
    return ContributorPage(items=items, total=page.total, limit=query.limit, offset=query.offset)
