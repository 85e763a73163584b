"""The documentation in the app: all pages are listed, their links lead to places that exist, everybody may read it."""

import re
from pathlib import Path

import pytest

from bot.analysis.registry import ANALYZERS
from bot.web.pages.doc_markdown import Rendered, render, title_of
from bot.web.pages.doc_pages import BY_FILE, PAGES, explained
from tests.web.conftest import Web
from tests.web.visiting import get

ROOT = Path(__file__).parents[2]
NOT_SERVED = {"CODE_OF_CONDUCT.md"}


@pytest.fixture(scope="module")
def rendered() -> dict[str, Rendered]:
    return {name: render((ROOT / page.file).read_text(), page.file) for name, page in PAGES.items()}


def test_every_page_is_listed_once() -> None:
    files = {str(file.relative_to(ROOT)) for file in (*ROOT.glob("[A-Z]*.md"), *(ROOT / "docs").glob("*.md"))}
    assert set(BY_FILE) == files - NOT_SERVED
    assert len(PAGES) == len(BY_FILE)


def test_every_link_leads_to_a_page_and_a_heading_that_exist(rendered: dict[str, Rendered]) -> None:
    places = {"/docs", "/docs/picture", "/schema/gitinsight.json"}
    for name, page in rendered.items():
        places |= {f"/docs/{name}", *(f"/docs/{name}#{anchor}" for anchor in re.findall(r' id="([^"]+)"', page.html))}
    links = {
        (name, link) for name, page in rendered.items() for link in re.findall(r'(?:href|src)="([^"]*)"', page.html)
    }
    inside = {(name, f"/docs/{name}{link}" if link.startswith("#") else link) for name, link in links}
    wrong = {(name, link) for name, link in inside if not link.startswith("https://") and link not in places}
    assert wrong == set()
    assert len(inside) > 100
    anchors = [f"/docs/{name}#{one.anchor}" for name, page in rendered.items() for one in page.contents]
    assert set(anchors) <= places


@pytest.mark.parametrize("rule", ["security/secret", "security/S602", "security/unpinned-uses", "security/failed",
                                  "repository/pattern/topic", "repository/recommendation/x", "history/relanded",
                                  "collision/companion", "similarity/open-issue", "unheard/of",
                                  *(f"{one.name}/x" for one in ANALYZERS)])  # fmt: skip
def test_every_rule_is_explained_at_a_place_that_exists(rule: str, rendered: dict[str, Rendered]) -> None:
    name, _, anchor = explained(rule).removeprefix("/docs/").partition("#")
    assert not anchor or f' id="{anchor}"' in rendered[name].html
    assert rendered[name].title


def test_the_links_of_the_pages_lead_to_headings_that_exist(rendered: dict[str, Rendered]) -> None:
    """No page names a place of the documentation that is not there."""
    templates = (ROOT / "bot/web/templates").glob("*.html")
    links = {link for file in templates for link in re.findall(r'href="/docs/([^"{]+)"', file.read_text())}
    assert len(links) > 10
    for link in links:
        name, _, anchor = link.partition("#")
        assert name in rendered and (not anchor or f' id="{anchor}"' in rendered[name].html), link


def test_a_rule_leads_to_its_own_page() -> None:
    assert explained("security/S602") == "/docs/analyzers"
    assert explained("security/unpinned-uses") == "/docs/workflows"
    assert explained("history/undone-fix") == "/docs/past#undone-fix"
    assert explained("twins/left-behind") == "/docs/left-behind#twinsleft-behind"


def test_links_lead_to_what_the_app_serves() -> None:
    text = (
        "# A `b` <c>\n\n[risk.md](risk.md#in-the-app) [units](../deploy/systemd) "
        "[schema](../bot/web/gitinsight.schema.json) [out](https://example.org/a.md) "
        "[here](#top) [docs/local.md](../docs/local.md) <script>alert(1)</script>"
        "\n\n![Picture](pull-request.png)"
    )
    page = render(text, "docs/x.md")
    assert page.title == title_of(text) == "A <code>b</code> &lt;c&gt;"
    assert page.plain_title == "A b <c>"
    assert page.html == (
        '<p><a href="/docs/risk#in-the-app">risk</a> units <a href="/schema/gitinsight.json">schema</a>'
        ' <a href="https://example.org/a.md">out</a> <a href="#top">here</a> <a href="/docs/local">local</a>'
        ' &lt;script&gt;alert(1)&lt;/script&gt;</p>\n<p><img src="/docs/picture" alt="Picture" /></p>\n'
    )


def test_headings_have_githubs_anchors_and_tables_a_region() -> None:
    row = "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n\n"
    page = render(f"# T\n\n## `a.b`: What?\n\n## A b\n\n## A b\n\n{row}{row}```sh\nx <y>\n```\n", "docs/x.md")
    assert [heading.anchor for heading in page.contents] == ["ab-what", "a-b", "a-b-1"]
    assert re.findall(r'aria-label="([^"]+)"', page.html) == ["A b, as a table", "A b, table 2"]
    assert '<table class="stacked">' in page.html and '<td data-name="b">2</td>' in page.html
    assert '<pre tabindex="0"><code>x &lt;y&gt;\n</code></pre>' in page.html


async def test_everybody_may_read_it(web: Web) -> None:
    listed = await get(web, "/docs")
    assert listed.status == 200
    assert all(f'href="{page.address}"' in listed.text for page in PAGES.values())
    shown = await get(web, "/docs/local")
    assert (
        shown.status == 200
        and "gitinsight up --demo" in shown.text
        and "script" not in shown.headers["Content-Security-Policy"]
    )
    picture = await get_bytes(web, "/docs/picture")
    assert picture.startswith(b"\x89PNG")
    for unknown in ("/docs/nothing", "/docs/..%2fREADME", "/docs/README.md"):
        assert (await get(web, unknown)).status == 404


async def get_bytes(web: Web, path: str) -> bytes:
    async with web.client.get(path) as answer:
        assert answer.status == 200 and answer.content_type == "image/png"
        return await answer.read()
