"""Rows as the JSON of design §6."""

from typing import Any

import orjson
from aiohttp import web

from bot.db.history import Page, RepositoryView
from bot.db.tables import InsightRow


def json_answer(document: Any) -> web.Response:
    """A JSON answer; UUIDs and times are written as text."""
    # default: asyncpg's UUIDs are a subclass, which orjson does not know.
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z, default=str)
    return web.Response(body=body, content_type="application/json")


def page_answer(page: Page, items: list[dict[str, Any]], limit: int, offset: int) -> web.Response:
    """`{items, total, limit, offset}`."""
    return json_answer({"items": items, "total": page.total, "limit": limit, "offset": offset})


def repository_json(view: RepositoryView) -> dict[str, Any]:
    """A repository."""
    facts = view.facts
    owner = facts.get("owner") or {"id": 0, "username": view.full_name.partition("/")[0], "avatar_url": ""}
    return {
        "id": view.id,
        "github_id": view.github_id,
        "name": view.full_name.rpartition("/")[2],
        "full_name": view.full_name,
        "description": facts.get("description"),
        "url": facts.get("url") or "",
        "language": facts.get("language"),
        "stars": facts.get("stars", 0),
        "forks": facts.get("forks", 0),
        "watchers": facts.get("watchers", 0),
        "size": facts.get("size", 0),
        "created_at": view.created_at,
        "updated_at": view.updated_at,
        "last_analyzed": view.last_analyzed,
        "analysis_status": view.analysis_status,
        "auto_analyze": view.auto_analyze,
        "notification_settings": {"email_updates": False, "webhook_url": None},
        "owner": owner,
    }


def insight_json(row: InsightRow) -> dict[str, Any]:
    """An insight; `data` is its evidence, with the rule, the way out and the reason of the confidence."""
    return {
        "id": row.id,
        "repository_id": row.repository_id,
        "type": row.type,
        "title": row.title,
        "description": row.description,
        "severity": row.severity,
        "confidence_score": row.confidence_score,
        "data": {
            **row.evidence,
            "rule": row.rule,
            "standing": row.standing,
            "way_out": row.way_out,
            "confidence_reason": row.confidence_reason,
        },
        "model_version": row.model_version,
        "tags": row.tags,
        "locations": row.locations,
        "fingerprint": row.fingerprint,
        "analysis_id": row.analysis_id,
        "pull_request": row.pull_request,
        "head_sha": row.head_sha,
        "created_at": row.created_at,
    }
