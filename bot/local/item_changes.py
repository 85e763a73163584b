"""What people do to issues, reviews, labels and releases. Each method sends the webhooks that GitHub would send."""

from dataclasses import replace
from typing import Any, Literal

import msgspec

from bot.local import events, item_events
from bot.local.item_records import Comment, Issue, Label, Review, ReviewComment
from bot.local.items import Item
from bot.local.label_json import label as label_json
from bot.local.label_json import milestone as milestone_json
from bot.local.records import PullRequest, now
from bot.local.representations import Json, Representations
from bot.local.state import State
from bot.local.webhooks import Webhooks

ReviewState = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]


class ItemChanges:
    """Changes issues and what belongs to them. Raises KeyError for a number, name or id that does not exist."""

    def __init__(self, show: Representations, state: State, webhooks: Webhooks) -> None:
        self._show = show
        self._state = state
        self._webhooks = webhooks

    def open_issue(self, title: str, *, author: str | None = "contributor", **more: Any) -> Issue:
        """Open an issue. more: other fields of `Issue`."""
        at = now()
        number = self._state.next_number()
        opened = Issue(number=number, title=title, user=author, created_at=at, updated_at=at, **more)
        self._state.items.all.save(opened)
        self._send_item(opened, "opened")
        return opened

    def edit(self, number: int, **fields: Any) -> Item:
        """Change the title or the body of an issue or a pull request."""
        item = self._item(number)
        changes = {name: {"from": getattr(item, name)} for name in fields}
        return self._change(item, "edited", fields, changes=changes)

    def close(self, number: int, reason: str = "completed") -> Item:
        """Close an issue. reason: `completed`, `not_planned` or `duplicate`."""
        fields = {"state": "closed", "state_reason": reason, "closed_at": now()}
        return self._change(self._state.items.issue(number), "closed", fields)

    def reopen(self, number: int) -> Item:
        """Reopen an issue."""
        fields = {"state": "open", "state_reason": "reopened", "closed_at": None}
        return self._change(self._state.items.issue(number), "reopened", fields)

    def delete(self, number: int) -> None:
        """Delete an issue."""
        self._remove(number, "deleted", "deleted")

    def transfer(self, number: int) -> None:
        """Transfer an issue to another repository of the owner."""
        changes = item_events.transfer(self._show, self._state.items.issue(number), self._state)
        self._remove(number, "transferred", "transferred", changes=changes)

    def convert(self, number: int) -> None:
        """Convert an issue to a discussion. The App gets no webhook: it has no permission on discussions."""
        self._state.items.all.save(msgspec.structs.replace(self._state.items.issue(number), gone="converted"))

    def add_label(self, number: int, name: str) -> Item:
        """Label an issue or a pull request."""
        item = self._item(number)
        shown = label_json(self._show, self._state.items.labels.get(name) or Label(name=name))
        return self._change(item, "labeled", {"labels": [*item.labels, name]}, label=shown)

    def remove_label(self, number: int, name: str) -> Item:
        """Remove a label of an issue or a pull request."""
        item = self._item(number)
        shown = label_json(self._show, self._state.items.labels.get(name) or Label(name=name))
        return self._change(item, "unlabeled", {"labels": [one for one in item.labels if one != name]}, label=shown)

    def set_milestone(self, number: int, milestone: int | None) -> Item:
        """Set the milestone of an issue or a pull request; None: remove it."""
        item = self._item(number)
        shown = milestone_json(self._show, milestone or item.milestone, self._state)
        action = "milestoned" if milestone else "demilestoned"
        return self._change(item, action, {"milestone": milestone}, milestone=shown)

    def comment(self, number: int, body: str, author: str | None = "contributor") -> Comment:
        """Comment on an issue or a pull request. The App is not subscribed to comments."""
        at = now()
        self._state.save_item(self._changed(self._item(number), {"updated_at": at}))
        made = Comment(id=self._state.new_id(), number=number, user=author, body=body, created_at=at, updated_at=at)
        return self._state.comments.save(made)

    def review(self, number: int, state: ReviewState = "APPROVED", author: str | None = "reviewer") -> Review:
        """Submit a review, with one comment on a line unless it approves."""
        pull, at = self._pull(number), now()
        made = Review(id=self._state.new_id(), number=number, user=author, state=state, created_at=at)
        self._state.items.reviews.save(made)
        if state != "APPROVED":
            remark = ReviewComment(id=self._state.new_id(), number=number, user=author, created_at=at, review=made.id)
            self._state.items.review_comments.save(remark)
        self._state.save_item(self._changed(pull, {"updated_at": at}))
        self._send_review(made, "submitted")
        return made

    def dismiss(self, review_id: int) -> Review:
        """Dismiss a review."""
        found = self._state.items.reviews.get(review_id)
        if found is None:
            raise KeyError(review_id)
        dismissed = msgspec.structs.replace(found, state="DISMISSED")
        self._state.items.reviews.save(dismissed)
        self._send_review(dismissed, "dismissed")
        return dismissed

    def _item(self, number: int) -> Item:
        item = self._state.items.all.get(number)
        if item is None or (isinstance(item, Issue) and item.gone):
            raise KeyError(number)
        return item

    def _pull(self, number: int) -> PullRequest:
        item = self._item(number)
        if not isinstance(item, PullRequest):
            raise KeyError(number)
        return item

    def _change(self, item: Item, action: str, fields: Json, **more: Any) -> Item:
        changed = self._changed(item, {"updated_at": now()} | fields)
        self._state.save_item(changed)
        self._send_item(changed, action, **more)
        return changed

    def _changed(self, item: Item, fields: Json) -> Item:
        return replace(item, **fields) if isinstance(item, PullRequest) else msgspec.structs.replace(item, **fields)

    def _remove(self, number: int, gone: str, action: str, **more: Any) -> None:
        item = self._state.items.issue(number)
        self._state.items.all.save(msgspec.structs.replace(item, gone=gone))
        self._send_item(item, action, **more)

    def _send_item(self, item: Item, action: str, **more: Any) -> None:
        if isinstance(item, PullRequest):
            self._send("pull_request", events.pull_request(self._show, item, self._state, action, **more))
        else:
            self._send("issues", item_events.issues(self._show, item, self._state, action, **more))

    def _send_review(self, one: Review, action: str) -> None:
        pull = self._pull(one.number)
        self._send("pull_request_review", item_events.pull_request_review(self._show, one, pull, self._state, action))

    def _send(self, event: str, payload: Json) -> None:
        if event in self._show.events:
            self._webhooks.send(event, payload)
