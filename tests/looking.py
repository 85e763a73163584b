"""Checks pages in a browser: console errors, failed requests, axe-core, width on a phone, screenshots.

SCREENSHOTS is the folder for screenshots; `.ci/run` sets it.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

# axe-core (MPL-2.0) is part of a development dependency. Our repository and our wheel do not contain it.
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
NARROW = 375


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The Chromium of this machine."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        await started.close()


async def watched(browser: Browser, complaints: list[str]) -> Page:
    """Open a page. Its errors are added to the list, including violations of the Content-Security-Policy."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} {message.location['url']}") if message.type == "error" else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    # The page closes an event stream after its last event. This is no failure.
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
    """Return the serious and critical violations that axe-core finds."""
    await page.evaluate(AXE)
    result: dict[str, Any] = await page.evaluate("axe.run()")
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in result["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


async def looked_at(page: Page, name: str) -> list[str]:
    """Return the problems of a page in the light and the dark color scheme and on a phone. Saves screenshots."""
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
    """Save a screenshot in the folder SCREENSHOTS, if it is set."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
