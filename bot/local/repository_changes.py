"""What people do to the repository's labels, releases and settings, and to the permissions of the App.

Each method sends the webhooks that GitHub would send.
"""

from typing import Any

import msgspec

from bot.local import events, item_events
from bot.local.item_records import Label, Release
from bot.local.records import now
from bot.local.representations import Json, Representations
from bot.local.state import State
from bot.local.webhooks import Webhooks


class RepositoryChanges:
    """Changes labels, releases and settings. Raises KeyError for a name or id that does not exist."""

    def __init__(self, show: Representations, state: State, webhooks: Webhooks) -> None:
        self._show = show
        self._state = state
        self._webhooks = webhooks

    def create_label(self, name: str, color: str = "ededed", description: str | None = None) -> Label:
        """Create a label."""
        made = self._state.items.labels.save(Label(name=name, color=color, description=description))
        self._send("label", item_events.label_changed(self._show, made, self._state, "created"))
        return made

    def rename_label(self, name: str, new_name: str) -> Label:
        """Rename a label. All items with it have the new name; GitHub sends no webhook on them."""
        renamed = msgspec.structs.replace(self._label(name), name=new_name)
        self._state.items.labels.delete(name)
        self._state.items.labels.save(renamed)
        self._relabel(name, [new_name])
        changes = {"name": {"from": name}}
        self._send("label", item_events.label_changed(self._show, renamed, self._state, "edited", changes=changes))
        return renamed

    def delete_label(self, name: str) -> None:
        """Delete a label. It is gone from all items too."""
        deleted = self._label(name)
        self._state.items.labels.delete(name)
        self._relabel(name, [])
        self._send("label", item_events.label_changed(self._show, deleted, self._state, "deleted"))

    def _relabel(self, name: str, names: list[str]) -> None:
        with_label = "EXISTS (SELECT 1 FROM json_each(body, '$.labels') WHERE value = ?)"
        for item in self._state.items.all.select(with_label, name, order="number"):
            item.labels = [new for old in item.labels for new in (names if old == name else [old])]
            self._state.save_item(item)

    def publish_release(self, tag: str, *, author: str | None = "maintainer", **more: Any) -> Release:
        """Publish a release. more: other fields of `Release`. GitHub sends three webhooks."""
        at = now()
        made = Release(id=self._state.new_id(), tag=tag, user=author, created_at=at, published_at=at, **more)
        self._state.items.releases.save(made)
        for action in ("created", "published", "prereleased" if made.prerelease else "released"):
            self._send_release(made, action)
        return made

    def edit_release(self, release_id: int, **fields: Any) -> Release:
        """Change the name or the body of a release."""
        found = self._release(release_id)
        edited = msgspec.structs.replace(found, **fields)
        self._state.items.releases.save(edited)
        self._send_release(edited, "edited", changes={name: {"from": getattr(found, name)} for name in fields})
        return edited

    def delete_release(self, release_id: int) -> None:
        """Delete a release."""
        deleted = self._release(release_id)
        self._state.items.releases.delete(release_id)
        self._send_release(deleted, "deleted")

    def disable_issues(self) -> None:
        """Disable issues. GitHub sends no webhook for this."""
        self._show.has_issues = False

    def accept_permissions(self) -> None:
        """Accept the permissions of the App that the installation lacks."""
        self._state.set_setting("accepted", "yes")
        self._show.unaccepted = frozenset()
        self._send("installation", events.installation(self._show, "new_permissions_accepted"))

    def _label(self, name: str) -> Label:
        if (found := self._state.items.labels.get(name)) is None:
            raise KeyError(name)
        return found

    def _release(self, release_id: int) -> Release:
        if (found := self._state.items.releases.get(release_id)) is None:
            raise KeyError(release_id)
        return found

    def _send_release(self, one: Release, action: str, **more: Any) -> None:
        self._send("release", item_events.release_changed(self._show, one, self._state, action, **more))

    def _send(self, event: str, payload: Json) -> None:
        if event in self._show.events or event == "installation":
            self._webhooks.send(event, payload)
