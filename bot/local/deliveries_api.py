"""The REST API of the App's webhook deliveries: list, read, send again.

Sources: docs.github.com/rest/apps/webhooks.
"""

import json
from typing import Any

from aiohttp import web

from bot.local.auth import require_app
from bot.local.config import INSTALLATION_ID
from bot.local.keys import HUB, STATE, WEBHOOKS
from bot.local.records import Delivery
from bot.local.responses import ApiError, json_response, not_found, number_in_path


def _item(delivery: Delivery, repository_id: int) -> dict[str, Any]:
    of_repository = delivery.event not in {"installation", "ping", "installation_repositories"}
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": delivery.delivered_at,
        "redelivery": delivery.redelivery,
        "duration": round(delivery.duration, 2),
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": INSTALLATION_ID,
        "repository_id": repository_id if of_repository else None,
        "throttled_at": None,
    }


async def list_deliveries(request: web.Request) -> web.Response:
    """GET /app/hook/deliveries, newest first, with a cursor"""
    require_app(request)
    query = request.query
    per_page = int(query["per_page"]) if query.get("per_page", "").isdecimal() else 30
    if per_page > 100 or query.get("status", "success") not in {"success", "failure"}:
        raise ApiError(422, "Validation Failed")
    attempted = [delivery for delivery in request.app[STATE].deliveries if delivery.status_code]
    attempted.sort(key=lambda delivery: -delivery.id)
    if "status" in query:
        attempted = [delivery for delivery in attempted if (delivery.status == "OK") == (query["status"] == "success")]
    if cursor := query.get("cursor", ""):
        if not cursor.removeprefix("v1_").isdecimal():
            raise ApiError(400, "Invalid cursor")
        attempted = [delivery for delivery in attempted if delivery.id < int(cursor.removeprefix("v1_"))]
    page = attempted[:per_page]
    headers = {}
    if len(attempted) > per_page:
        next_page = request.url.update_query(cursor=f"v1_{page[-1].id}")
        headers["Link"] = f'<{next_page}>; rel="next"'
    repository_id = request.app[HUB].identity.repository_id
    return json_response([_item(delivery, repository_id) for delivery in page], headers=headers)


async def get(request: web.Request) -> web.Response:
    """GET /app/hook/deliveries/{id}"""
    require_app(request)
    delivery = _delivery(request)
    item = _item(delivery, request.app[HUB].identity.repository_id)
    sent = {"headers": delivery.request_headers, "payload": json.loads(delivery.payload)}
    received = {"headers": delivery.response_headers, "payload": delivery.response_body}
    return json_response(item | {"url": request.app[WEBHOOKS].url, "request": sent, "response": received})


async def redeliver(request: web.Request) -> web.Response:
    """POST /app/hook/deliveries/{id}/attempts: send the same guid again, under a new id"""
    require_app(request)
    request.app[WEBHOOKS].redeliver(_delivery(request))
    return json_response({}, 202)


def _delivery(request: web.Request) -> Delivery:
    delivery = request.app[STATE].deliveries.get(number_in_path(request, "id"))
    if delivery is None:
        raise not_found()
    return delivery
