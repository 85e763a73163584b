"""What `/setup` says where there is a GitHub App: that nothing is left to do there, and where GitHub lists the App."""

from aiohttp import web

from bot.web.pages.frame import page, visitor

_GITHUB_URL = web.AppKey("github_url", str)


def setup(app: web.Application, github_url: str) -> None:
    """Add the routes."""
    app[_GITHUB_URL] = github_url
    app.router.add_get("/setup", configured)
    app.router.add_get("/setup/callback", back)


@page("setup_said.html")
async def configured(request: web.Request) -> dict[str, object]:
    """The same for everybody; credentials are neither shown nor taken."""
    await visitor(request)
    return {
        "sentence": "GitInsight has its GitHub App already; nothing is changed here.",
        "apps": f"{request.app[_GITHUB_URL]}/settings/apps",
    }


async def back(request: web.Request) -> web.StreamResponse:
    """A reload of the page that ended the setup: away from the address with the spent code."""
    raise web.HTTPSeeOther("/setup")
