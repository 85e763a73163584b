"""What people see, in a real browser, after a real analysis."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.jobs.samples import HARMLESS, TANGLED, UNSAFE
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import running_stack


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, of this machine."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        await started.close()


async def watched(browser: Browser, complaints: list[str]) -> Page:
    """A page whose complaints are kept."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} {message.location['url']}") if message.type == "error" else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url} failed"))
    return page


async def test_the_pages_after_an_analysis(
    repository: Repository, tmp_path: Path, valkey: Valkey, browser: Browser
) -> None:
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    head = repository.commit("Settle the orders", {"app/core.py": TANGLED, "app/shell.py": UNSAFE})
    complaints: list[str] = []
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        await stack.check_run(head)
        row = await stack.finished(head)
        page = await watched(browser, complaints)

        await page.goto(stack.settings.public_url)
        await expect(page.get_by_role("heading", name="Repositories")).to_be_visible()
        await page.screenshot(path=tmp_path / "index.png")
        await page.get_by_role("link", name="local/project").click()
        await page.get_by_role("link", name=f"Pull request #{row.pull_number}").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("neutral")
        await expect(page.get_by_role("heading", name="Remarks")).to_be_visible()
        await expect(page.locator("article.insight", has_text="app/shell.py").first).to_be_visible()
        await expect(page.locator("article.insight code", has_text="settle").first).to_be_visible()
        await page.screenshot(path=tmp_path / "analysis.png", full_page=True)
        await page.set_viewport_size({"width": 390, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await page.screenshot(path=tmp_path / "analysis-narrow.png", full_page=True)
        await page.set_viewport_size({"width": 1280, "height": 900})

        await page.goto(stack.github.url)
        await page.get_by_role("link", name="Settle the orders").click()
        conversation = page.get_by_label("Conversation")
        await expect(conversation).to_contain_text("gitinsight")
        await expect(conversation.locator("code", has_text="settle").first).to_be_visible()
        await expect(page.get_by_text("GitInsight", exact=True).first).to_be_visible()
        await expect(page.locator(".diff", has_text="Confidence").first).to_be_visible()
        await page.screenshot(path=tmp_path / "pull-request.png", full_page=True)
    assert complaints == []
