"""`app.yml`, the registration of the GitHub App, has the events and the permissions that the program uses."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.doctor import OPTIONAL, REQUIRED
from bot.dispatch.events import HANDLED
from bot.github.tokens import READ_CONTENTS, REPORT
from bot.local.config import EVENTS, PERMISSIONS

IMPLICIT = {"installation", "installation_repositories", "github_app_authorization"}


@pytest.fixture
def app() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "app.yml").read_text())
    return read


def test_the_events_are_those_that_are_handled(app: dict[str, Any]) -> None:
    assert len(app["default_events"]) == len(set(app["default_events"]))
    assert set(app["default_events"]) == HANDLED - IMPLICIT
    assert IMPLICIT < HANDLED


def test_the_permissions_are_those_that_the_program_requests(app: dict[str, Any]) -> None:
    permissions = app["default_permissions"]
    assert permissions == PERMISSIONS == REQUIRED | OPTIONAL
    assert sorted(app["default_events"]) == EVENTS
    requested = READ_CONTENTS | REPORT
    assert requested.items() <= permissions.items()
    assert set(permissions) - set(requested) == {"issues", "merge_queues", "metadata"}
    assert {name for name, level in permissions.items() if level == "write"} == set(REPORT)


def test_the_webhook_url_is_that_of_the_receiver(app: dict[str, Any]) -> None:
    assert app["hook_attributes"]["url"].endswith("/webhook")
    assert app["public"] is False


def test_the_page_on_connecting_names_all_of_them(app: dict[str, Any]) -> None:
    page = (Path(__file__).parents[1] / "docs/connect.md").read_text()
    (permissions,) = re.findall(r"^\| Repository permissions \| (.*) \|$", page, re.MULTILINE)
    (events,) = re.findall(r"^\| Events \| (.*) \|$", page, re.MULTILINE)
    levels = {"read": "read", "write": "read and write"}
    said = [
        f"{name.replace('_', ' ').capitalize()}: {levels[level]}" for name, level in app["default_permissions"].items()
    ]
    assert sorted(permissions.split(". ")) == sorted(said)
    assert sorted(events.split(", ")) == sorted(name.replace("_", " ").capitalize() for name in app["default_events"])
