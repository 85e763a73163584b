"""`/setup` of an instance that has a GitHub App: a message, and a link to the App's settings on GitHub."""

from aiohttp import web

from bot.web.pages.frame import page, visitor

_GITHUB_URL = web.AppKey("github_url", str)


def setup(app: web.Application, github_url: str) -> None:
    """Add the routes."""
    app[_GITHUB_URL] = github_url
    app.router.add_get("/setup", configured)
    app.router.add_get("/setup/callback", back)


@page("setup_message.html")
async def configured(request: web.Request) -> dict[str, object]:
    """The message. It is the same for every visitor, and shows no credentials."""
    await visitor(request)
    return {
        "sentence": "GitInsight already has a GitHub App. There is nothing to set up.",
        "apps": f"{request.app[_GITHUB_URL]}/settings/apps",
    }


async def back(request: web.Request) -> web.StreamResponse:
    """Handle a reload of the last page of the setup: redirect to an address without the used code."""
    raise web.HTTPSeeOther("/setup")
