"""`app.yml`, the registration of the GitHub App, against what the program handles and needs."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.doctor import NEEDED
from bot.dispatch.events import HANDLED
from bot.github.tokens import READ_CONTENTS, REPORT
from bot.local.config import EVENTS, PERMISSIONS

IMPLICIT = {"installation", "installation_repositories", "github_app_authorization"}


@pytest.fixture
def app() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "app.yml").read_text())
    return read


def test_the_events_are_exactly_those_that_are_handled(app: dict[str, Any]) -> None:
    assert len(app["default_events"]) == len(set(app["default_events"]))
    assert set(app["default_events"]) == HANDLED - IMPLICIT
    assert IMPLICIT < HANDLED


def test_the_permissions_are_those_that_everybody_counts_on(app: dict[str, Any]) -> None:
    permissions = app["default_permissions"]
    assert permissions == PERMISSIONS == NEEDED
    assert sorted(app["default_events"]) == EVENTS
    asked_for = READ_CONTENTS | REPORT
    assert asked_for.items() <= permissions.items()
    assert set(permissions) - set(asked_for) == {"metadata"}
    assert {name for name, level in permissions.items() if level == "write"} == set(REPORT)


def test_the_webhook_is_where_the_receiver_is(app: dict[str, Any]) -> None:
    assert app["hook_attributes"]["url"].endswith("/webhook")
    assert app["public"] is False
