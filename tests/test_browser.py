"""The pages in a browser, after an analysis."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from bot.db import access
from bot.db.audit import COMMAND_LINE
from bot.db.tables import Analysis
from tests.jobs.samples import HARMLESS, TANGLED, UNSAFE
from tests.looking import chromium, looked_at, watched
from tests.repository import Repository
from tests.servers import Valkey
from tests.stack import Stack, running_stack
from tests.tokens import HOUR


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def test_the_pages_after_an_analysis(
    repository: Repository, tmp_path: Path, valkey: Valkey, browser: Browser
) -> None:
    head = proposed(repository)
    complaints: list[str] = []
    async with running_stack(repository.path, tmp_path, valkey) as stack:
        await stack.check_run(head)
        row = await stack.finished(head)
        page = await watched(browser, complaints)

        await page.goto(stack.settings.public_url)
        await expect(page.get_by_role("heading", name="Repositories")).to_be_visible()
        await page.screenshot(path=tmp_path / "index.png")
        await page.get_by_role("link", name="local/project", exact=True).click()
        await page.get_by_role("link", name="Analyses", exact=True).click()
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


async def sign_in(stack: Stack, page: Page, login: str) -> None:
    """Sign in on the page of the stand-in."""
    await page.goto(stack.settings.public_url)
    await page.get_by_role("link", name="Sign in", exact=True).click()
    await page.get_by_role("link", name=login).first.click()
    await expect(page.get_by_role("link", name=login, exact=True)).to_be_visible()


async def become_admin(stack: Stack, login: str) -> None:
    """Make a user who has signed in an admin, as `gitinsight token create --role admin` does."""
    user = await access.get_or_create_user(stack.db, login, "admin")
    assert user.github_id is not None
    await access.issue_token(stack.db, user, access.ACCESS, "admin", HOUR, COMMAND_LINE)


def proposed(repository: Repository) -> str:
    """Commit a branch that gets remarks; returns its head."""
    repository.commit("first", {"app/core.py": HARMLESS})
    repository.branch("topic")
    return repository.commit("Settle the orders", {"app/core.py": TANGLED, "app/shell.py": UNSAFE})


async def expect_message(page: Page, sentence: str) -> None:
    await expect(page.get_by_role("status").filter(has_text=sentence)).to_be_visible()


async def test_a_maintainer_filters_watches_and_changes(
    repository: Repository, tmp_path: Path, valkey: Valkey, browser: Browser
) -> None:
    head = proposed(repository)
    complaints: list[str] = []
    async with running_stack(repository.path, tmp_path, valkey, public_pages=False) as stack:
        await stack.finished(head)
        for worker in stack.workers:
            stack.kill_worker(worker)
        page = await watched(browser, complaints)
        await sign_in(stack, page, "maintainer")
        await page.get_by_role("link", name="local/project", exact=True).click()
        await page.wait_for_url("**/repositories/*")
        place = page.url

        await page.get_by_role("link", name="Insights", exact=True).click()
        await page.get_by_label("Type").select_option("security")
        await page.get_by_role("button", name="Filter").click()
        await expect(page.locator("article.insight").first).to_contain_text("security/")
        assert "type=security" in page.url

        await page.get_by_role("link", name="Settings").click()
        await page.get_by_label("Analyze every push and pull request").uncheck()
        await page.get_by_role("button", name="Save").click()
        await expect_message(page, "Saved.")
        await expect(page.get_by_label("Analyze every push and pull request")).not_to_be_checked()

        # No worker runs: the test itself writes the progress.
        await page.get_by_role("button", name="Analyze now").click()
        bar = page.get_by_role("progressbar")
        await expect(bar).to_have_attribute("aria-valuenow", "0")
        running = {"status": "in_progress", "step": "analyze", "progress": 0.5}
        await change_full(stack, **running)
        await expect(bar).to_have_attribute("aria-valuenow", "50")
        await expect(page.get_by_role("status")).to_have_text("Analyzing")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("in progress")
        wrong = await looked_at(page, "running")
        await change_full(stack, status="completed", step="done", progress=1.0, conclusion="success")
        await expect(bar).to_have_count(0)
        await expect(page.get_by_role("heading", level=1)).to_contain_text("success")
        assert page.url.endswith(str(await full_id(stack)))

        await page.goto(place)
        await focus_by_keyboard(page, "Explore: New insights by week")
        await page.keyboard.press("Enter")
        await expect(page.locator(".drawn .main-svg").first).to_be_visible()
        wrong += await looked_at(page, "explored")
        buttons = page.locator(".drawn .modebar-btn")
        titles = [await button.get_attribute("data-title") or "" for button in await buttons.all()]
        assert "Download plot as a PNG" in titles
        assert not [title for title in titles if "Share" in title or "loud" in title], "nothing is sent to others"
        async with page.expect_download() as saved:
            await buttons.first.click()
        assert (await saved.value).suggested_filename == "gitinsight.png"
        await page.goto(f"{place}/settings")
        await focus_by_keyboard(page, "Save")
        assert wrong == []
    assert complaints == []


async def full_id(stack: Stack) -> object:
    return next(row.id for row in await stack.analyses() if row.subject == "full")


async def change_full(stack: Stack, **values: object) -> None:
    """Change the whole-repository analysis, as a worker would."""
    async with stack.db.writing() as session:
        await session.execute(update(Analysis).where(Analysis.subject == "full").values(**values))


async def focus_by_keyboard(page: Page, name: str) -> None:
    """Press Tab from the top of the page until the control with this name has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        focused = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
        if (await page.evaluate(focused)).strip() == name:
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard")


