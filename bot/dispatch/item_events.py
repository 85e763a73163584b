"""The handlers of events on issues, pull requests, reviews, labels and releases: what was synced is kept current.

Comments are not among the events: they are many, and the nightly sync brings them.
https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Mapping
from typing import Any

from gidgethub.sansio import Event

from bot.dispatch.router import on
from bot.domain.orders import (
    DeleteItem,
    DeleteLabel,
    DeleteRelease,
    Order,
    SaveItem,
    SaveLabel,
    SaveRelease,
    SaveResponse,
)
from bot.github.item_json import read_issue, read_label, read_pull, read_release, read_review


@on("issues", "opened", "edited", "closed", "reopened", "labeled", "unlabeled", "milestoned", "demilestoned")
async def issue_changed(event: Event, orders: list[Order]) -> None:
    orders.append(SaveItem(_repository(event.data), read_issue(event.data["issue"])))


@on("issues", "deleted", "transferred")
async def issue_gone(event: Event, orders: list[Order]) -> None:
    orders.append(DeleteItem(_repository(event.data), int(event.data["issue"]["number"])))


@on("pull_request", "labeled", "unlabeled", "milestoned", "demilestoned", "converted_to_draft")
async def pull_request_changed(event: Event, orders: list[Order]) -> None:
    orders.append(saved_pull(event.data))


@on("pull_request_review", "submitted", "edited", "dismissed")
async def review_changed(event: Event, orders: list[Order]) -> None:
    review = read_review(event.data["review"])
    if review is not None:
        orders.append(SaveResponse(_repository(event.data), review))


@on("label", "created", "edited")
async def label_changed(event: Event, orders: list[Order]) -> None:
    label = read_label(event.data["label"])
    renamed = ((event.data.get("changes") or {}).get("name") or {}).get("from")
    old_name = read_label({"name": renamed}).name if renamed else None
    orders.append(SaveLabel(_repository(event.data), label, old_name))


@on("label", "deleted")
async def label_deleted(event: Event, orders: list[Order]) -> None:
    orders.append(DeleteLabel(_repository(event.data), read_label(event.data["label"]).name))


@on("release", "created", "edited", "published", "unpublished", "released", "prereleased")
async def release_changed(event: Event, orders: list[Order]) -> None:
    orders.append(SaveRelease(_repository(event.data), read_release(event.data["release"])))


@on("release", "deleted")
async def release_deleted(event: Event, orders: list[Order]) -> None:
    orders.append(DeleteRelease(_repository(event.data), int(event.data["release"]["id"])))


def saved_pull(payload: Mapping[str, Any]) -> SaveItem:
    """The pull request of a payload, to be saved."""
    return SaveItem(_repository(payload), read_pull(payload["pull_request"]))


def _repository(payload: Mapping[str, Any]) -> int:
    return int(payload["repository"]["id"])
