"""The payloads of webhooks on issues, reviews, labels and releases, with the same fields as GitHub's.

Source: docs.github.com/webhooks/webhook-events-and-payloads. tests/local/test_payloads.py compares the field names
with published examples.
"""

from typing import Any

from bot.local.events import installation_named
from bot.local.item_json import issue, review
from bot.local.item_records import Issue, Label, Release, Review
from bot.local.label_json import label, release
from bot.local.pull_json import pull_simple
from bot.local.records import PullRequest
from bot.local.representations import Json, Representations
from bot.local.state import State


def _payload(show: Representations, state: State, action: str, about: Json) -> Json:
    return {
        "action": action,
        **about,
        "repository": show.repository(open_issues=state.items.open_count()),
        "sender": show.owner(),
        "installation": installation_named(),
    }


def issues(show: Representations, item: Issue, state: State, action: str, **more: Any) -> Json:
    """Return the payload of `issues`. more: the fields that only some actions have."""
    return _payload(show, state, action, {"issue": issue(show, item, state), **more})


def transfer(show: Representations, item: Issue, state: State) -> Json:
    """Return what `issues`, action `transferred`, says of the new place."""
    full_name = f"{show.identity.owner}/elsewhere"
    there = issue(show, item, state) | {"url": f"{show.root}/repos/{full_name}/issues/{item.number}"}
    return {"new_issue": there, "new_repository": show.repository(full_name)}


def pull_request_review(show: Representations, one: Review, pull: PullRequest, state: State, action: str) -> Json:
    """Return the payload of `pull_request_review`. Unlike in REST, the state is not in capitals."""
    shown = review(show, one, state)
    about = {
        "review": shown | {"state": one.state.lower(), "body": one.body or None},
        "pull_request": pull_simple(show, pull, state),
    }
    return _payload(show, state, action, about)


def label_changed(show: Representations, one: Label, state: State, action: str, **more: Any) -> Json:
    """Return the payload of `label`."""
    return _payload(show, state, action, {"label": label(show, one), **more})


def release_changed(show: Representations, one: Release, state: State, action: str, **more: Any) -> Json:
    """Return the payload of `release`."""
    return _payload(show, state, action, {"release": release(show, one), **more})
