"""In a browser: a maintainer dismisses an insight and undoes that; a call of the API is tried."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.jobs.samples import HARMLESS
from tests.looking import chromium, looked_at, serious, shot, watched
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import running_stack
from tests.test_browser import expect_message, proposed, sign_in


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def test_an_insight_is_dismissed_and_restored(
    repository: Repository, tmp_path: Path, valkey: Valkey, browser: Browser
) -> None:
    head = proposed(repository)
    complaints: list[str] = []
    async with running_stack(repository.path, tmp_path, valkey, public_pages=False) as stack:
        row = await stack.finished(head)
        page = await watched(browser, complaints)
        await sign_in(stack, page, "maintainer")

        await page.goto(f"{stack.settings.public_url}/repositories/{row.repository_id}/insights?type=security")
        cards = page.locator("article.insight")
        before = await cards.count()
        await cards.first.get_by_role("heading").get_by_role("link").click()
        await page.get_by_label("It is by design").check()
        await page.get_by_label("Note").fill("Only we call it.")
        await page.get_by_role("button", name="Dismiss").click()
        await expect_message(page, "Dismissed.")
        await expect(page.get_by_text("Only we call it.")).to_be_visible()
        wrong = await looked_at(page, "dismissed")
        insight = page.url.partition("?")[0]
        await page.goto(f"{stack.settings.public_url}/repositories/{row.repository_id}/insights?type=security")
        await expect(cards).to_have_count(before - 1)
        await page.get_by_label("Dismissed").select_option("only these")
        await page.get_by_role("button", name="Filter").click()
        await expect(cards).to_have_count(1)
        await page.goto(insight)
        await page.get_by_role("button", name="Undo").click()
        await expect_message(page, "The dismissal was undone.")
        assert wrong == []
    assert complaints == []


async def test_a_call_is_tried_with_the_session(
    repository: Repository, tmp_path: Path, valkey: Valkey, browser: Browser
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    complaints: list[str] = []
    async with running_stack(repository.path, tmp_path, valkey, public_pages=False, workers=0) as stack:
        page = await watched(browser, complaints)
        await sign_in(stack, page, "maintainer")
        await page.goto(f"{stack.settings.public_url}/api/v1/docs")
        call = page.locator("#operations-repositories-list_repositories")
        await call.locator(".opblock-summary-control").click(timeout=60_000)
        execute = call.get_by_role("button", name="Execute")
        await execute.click(timeout=60_000)
        status = call.locator(".live-responses-table tbody .response-col_status").first
        await expect(status).to_contain_text("401", timeout=30_000)
        await page.get_by_role("button", name="Use my session").click()
        await expect_message(page, "with your permissions for 15 minutes")
        await execute.click(timeout=60_000)
        await expect(status).to_contain_text("200", timeout=30_000)
        await expect(call.locator(".live-responses-table")).to_contain_text("local/project")
        await shot(page, "api-docs-call")
        assert await serious(page) == []
    assert [one for one in complaints if "401" not in one] == []
