"""Swagger UI, which lets a visitor try the calls of the API. `make vendor SWAGGER=VERSION` replaces its files.

Why this one: docs/pages.md. Our policy forbids the icons of its style sheet; `static/api.css` replaces them.
"""

from aiohttp import web

from bot.web.vendored import Vendored

# https://github.com/swagger-api/swagger-ui, Apache-2.0; its licence file also has the licences that the bundle names.
PACKAGE = "swagger-ui-dist"
VERSION = "5.35.0"
SCRIPT_SHA256 = "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2"
STYLE_SHA256 = "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d"

SCRIPT = Vendored(name="swagger-ui.js", version=VERSION, sha256=SCRIPT_SHA256)
STYLE = Vendored(name="swagger-ui.css", version=VERSION, sha256=STYLE_SHA256, content_type="text/css")


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.add_routes([SCRIPT.route(), STYLE.route()])
