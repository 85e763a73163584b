"""Looking at pages as a person does: Debian's chromium, what it complains about, axe-core, screenshots.

SCREENSHOTS names a folder to keep them in; `.ci/run` sets it.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

# axe-core (MPL-2.0) comes inside of a development dependency; nothing of it is in our repository or wheel.
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
NARROW = 375


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Chromium, of this machine."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        await started.close()


async def watched(browser: Browser, complaints: list[str]) -> Page:
    """A page whose complaints are kept; a violation of the policy is one of them."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} {message.location['url']}") if message.type == "error" else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    # The page itself closes a stream when it has heard the end: that is no failure.
    page.on(
        "requestfailed",
        lambda request: (
            complaints.append(f"{request.url} failed: {request.failure}")
            if request.resource_type != "eventsource" or request.failure != "net::ERR_ABORTED"
            else None
        ),
    )
    return page


async def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical."""
    await page.evaluate(AXE)
    found: dict[str, Any] = await page.evaluate("axe.run()")
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


async def looked_at(page: Page, name: str) -> list[str]:
    """What is wrong with a page in light, in dark, and on a phone; screenshots are kept where they are wanted."""
    wrong: list[str] = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await shot(page, f"{name}-{scheme}")
        wrong += [f"{name}, {scheme}: {problem}" for problem in await serious(page)]
    size = page.viewport_size
    await page.set_viewport_size({"width": NARROW, "height": 800})
    wide = await page.evaluate("document.documentElement.scrollWidth")
    if wide > NARROW:
        wrong.append(f"{name}: {wide} pixels wide on a phone")
    await shot(page, f"{name}-phone")
    if size is not None:
        await page.set_viewport_size(size)
    await page.emulate_media(color_scheme="light")
    return wrong


async def shot(page: Page, name: str) -> None:
    """Keep a screenshot where SCREENSHOTS says."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