@pytest.mark.timeout(400)  # dozens of pages; 175 s on a busy machine
async def test_every_page_is_accessible(
    repository: Repository, tmp_path: Path, valkey: Valkey, browser: Browser
) -> None:
    head = proposed(repository)
    complaints: list[str] = []
    async with running_stack(repository.path, tmp_path, valkey, public_pages=False) as stack:
        row = await stack.finished(head)
        page = await watched(browser, complaints)
        await sign_in(stack, page, "maintainer")
        await become_admin(stack, "maintainer")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()  # or `goto` cuts it off
        await sign_in(stack, page, "maintainer")
        place = f"/repositories/{row.repository_id}"
        paths = {
            "repositories": "/",
            "repository": place,
            "insights": f"{place}/insights",
            "pull-requests": f"{place}/pull-requests",
            "analyses": f"{place}/analyses",
            "analysis": f"{place}/analyses/{row.id}",
            "insight": f"/insights/{(await stack.insights(head))[0].id}",
            "history": f"{place}/history",
            "pull-request": f"{place}/pull-requests/{row.pull_number}",
            "file": f"{place}/files?path=app/core.py",
            "settings": f"{place}/settings",
            "notifications": f"{place}/notifications",
            "account": "/account",
            "api-docs": "/api/v1/docs",
            "docs": "/docs",
            "doc": "/docs/configuration",
            "admin": "/admin",
            "admin-users": "/admin/users",
            "admin-deliveries": "/admin/deliveries",
            "admin-jobs": "/admin/jobs",
            "admin-audit": "/admin/audit",
        }
        wrong: list[str] = []
        for name, path in paths.items():
            answer = await page.goto(stack.settings.public_url + path)
            assert answer is not None and answer.status == 200, path
            wrong += await looked_at(page, name)
            dark = "getComputedStyle(document.body).backgroundColor"
            await page.emulate_media(color_scheme="dark")
            assert await page.evaluate(dark) == "rgb(13, 17, 23)"
            await page.emulate_media(color_scheme="light")
        await page.goto(f"{stack.settings.public_url}/account")
        await page.get_by_role("button", name="Create", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("not shown again")
        wrong += await looked_at(page, "new-tokens")
        assert wrong == []
    assert complaints == []
