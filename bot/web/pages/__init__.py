"""The pages: rendered on the server, without a build step, and usable without scripts.

The pages of a public repository are public, like its check runs. The pages of a private repository are shown to people
who may see it on GitHub.
"""

from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot import __version__
from bot.web.pages import (
    account,
    admin,
    admin_status,
    analysis,
    api_docs,
    charts,
    configured,
    docs,
    file,
    history,
    home,
    insight,
    insights,
    notifications,
    plotly,
    progress,
    pull,
    repositories,
    repository_settings,
    swagger_ui,
    unknown,
)
from bot.web.pages.access import PUBLIC
from bot.web.pages.filters import FILTERS
from bot.web.pages.on_github import GitHubPages

_HERE = Path(__file__).parents[1]


def setup(app: web.Application, *, public: bool, github: GitHubPages) -> None:
    """Add the routes and the templates. public: whether visitors who are not signed in see private repositories."""
    app[PUBLIC] = public
    environment = aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True)
    environment.filters |= FILTERS | {"linked": github.markdown, "shas": github.shas}
    environment.globals |= {"version": __version__, "github": github}
    app.middlewares.append(unknown.in_the_frame)
    app.router.add_static("/static", _HERE / "static")
    for part in (
        home,
        repositories,
        history,
        charts,
        file,
        analysis,
        insight,
        insights,
        pull,
        progress,
        repository_settings,
        notifications,
        account,
        admin,
        admin_status,
        plotly,
        swagger_ui,
        api_docs,
        docs,
    ):
        part.setup(app)
    configured.setup(app, github.url)
