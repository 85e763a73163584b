"""The documentation: `/docs` lists its pages, `/docs/{name}` is one of them. Everybody may read it."""

import asyncio
from functools import cache

from aiohttp import web
from markupsafe import Markup

from bot.web.health import DATABASE
from bot.web.pages.doc_markdown import Rendered, render, title_of
from bot.web.pages.doc_pages import GROUPS, PAGES, PICTURE, ROOT, DocGroup, DocPage
from bot.web.pages.filters import markdown
from bot.web.pages.frame import page, visitor


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/docs", index)
    app.router.add_get("/docs/picture", picture)
    app.router.add_get("/docs/{name}", doc)


@page("docs.html")
async def index(request: web.Request) -> dict[str, object]:
    """All pages by purpose, in the order of reading."""
    await _see_visitor(request)
    return {"groups": await asyncio.to_thread(_listed), "has_api": DATABASE in request.app}


@page("doc.html")
async def doc(request: web.Request) -> dict[str, object]:
    """One page."""
    await _see_visitor(request)
    found = PAGES.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    pages = list(PAGES.values())
    after = pages[pages.index(found) + 1 : pages.index(found) + 2]
    return {
        "doc": await asyncio.to_thread(_rendered, found),
        "next": after[0] if after else None,
        "next_title": await asyncio.to_thread(_title, after[0]) if after else "",
    }


async def picture(_request: web.Request) -> web.StreamResponse:
    """The picture of the first page."""
    return web.FileResponse(ROOT / PICTURE, headers={"Cache-Control": "public, max-age=3600"})


async def _see_visitor(request: web.Request) -> None:
    """Show who is signed in. An instance without a GitHub App has no database, and nobody signs in."""
    if DATABASE in request.app:
        await visitor(request)


def _listed() -> list[tuple[DocGroup, list[tuple[DocPage, Markup, Markup]]]]:
    """The groups, each with its pages, their titles and what they are about."""
    return [(group, [(one, _title(one), markdown(one.about)) for one in group.pages]) for group in GROUPS]


@cache
def _title(one: DocPage) -> Markup:
    return title_of(_read(one))


@cache
def _rendered(one: DocPage) -> Rendered:
    """A page, read and rendered once."""
    return render(_read(one), one.file)


def _read(one: DocPage) -> str:
    return (ROOT / one.file).read_text(encoding="utf-8")
