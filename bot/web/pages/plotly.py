"""Plotly's basic bundle, which draws the charts to be explored. `make vendor PLOTLY=VERSION` replaces the file."""

from aiohttp import web

from bot.web.vendored import Vendored

# https://github.com/plotly/plotly.js (the npm package of its basic bundle), MIT: bars, pies and scatter plots.
PACKAGE = "plotly.js-basic-dist-min"
VERSION = "4.1.1"
SHA256 = "99784e3abfb07b142a15e521a439e6d9addceadb3f79553fd24c72774f0649ba"

SCRIPT = Vendored(name="plotly-basic.min.js", version=VERSION, sha256=SHA256)
ADDRESS = SCRIPT.address


def setup(app: web.Application) -> None:
    """Add the route."""
    app.add_routes([SCRIPT.route()])
