"""Labels, milestones, releases and contributors as GitHub's JSON."""

from collections.abc import Iterable
from urllib.parse import quote

from bot.local.config import stable_id
from bot.local.item_records import Contributor, Label, Milestone, Release
from bot.local.representations import Json, Representations, node_id
from bot.local.state import State

_REACTIONS = ("total_count", "+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def reactions(url: str) -> Json:
    """Return the reactions to what has this URL: none."""
    return {"url": f"{url}/reactions"} | dict.fromkeys(_REACTIONS, 0)


def labels(show: Representations, names: Iterable[str], state: State) -> list[Json]:
    """Return the labels of an item. One that the repository does not list has GitHub's defaults."""
    return [label(show, state.items.labels.get(name) or Label(name=name)) for name in names]


def label(show: Representations, one: Label) -> Json:
    """Return a label."""
    number = stable_id(f"label {one.name}")
    return {
        "id": number,
        "node_id": node_id("Label", number),
        "url": f"{show.api}/labels/{quote(one.name, safe='')}",
        "name": one.name,
        "color": one.color,
        "default": False,
        "description": one.description,
    }


def milestone(show: Representations, number: int | None, state: State) -> Json | None:
    """Return the milestone with that number, if there is one."""
    found = state.items.milestones.get(number) if number else None
    return milestone_of(show, found, state) if found else None


def milestone_of(show: Representations, one: Milestone, state: State) -> Json:
    """Return a milestone, with how many items it has."""
    identifier = stable_id(f"milestone {one.number}")
    url = f"{show.api}/milestones/{one.number}"
    counts = {
        f"{word}_issues": state.items.all.count("milestone = ? AND state = ? AND gone = ''", one.number, word)
        for word in ("open", "closed")
    }
    return {
        "url": url,
        "html_url": f"{show.html}/milestone/{one.number}",
        "labels_url": f"{url}/labels",
        "id": identifier,
        "node_id": node_id("Milestone", identifier),
        "number": one.number,
        "title": one.title,
        "description": one.description,
        "creator": show.user_or_null(one.user),
        **counts,
        "state": one.state,
        "created_at": one.created_at,
        "updated_at": one.closed_at or one.created_at,
        "due_on": one.due_on,
        "closed_at": one.closed_at,
    }


def release(show: Representations, one: Release) -> Json:
    """Return a release, without files."""
    url = f"{show.api}/releases/{one.id}"
    tag = quote(one.tag)
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "html_url": f"{show.html}/releases/tag/{tag}",
        "id": one.id,
        "author": show.user(one.user or "ghost"),
        "node_id": node_id("Release", one.id),
        "tag_name": one.tag,
        "target_commitish": show.default_branch,
        "name": one.name,
        "draft": one.draft,
        "immutable": False,
        "prerelease": one.prerelease,
        "created_at": one.created_at,
        "updated_at": one.published_at or one.created_at,
        "published_at": None if one.draft else one.published_at,
        "assets": [],
        "tarball_url": f"{show.api}/tarball/{tag}",
        "zipball_url": f"{show.api}/zipball/{tag}",
        "body": one.body,
        "reactions": reactions(url),
    }


def contributor(show: Representations, one: Contributor) -> Json:
    """Return a contributor."""
    return show.user(one.user) | {"contributions": one.contributions}
