"""Bodies of requests: settings are merged, and an analysis needs no body."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.db import whole_analyses
from bot.db.notification_tables import WebhookEndpoint
from bot.domain.analyses import AnalysisKind, Scope
from bot.domain.steps import DONE, WAITING, Step, step_name
from bot.web.auth import Role
from tests.tokens import token_for
from tests.web.asking import Api

# RFC 7396: absent fields stay, null removes.
HOOK, OTHER = "https://example.org/hook", "https://example.org/other"
PATCHES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {"email_updates": True, "webhook_url": HOOK}, True),
    ({"email_updates": False}, {"email_updates": False, "webhook_url": HOOK}, True),
    ({"email_updates": None}, {"email_updates": False, "webhook_url": HOOK}, True),
    ({"webhook_url": HOOK}, {"email_updates": True, "webhook_url": HOOK}, True),
    ({"webhook_url": OTHER}, {"email_updates": True, "webhook_url": OTHER}, False),
    ({"webhook_url": None}, {"email_updates": True, "webhook_url": None}, False),
]


@pytest.mark.parametrize(("patch", "settings", "keeps_secret"), PATCHES)
async def test_notification_settings_are_merged(
    api: Api, patch: dict[str, Any], settings: dict[str, Any], keeps_secret: bool
) -> None:
    place = f"/repositories/{api.rows.public}"

    async def secret() -> str | None:
        async with api.web.db.reading() as session:
            return await session.scalar(select(WebhookEndpoint.secret))

    first = {"email_updates": True, "webhook_url": HOOK}
    await api(place, method="PUT", body={"notification_settings": first}, role=Role.ADMIN)
    before = await secret()
    answer = await api(place, method="PUT", body={"notification_settings": patch}, role=Role.ADMIN)
    assert (answer.status, answer.body["notification_settings"]) == (200, settings)
    assert (await secret() == before) is keeps_secret
    assert (await secret() is None) is (settings["webhook_url"] is None)


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (None, None, 202),
        (b"", None, 202),
        (b"", "application/json", 202),
        (b" \n", "text/plain", 202),
        (b"{}", "application/json", 202),
        (b"{}", "text/plain", 415),
        (b"null", "application/json", 422),
        (b"{", "application/json", 400),
    ],
)
async def test_an_analysis_without_a_body_covers_everything(
    api: Api, content: bytes | None, kind: str | None, expected: int
) -> None:
    token = await token_for(api.web.settings, api.web.db, role=Role.ADMIN)
    headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": kind} if kind else {})
    place = f"/api/v1/repositories/{api.rows.public}/analyze"
    skipped = () if kind else ("Content-Type",)
    async with api.web.client.post(place, data=content, headers=headers, skip_auto_headers=skipped) as answer:
        assert answer.status == expected
        job = await answer.json()
    if expected == 202:
        scope = await whole_analyses.scope_of(api.web.db, UUID(job["job_id"]))
        assert scope == Scope(kind=AnalysisKind.FULL)
        state = (await api(f"/analysis/{job['job_id']}/status", role=Role.ADMIN)).body
        assert (state["step"], state["step_name"]) == ("", "Waiting for a worker")
    else:
        assert job["status"] == expected


def test_every_step_has_a_name_for_people() -> None:
    for step in ("", WAITING, *Step, DONE):
        assert step_name(step) != step
    assert step_name("a_later_step") == "A later step"
